package simulator

import (
	"time"

	"weir/internal/deque"
	"weir/limits"
)

// item is a record in a lane or in a shard: one of the trace's by its number, or a row on the output stream.
type item struct {
	id    int32
	size  int32
	tries int32
	at    time.Duration // when it came to the lane, then when it was stored
}

// flushID is that of the record that closes the last windows.
const flushID = -1

// shard is one shard: what waits for it, its limits, and what it holds.
type shard struct {
	index int

	lane      deque.Deque[item]
	bytes     int
	busy      bool
	notBefore time.Duration
	share     int
	barren    int

	writeRecords, writeBytes, largeBytes, reads, readBytes *limits.Bucket
	others                                                 *limits.OtherReaders // nil where there are none

	// log is what is stored. Of packed records, ends are where the Kinesis records end, and sizes how large they are.
	log         []item
	ends, sizes []int32

	// stored counts what it has taken in.
	stored stored
	// throttled counts the records that it refused, readsThrottled the reads.
	throttled, readsThrottled int64
}

// newShard makes a shard that so many others read, too.
func newShard(index, others int) *shard {
	perSecond := func(n float64) *limits.Bucket { return limits.NewBucket(n, n) }
	return &shard{
		index: index, share: limits.PutRecordsRecords, others: limits.NewOtherReaders(others, 0),
		writeRecords: perSecond(limits.ShardWriteRecordsPerSecond), writeBytes: perSecond(limits.ShardWriteBytesPerSecond),
		largeBytes: limits.NewBucket(limits.ShardWriteBytesPerSecond, limits.LargestRecordBytes),
		reads:      perSecond(limits.ShardReadsPerSecond), readBytes: perSecond(limits.ShardReadBytesPerSecond),
	}
}

// write takes a Kinesis record of that many bytes, or nothing: the rule of the embedded AWS (internal/localaws/kinesis).
func (s *shard) write(now time.Duration, bytes int) bool {
	s.others.Poll(now, s.reads, s.readBytes)
	if !s.takes(now, bytes) {
		s.throttled++
		return false
	}
	s.others.Wrote(bytes)
	return true
}

func (s *shard) takes(now time.Duration, bytes int) bool {
	if bytes > limits.RecordBytes {
		if s.largeBytes.Level(now) < float64(bytes) || !s.writeRecords.Take(now, 1) {
			return false
		}
		s.writeBytes.Spend(now, max(0, s.writeBytes.Level(now)))
		return s.largeBytes.Take(now, float64(bytes))
	}
	if s.writeBytes.Level(now) < float64(bytes) {
		return false
	}
	return s.writeRecords.Take(now, 1) && s.writeBytes.Take(now, float64(bytes))
}

// read takes one call, and spend what it gave, as there.
func (s *shard) read(now time.Duration) bool {
	s.others.Poll(now, s.reads, s.readBytes)
	if s.readBytes.Level(now) >= 1 && s.reads.Take(now, 1) {
		return true
	}
	s.readsThrottled++
	return false
}

func (s *shard) spend(now time.Duration, bytes int) {
	cost := float64(bytes)
	if bytes > limits.ShardReadBytesPerSecond {
		cost += s.readBytes.Level(now)
	}
	s.readBytes.Spend(now, cost)
}
