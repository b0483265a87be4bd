package replay

import (
	"sort"
	"time"

	"weir/limits"
	"weir/record"
)

// Peak is the most that comes in one second of the replay, seconds being counted from its start.
type Peak struct {
	Records int64
	// Bytes are data and partition keys, as AWS counts them.
	Bytes int64
	// RecordsAt and BytesAt are the starts of the seconds with the most records and the most bytes.
	RecordsAt, BytesAt time.Duration
}

// ShardPeak is the most that comes to one shard in one second of the replay.
type ShardPeak struct {
	Peak
	Total int64 // records over the whole replay
	// OverRecords and OverBytes count the seconds in which more comes than a shard takes.
	OverRecords, OverBytes int64
}

// load is what comes in one second.
type load struct{ records, bytes int64 }

// peaks follows a replay second by second. Due times must not fall.
type peaks struct {
	starts  []record.HashKey // of the shards
	second  time.Duration
	total   load
	shard   []load
	busy    []int // shards with a load in this second
	overall Peak
	shards  []ShardPeak
}

func newPeaks(shards int) *peaks {
	return &peaks{starts: record.EvenSplit(shards), shard: make([]load, shards), shards: make([]ShardPeak, shards)}
}

func (p *peaks) shardOf(partitionKey string) int {
	h := record.HashOf(partitionKey)
	return sort.Search(len(p.starts), func(i int) bool { return p.starts[i].Compare(h) > 0 }) - 1
}

func (p *peaks) add(r *record.Record) {
	if second := r.Due.Truncate(time.Second); second != p.second {
		p.settle()
		p.second = second
	}
	bytes := int64(r.Size())
	p.total.records++
	p.total.bytes += bytes
	shard := p.shardOf(r.PartitionKey)
	l := &p.shard[shard]
	if l.records == 0 {
		p.busy = append(p.busy, shard)
	}
	l.records++
	l.bytes += bytes
}

// settle ends a second.
func (p *peaks) settle() {
	p.overall.raise(p.total, p.second)
	p.total = load{}
	for _, i := range p.busy {
		p.shards[i].settle(p.shard[i], p.second)
		p.shard[i] = load{}
	}
	p.busy = p.busy[:0]
}

func (s *ShardPeak) settle(l load, second time.Duration) {
	s.raise(l, second)
	s.Total += l.records
	if l.records > limits.ShardWriteRecordsPerSecond {
		s.OverRecords++
	}
	if l.bytes > limits.ShardWriteBytesPerSecond {
		s.OverBytes++
	}
}

func (p *Peak) raise(l load, second time.Duration) {
	if l.records > p.Records {
		p.Records, p.RecordsAt = l.records, second
	}
	if l.bytes > p.Bytes {
		p.Bytes, p.BytesAt = l.bytes, second
	}
}
