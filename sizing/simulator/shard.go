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
	// byRecords and byBytes count the Kinesis records that it refused by either limit, readsThrottled the reads.
	byRecords, byBytes, readsThrottled int64
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
		return false
	}
	s.others.Wrote(bytes)
	return true
}

// refused is how many records the shard has refused by the limit that a kind is.
func (s *shard) refused(kind Kind) int64 {
	if kind == InputRecords || kind == KeyRecords || kind == OutputRecords {
		return s.byRecords
	}
	return s.byBytes
}

func (s *shard) takes(now time.Duration, bytes int) bool {
	of := s.writeBytes
	if bytes > limits.RecordBytes {
		of = s.largeBytes
	}
	if of.Level(now) < float64(bytes) {
		s.byBytes++
		return false
	}
	if !s.writeRecords.Take(now, 1) {
		s.byRecords++
		return false
	}
	if of == s.largeBytes {
		s.writeBytes.Spend(now, max(0, s.writeBytes.Level(now)))
	}
	return of.Take(now, float64(bytes))
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
