package limits

import (
	"math"
	"time"
)

// OtherReaderInterval is the time between two reads of a shard by another reader. AWS recommends one read a second, shard and application, and the KCL
// keeps to it (Kinesis Data Streams Developer Guide, "Improve low-latency processing"; idleTimeBetweenReadsInMillis is 1000). Lambda reads each shard once a
// second (Lambda Developer Guide, "Using AWS Lambda with Amazon Kinesis").
const OtherReaderInterval = time.Second

// OtherReaders are consumers that poll a shard beside the one that is looked at, and share the shard's limits of reads with it. The embedded AWS and the
// simulator follow this rule, so that both come to the same figures for the same calls:
//
//   - Each of n readers reads once in [OtherReaderInterval]. Their reads are spread evenly: they come at start + k/n intervals, for k = 1, 2, 3 …, in turn.
//   - A read takes one call of the shard's five a second, and all bytes that the shard took since that reader's last read: nothing is left out, and
//     nothing is read twice. Bytes that are written at the time of a read belong to the next one.
//   - The others come first. At the same instant their read comes before a read of the consumer, and their reads and bytes are taken whether or not they
//     are there: the shard owes them, and the consumer waits until the debt is paid. So the consumer has what the others leave.
//   - A read of another reader is throttled only where the shard owes a call already, which takes more than five of them. It costs nothing then, and
//     the same reader is next in turn.
//   - More than a second's worth of bytes in one read blocks the shard until all of it is paid, as it does for every reader (API reference, GetRecords).
//   - After the end of the shard each of them reads once more, and then no longer.
//
// AWS serves whoever asks first. So a consumer that polls more often than the others can take from them what it takes here from nobody, and they fall
// behind. A shard that holds the load by this rule holds it for all of its readers.
//
// OtherReaders have no clock of their own and are not safe for concurrent use. Nil stands for none.
type OtherReaders struct {
	start   time.Duration
	next    time.Duration // of the next read
	reads   int64         // that were due
	turn    int           // whose read is next
	written int64         // bytes
	read    []int64       // of what was written, by each reader
	left    int           // reads after the end of the shard; below zero while it is open
}

const open = -1

// never is later than every time.
const never = time.Duration(math.MaxInt64)

// NewOtherReaders makes n readers of a shard that is empty at start. None is nil.
func NewOtherReaders(n int, start time.Duration) *OtherReaders {
	if n <= 0 {
		return nil
	}
	o := &OtherReaders{start: start, read: make([]int64, n), left: open}
	o.schedule()
	return o
}

// Wrote notes bytes, of data and partition keys, that the shard took at a time for which [OtherReaders.Poll] was called.
func (o *OtherReaders) Wrote(bytes int) {
	if o != nil {
		o.written += int64(bytes)
	}
}

// Poll carries out what the others read up to a time, that time included. It is called before each write and each read of the shard, with the shard's
// buckets of reads and of bytes read.
func (o *OtherReaders) Poll(now time.Duration, reads, bytes *Bucket) {
	if o == nil {
		return
	}
	for o.next <= now {
		o.poll(o.next, reads, bytes)
		o.reads++
		o.schedule()
	}
}

// End says that the shard takes no more writes.
func (o *OtherReaders) End(now time.Duration, reads, bytes *Bucket) {
	if o == nil {
		return
	}
	o.Poll(now, reads, bytes)
	o.left = len(o.read)
}

// poll is one read.
func (o *OtherReaders) poll(at time.Duration, reads, bytes *Bucket) {
	if reads.Level(at) < 0 {
		return
	}
	reads.Spend(at, 1)
	cost := float64(o.written - o.read[o.turn])
	if cost > ShardReadBytesPerSecond {
		cost += max(0, bytes.Level(at))
	}
	bytes.Spend(at, cost)
	o.read[o.turn] = o.written
	o.turn = (o.turn + 1) % len(o.read)
	if o.left > 0 {
		o.left--
	}
}

// schedule sets the time of the next read.
func (o *OtherReaders) schedule() {
	if o.left == 0 {
		o.next = never
		return
	}
	n := int64(len(o.read))
	k := o.reads + 1
	o.next = o.start + time.Duration(k/n)*OtherReaderInterval + time.Duration(k%n)*OtherReaderInterval/time.Duration(n)
}
