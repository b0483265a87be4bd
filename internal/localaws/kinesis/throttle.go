package kinesis

import (
	"time"

	"weir/limits"
)

// throttle is the limits of one shard ("Quotas and limits", Kinesis Data Streams): 1,000 records and 1 MiB a second written, 5
// GetRecords calls and 2 MiB a second read, by all readers together, 5 GetShardIterator calls a second. At most one second's worth
// of each can be saved up, which AWS does not state and which is a belief of this package.
//
// Records over 1 MiB draw on a burst of their own, of 10 MiB, that fills up by 1 MiB a second ("Handle large records", which does not
// say how fast), and on what the shard has left for others.
type throttle struct {
	// Side by side, for a call meets many shards, and the processor's memory few of them.
	writeRecords, writeBytes, largeBytes, reads, readBytes, iterators limits.Bucket
	// others share reads and readBytes; nil where there are none.
	others *limits.OtherReaders
}

// K3: A shard saves up one second's worth of each of its limits at most (AWS does not say)
func newThrottle() *throttle {
	perSecond := func(n float64) limits.Bucket { return *limits.NewBucket(n, n) }
	return &throttle{
		writeRecords: perSecond(limits.ShardWriteRecordsPerSecond),
		writeBytes:   perSecond(limits.ShardWriteBytesPerSecond),
		largeBytes:   *limits.NewBucket(limits.ShardWriteBytesPerSecond, limits.LargestRecordBytes),
		reads:        perSecond(limits.ShardReadsPerSecond),
		readBytes:    perSecond(limits.ShardReadBytesPerSecond),
		iterators:    perSecond(limits.ShardIteratorsPerSecond),
	}
}

// write takes a record of that many bytes, data and key, or nothing. The other readers will read what it took.
func (t *throttle) write(now time.Duration, bytes int) bool {
	if t.others == nil {
		return t.take(now, bytes)
	}
	t.others.Poll(now, &t.reads, &t.readBytes)
	taken := t.take(now, bytes)
	if taken {
		t.others.Wrote(bytes)
	}
	return taken
}

// take is write without other readers.
//
// K2: A shard takes 1,000 records and 1 MiB a second, data and partition keys (Developer Guide, "Quotas and limits")
func (t *throttle) take(now time.Duration, bytes int) bool {
	if bytes > limits.RecordBytes {
		return t.writeLarge(now, float64(bytes))
	}
	if t.writeBytes.Level(now) < float64(bytes) {
		return false
	}
	return t.writeRecords.Take(now, 1) && t.writeBytes.Take(now, float64(bytes))
}

// K22: Records over 1 MiB draw on a burst of 10 MiB (Developer Guide, "Handle large records"); it fills up by 1 MiB a second (AWS does not say)
func (t *throttle) writeLarge(now time.Duration, bytes float64) bool {
	if t.largeBytes.Level(now) < bytes || !t.writeRecords.Take(now, 1) {
		return false
	}
	t.writeBytes.Spend(now, max(0, t.writeBytes.Level(now)))
	return t.largeBytes.Take(now, bytes)
}

// read takes one call. What it gives is known only afterwards: see spend.
//
// K5: A shard is read five times, and gives 2 MiB, a second, to all its readers together (Developer Guide, "Quotas and limits")
func (t *throttle) read(now time.Duration) bool {
	t.others.Poll(now, &t.reads, &t.readBytes)
	return t.readBytes.Level(now) >= 1 && t.reads.Take(now, 1)
}

// spend charges what a call gave. More than a second's worth blocks the shard until all of it is paid, saved or not, so that an answer
// of 10 MiB blocks it for five seconds (API reference, GetRecords).
//
// K6: An answer of 10 MiB blocks its shard for the next five seconds (API reference, GetRecords)
func (t *throttle) spend(now time.Duration, bytes int) {
	cost := float64(bytes)
	if bytes > limits.ShardReadBytesPerSecond {
		cost += t.readBytes.Level(now)
	}
	t.readBytes.Spend(now, cost)
}

// end says that the shard is closed, and read to its end by its other readers a moment later.
func (t *throttle) end(now time.Duration) {
	if t != nil {
		t.others.End(now, &t.reads, &t.readBytes)
	}
}
