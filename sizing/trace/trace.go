// Package trace holds a load record by record in a few bytes each, so that it can be gone through again for every configuration that it is tried on:
// what a shard gets in its busiest second, and what a simulation feeds.
package trace

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"weir/generator"
	"weir/record"
	"weir/scenarios"
	"weir/survey"
)

// Record is what a pipeline's behaviour depends on in a record.
type Record struct {
	Due time.Duration
	// Event is the event time in milliseconds since the Unix epoch.
	Event int64
	// Hash is the upper half of the hash key, which decides the shard: shards are split by it, but for one hash key in 2^64.
	Hash uint64
	// Bytes are those that AWS counts: data and partition key.
	Bytes int32
	// Row is the place of the row's key in [Trace.Rows], or [Unreadable].
	Row int32
}

// Unreadable is the Row of a record that the aggregator cannot use.
const Unreadable = -1

// RowKey is what rows are made for: a kind and a key.
type RowKey struct{ Kind, Key string }

// Key is the busiest partition key of a load: the one with the most records, or the most bytes, in one second.
type Key struct {
	Name           string
	Records, Bytes int64
	At             time.Duration
}

// Phase is a stretch of the schedule.
type Phase struct {
	Name       string
	Start, End time.Duration
	// Hold says that the rate stands still.
	Hold bool
}

// Trace is a load.
type Trace struct {
	Records []Record // in the order in which they are due
	Rows    []RowKey
	// Values is set if some records have a value; ValueBytes is how long it is as text, on average.
	Values     bool
	ValueBytes float64
	// Phases are those of the schedule, none of a recording. For is how long it takes.
	Phases []Phase
	For    time.Duration
	// Survey is of a stream of as many shards as the scenario has.
	Survey survey.Load
	// ByRecords and ByBytes are the busiest keys.
	ByRecords, ByBytes Key
}

// Made says that the load is a scenario's own, and no recording: it begins when a run does, and its event times are of then.
func (t *Trace) Made() bool { return len(t.Phases) > 0 }

// MaxRecords bounds a trace, and with it the memory: some 32 bytes a record.
const MaxRecords = 48 << 20

// ErrTooLong is the error of a load with more records than a trace holds.
var ErrTooLong = errors.New("the load is too long to be kept")

// Of goes through the load of a resolved scenario that is made, not recorded.
func Of(s *scenarios.Scenario) (*Trace, error) {
	config, err := s.Generator("size")
	if err != nil {
		return nil, err
	}
	g, err := generator.New(config)
	if err != nil {
		return nil, err
	}
	if g.Records() > MaxRecords {
		return nil, fmt.Errorf("%w: %s, and at most %s fit: give its phases less time", ErrTooLong, survey.Plural(g.Records(), "record"), survey.Thousands(MaxRecords))
	}
	r := NewRecorder(s.Pipeline.Input.Shards)
	r.trace.Records = slices.Grow(r.trace.Records, int(g.Records()))
	if err := r.Drain(g.Stream(Epoch)); err != nil {
		return nil, err
	}
	t := r.Trace()
	t.For = g.Duration()
	for i, span := range g.Phases() {
		t.Phases = append(t.Phases, Phase{Name: span.Name, Start: span.Start, End: span.End, Hold: s.Load.Rate[i].Holds()})
	}
	return t, nil
}

// Epoch is when a load that is made is taken to begin: on the bound of any window that is used.
var Epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Source is a load that is read to its end.
type Source interface {
	// Fill appends the records due before until, at most a bounded number a call; io.EOF when all were handed out.
	Fill(batch *record.Batch, until time.Duration) error
}

// Recorder makes a trace of records that come in the order in which they are due.
type Recorder struct {
	trace  Trace
	survey *survey.Collector
	rows   map[RowKey]int32
	second map[string]Key // what each key has in the second that goes on
	now    time.Duration  // its start
	values struct{ n, bytes int64 }
}

// NewRecorder makes a recorder for a stream of so many shards.
func NewRecorder(shards int) *Recorder {
	return &Recorder{survey: survey.NewCollector(shards), rows: make(map[RowKey]int32), second: make(map[string]Key)}
}

// Drain takes all that a source has.
func (r *Recorder) Drain(source Source) error {
	const ever = time.Duration(1<<63 - 1)
	var batch record.Batch
	for {
		batch.Reset()
		err := source.Fill(&batch, ever)
		if err := r.Add(batch.Records); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("trace: %w", err)
		case len(batch.Records) == 0:
			time.Sleep(time.Millisecond) // it is still being read
		}
	}
}

// Add takes the next records. It keeps none of their memory.
func (r *Recorder) Add(records []record.Record) error {
	if len(r.trace.Records)+len(records) > MaxRecords {
		return fmt.Errorf("%w: it has over %s", ErrTooLong, survey.Plural(MaxRecords, "record"))
	}
	r.survey.Add(records)
	for i := range records {
		in := &records[i]
		r.trace.Records = append(r.trace.Records, Record{
			Due: in.Due, Event: in.Event.Time, Hash: hashOf(in), Bytes: int32(in.Size()), Row: r.row(&in.Event),
		})
		if in.Event.Value != "" {
			r.values.n++
			r.values.bytes += int64(len(in.Event.Value))
		}
		r.count(in)
	}
	return nil
}

// hashOf is where the record falls. An explicit hash key that is none is the writer's to refuse; here its partition key serves.
func hashOf(r *record.Record) uint64 {
	if r.ExplicitHashKey != "" {
		if explicit, err := record.ParseHashKey(r.ExplicitHashKey); err == nil {
			return explicit.Hi
		}
	}
	return record.HashOf(r.PartitionKey).Hi
}

func (r *Recorder) row(e *record.Event) int32 {
	if e.Unreadable {
		return Unreadable
	}
	key := RowKey{e.Kind, e.Key}
	row, known := r.rows[key]
	if !known {
		row = int32(len(r.trace.Rows))
		key = RowKey{strings.Clone(e.Kind), strings.Clone(e.Key)}
		r.rows[key] = row
		r.trace.Rows = append(r.trace.Rows, key)
	}
	return row
}

// count counts the record for its key, in its second.
func (r *Recorder) count(in *record.Record) {
	if now := in.Due.Truncate(time.Second); now != r.now {
		r.settle()
		r.now = now
	}
	k := r.second[in.PartitionKey]
	k.Records++
	k.Bytes += int64(in.Size())
	r.second[in.PartitionKey] = k
}

// settle ends a second. Of keys that are as busy as each other, the first by name counts, so that a trace is the same each time.
func (r *Recorder) settle() {
	for name, k := range r.second {
		k.Name, k.At = name, r.now
		t := &r.trace
		if k.Records > t.ByRecords.Records || k.Records == t.ByRecords.Records && k.At == t.ByRecords.At && name < t.ByRecords.Name {
			k.Name = strings.Clone(name)
			t.ByRecords = k
		}
		if k.Bytes > t.ByBytes.Bytes || k.Bytes == t.ByBytes.Bytes && k.At == t.ByBytes.At && name < t.ByBytes.Name {
			k.Name = strings.Clone(name)
			t.ByBytes = k
		}
	}
	clear(r.second)
}

// Trace is what was taken. Nothing is to be added after it.
func (r *Recorder) Trace() *Trace {
	r.settle()
	t := &r.trace
	t.Survey = r.survey.Load()
	if r.values.n > 0 {
		t.Values, t.ValueBytes = true, float64(r.values.bytes)/float64(r.values.n)
	}
	if n := len(t.Records); n > 0 {
		t.For = t.Records[n-1].Due
	}
	return t
}

// Starts are the upper halves of the hash keys at which the shards of an evenly split stream start.
func Starts(shards int) []uint64 {
	starts := make([]uint64, shards)
	for i, start := range record.EvenSplit(shards) {
		starts[i] = start.Hi
	}
	return starts
}

// ShardOf is the shard that a hash falls into.
func ShardOf(starts []uint64, hash uint64) int {
	return sort.Search(len(starts), func(i int) bool { return starts[i] > hash }) - 1
}

// Peak is the most that comes to one shard of a stream in one second.
type Peak struct {
	Records, Bytes     int64
	RecordsIn, BytesIn int // the shards
	RecordsAt, BytesAt time.Duration
}

// Peak is the most that comes to any shard in one second, of a stream of so many.
func (t *Trace) Peak(shards int) Peak {
	type second struct{ records, bytes int64 }
	var p Peak
	starts, each := Starts(shards), make([]second, shards)
	var now time.Duration
	settle := func() {
		for i := range each {
			if each[i].records > p.Records {
				p.Records, p.RecordsIn, p.RecordsAt = each[i].records, i, now
			}
			if each[i].bytes > p.Bytes {
				p.Bytes, p.BytesIn, p.BytesAt = each[i].bytes, i, now
			}
		}
		clear(each)
	}
	for i := range t.Records {
		r := &t.Records[i]
		if at := r.Due.Truncate(time.Second); at != now {
			settle()
			now = at
		}
		s := &each[ShardOf(starts, r.Hash)]
		s.records++
		s.bytes += int64(r.Bytes)
	}
	settle()
	return p
}
