package replay

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/limits"
	"weir/record"
)

// Survey is what a recording holds and what its replay would ask of a stream.
type Survey struct {
	Source string
	Order  Order
	Pace   Pace
	// Files were begun, Records read, and Bytes is their data.
	Files, Records, Bytes int64
	// Unreadable counts the records that the aggregator cannot use, for a field of theirs has a wrong type or size.
	Unreadable int64
	Skipped    Skipped
	// FirstEvent and LastEvent are the least and the greatest event time, in ms since the Unix epoch.
	FirstEvent, LastEvent int64
	Disorder              Disorder
	// Kinds are the kinds of record, the most frequent first. Beyond 1,000 of them, the later ones are in OtherKinds.
	Kinds      []KindCount
	OtherKinds int64
	// Keys are the ten most frequent partition keys.
	Keys []KeyCount
	// Planned is the due time of the last record; it and the peaks are zero at [Pace.Max], which has no schedule.
	Planned time.Duration
	Peak    Peak
	// Shards has an entry for each shard of a stream that is split evenly.
	Shards []ShardPeak
	// Breaches are the limits of AWS that the replay would break on that stream.
	Breaches []Breach
}

// Disorder is how far a recording's order is from that of its event times.
type Disorder struct {
	// Records came after one with a later event time, the worst of them by Worst.
	Records int64
	Worst   time.Duration
	// Unsorted counts those that sorting comes too late for; see [ByEventTime].
	Unsorted int64
}

// KindCount is a kind and how many records are of it.
type KindCount struct {
	Kind    string
	Records int64
}

// Breach is a limit of AWS that a replay would break.
type Breach struct {
	// Limit names it: "records a second and shard" or "bytes a second and shard".
	Limit   string
	Allowed int64
	// Worst is the most that comes in a second, to the shard with that index, in the second that starts at At.
	Worst int64
	Shard int
	At    time.Duration
	// Shards of the stream break the limit, in Seconds seconds, summed over them.
	Shards  int
	Seconds int64
}

const (
	topKeys  = 10
	maxKinds = 1000
)

// survey collects what the records of a replay are, in the order of the replay.
type survey struct {
	peaks *peaks // nil without a schedule
	keys  *heavy
	kinds map[string]int64
	other int64
	last  time.Duration
}

// TakeSurvey goes through a recording as a replay would, without its timing, and says what it found. It reads to the end, so
// that it takes as long as reading takes, in the memory of a replay. shards is the number of shards of the stream.
func TakeSurvey(ctx context.Context, o Options, shards int) (Survey, error) {
	if shards < 1 {
		return Survey{}, errors.New("a stream has at least one shard")
	}
	source, err := Open(ctx, o)
	if err != nil {
		return Survey{}, err
	}
	defer source.Close()
	stop := context.AfterFunc(ctx, source.end)
	defer stop()
	found := &survey{keys: newHeavy(heavyCounters), kinds: make(map[string]int64)}
	if !o.Pace.Max() {
		found.peaks = newPeaks(shards)
	}
	if err := found.goThrough(source); err != nil {
		return Survey{}, cmp.Or(ctx.Err(), err)
	}
	return found.result(source, &o), nil
}

func (v *survey) goThrough(source *Source) error {
	for _, chunk := range source.ahead {
		v.add(chunk)
	}
	source.ahead = nil
	spare := make([]record.Record, 0, chunkRecords)
	source.sequence.empty = func() []record.Record { return spare[:0] }
	source.sequence.out = func(chunk []record.Record) error {
		v.add(chunk)
		return nil
	}
	for !source.read {
		if err := source.step(); err != nil {
			return err
		}
	}
	if v.peaks != nil {
		v.peaks.settle()
	}
	return nil
}

func (v *survey) add(chunk []record.Record) {
	for i := range chunk {
		r := &chunk[i]
		v.keys.add(r.PartitionKey)
		v.addKind(r.Event.Kind)
		if v.peaks != nil {
			v.peaks.add(r)
		}
	}
	v.last = chunk[len(chunk)-1].Due
}

func (v *survey) addKind(kind string) {
	n, known := v.kinds[kind]
	switch {
	case known:
		v.kinds[kind] = n + 1
	case len(v.kinds) < maxKinds:
		v.kinds[strings.Clone(kind)] = 1
	default:
		v.other++
	}
}

func (v *survey) result(source *Source, o *Options) Survey {
	stats, c := source.Stats(), source.parser.counts
	s := Survey{
		Source: o.Source, Order: cmp.Or(o.Order, ByEventTime), Pace: o.Pace,
		Files: source.lines.files, Records: c.records, Bytes: c.bytes, Unreadable: c.unreadable,
		Skipped: stats.Skipped, FirstEvent: c.first, LastEvent: c.newest,
		Disorder: Disorder{Records: c.behind, Worst: c.worst, Unsorted: stats.Disordered},
		Kinds:    v.sortedKinds(), OtherKinds: v.other, Keys: v.keys.top(topKeys), Planned: v.last,
	}
	if v.peaks != nil {
		s.Peak, s.Shards = v.peaks.overall, v.peaks.shards
		s.Breaches = breaches(s.Shards)
	}
	return s
}

func (v *survey) sortedKinds() []KindCount {
	kinds := make([]KindCount, 0, len(v.kinds))
	for _, kind := range slices.Sorted(maps.Keys(v.kinds)) {
		kinds = append(kinds, KindCount{Kind: kind, Records: v.kinds[kind]})
	}
	slices.SortStableFunc(kinds, func(a, b KindCount) int { return cmp.Compare(b.Records, a.Records) })
	return kinds
}

// breaches finds the limits that some shard breaks.
func breaches(shards []ShardPeak) []Breach {
	records := Breach{Limit: "records a second and shard", Allowed: limits.ShardWriteRecordsPerSecond}
	bytes := Breach{Limit: "bytes a second and shard", Allowed: limits.ShardWriteBytesPerSecond}
	for i := range shards {
		s := &shards[i]
		records.include(i, s.Records, s.RecordsAt, s.OverRecords)
		bytes.include(i, s.Bytes, s.BytesAt, s.OverBytes)
	}
	return slices.DeleteFunc([]Breach{records, bytes}, func(b Breach) bool { return b.Seconds == 0 })
}

func (b *Breach) include(shard int, most int64, at time.Duration, seconds int64) {
	if seconds == 0 {
		return
	}
	b.Shards++
	b.Seconds += seconds
	if most > b.Worst {
		b.Worst, b.Shard, b.At = most, shard, at
	}
}
