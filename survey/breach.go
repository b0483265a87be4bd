package survey

import (
	"slices"
	"time"

	"weir/limits"
)

// Breach is a limit of AWS that a load would break.
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

const recordsLimit = "records a second and shard"

// Pack says that the records go out in KPL aggregates: these are what counts against the limit of records, and of them there are few.
func (l *Load) Pack() {
	l.Breaches = slices.DeleteFunc(l.Breaches, func(b Breach) bool { return b.Limit == recordsLimit })
}

// breaches finds the limits that some shard breaks.
func breaches(shards []ShardPeak) []Breach {
	records := Breach{Limit: recordsLimit, Allowed: limits.ShardWriteRecordsPerSecond}
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
