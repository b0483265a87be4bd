package survey

import (
	"sort"
	"time"

	"weir/limits"
	"weir/record"
)

// Peak is the most that comes in one second, seconds being counted from the start of the schedule.
type Peak struct {
	Records int64
	// Bytes are data and partition keys, as AWS counts them.
	Bytes int64
	// RecordsAt and BytesAt are the starts of the seconds with the most records and the most bytes.
	RecordsAt, BytesAt time.Duration
}

// ShardPeak is the most that comes to one shard in one second.
type ShardPeak struct {
	Peak
	Total int64 // records of the whole load
	// OverRecords and OverBytes count the seconds in which more comes than a shard takes.
	OverRecords, OverBytes int64
}

// second is what comes in one second.
type second struct{ records, bytes int64 }

// peaks follows a load second by second. Due times must not fall.
type peaks struct {
	starts  []record.HashKey // of the shards
	now     time.Duration    // the start of the second
	total   second
	shard   []second
	busy    []int // shards that get something in this second
	overall Peak
	shards  []ShardPeak
}

func newPeaks(shards int) *peaks {
	return &peaks{starts: record.EvenSplit(shards), shard: make([]second, shards), shards: make([]ShardPeak, shards)}
}

// shardOf is where Kinesis puts the record. An explicit hash key that is none is the writer's to refuse; here its partition key serves.
func (p *peaks) shardOf(r *record.Record) int {
	h := record.HashOf(r.PartitionKey)
	if r.ExplicitHashKey != "" {
		if explicit, err := record.ParseHashKey(r.ExplicitHashKey); err == nil {
			h = explicit
		}
	}
	return sort.Search(len(p.starts), func(i int) bool { return p.starts[i].Compare(h) > 0 }) - 1
}

func (p *peaks) add(r *record.Record) {
	if now := r.Due.Truncate(time.Second); now != p.now {
		p.settle()
		p.now = now
	}
	bytes := int64(r.Size())
	p.total.records++
	p.total.bytes += bytes
	shard := p.shardOf(r)
	l := &p.shard[shard]
	if l.records == 0 {
		p.busy = append(p.busy, shard)
	}
	l.records++
	l.bytes += bytes
}

// settle ends a second.
func (p *peaks) settle() {
	p.overall.raise(p.total, p.now)
	p.total = second{}
	for _, i := range p.busy {
		p.shards[i].settle(p.shard[i], p.now)
		p.shard[i] = second{}
	}
	p.busy = p.busy[:0]
}

func (s *ShardPeak) settle(l second, at time.Duration) {
	s.raise(l, at)
	s.Total += l.records
	if l.records > limits.ShardWriteRecordsPerSecond {
		s.OverRecords++
	}
	if l.bytes > limits.ShardWriteBytesPerSecond {
		s.OverBytes++
	}
}

func (p *Peak) raise(l second, at time.Duration) {
	if l.records > p.Records {
		p.Records, p.RecordsAt = l.records, at
	}
	if l.bytes > p.Bytes {
		p.Bytes, p.BytesAt = l.bytes, at
	}
}
