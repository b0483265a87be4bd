// Package record holds the data that flows through weir: the events that are sent, the records that come back from a
// shard, the rows that the aggregator makes of them, and what names and times each of these.
//
// Times that belong to a run (due, sent, acked, …) are durations since the start of the run, taken from one monotonic
// [Clock], so that a step of the wall clock cannot bend a latency. Event times belong to the data: milliseconds since
// the Unix epoch.
package record

import (
	"math/bits"
	"strings"
	"time"
)

// Record is one user event on its way to the input stream.
type Record struct {
	// PartitionKey is 1 to 256 Unicode characters, as PutRecords asks.
	PartitionKey string
	// ExplicitHashKey overrides the key's MD5, where it is set: a decimal number in [0, 2^128).
	ExplicitHashKey string
	// Data is sent byte for byte. It is shared, never written to.
	Data []byte
	// Due is the instant at which the schedule says that the record is to be sent.
	Due time.Duration
	// Event is what the source says that Data holds. The oracle believes it; nobody sends it.
	Event Event
}

// Size is what AWS counts against its limits: data and partition key, in bytes.
func (r *Record) Size() int { return len(r.Data) + len(r.PartitionKey) }

// Batch is a run of records that a source has filled and that is used again for the next one. Only the slice is
// reused: the bytes and strings behind a record are never written to again, so a record can be kept by copying it.
type Batch struct {
	Records []Record
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() { b.Records = b.Records[:0] }

// Event is what the aggregator and the oracle read in a record.
type Event struct {
	// Kind is the record's type, empty where the record has none. Routing goes by it.
	Kind string
	// Key identifies the row's key: the key fields' values joined by [JoinKey].
	Key string
	// Time is the event time in milliseconds since the Unix epoch.
	Time int64
	// Value is the number as it stands in the record, empty where the record has none.
	Value string
	// Unreadable says that the aggregator cannot use the record: it is counted, and adds to no row.
	Unreadable bool
}

// ID names a stored record.
type ID struct {
	Shard string
	// Sequence is its sequence number, see [Stored].
	Sequence string
}

// NoDue is the Due of a stored record that this run did not send, or whose due time is not known.
const NoDue = time.Duration(-1 << 63)

// Stored is a record as a shard holds it.
type Stored struct {
	// Sequence is a decimal number of up to 129 digits without leading zeros; of a record that came in a KPL aggregate, with a slash and its place there
	// behind it. See [CompareSequence].
	Sequence     string
	PartitionKey string
	// ExplicitHashKey is that of a record that came in a KPL aggregate, if its producer gave one. Of others, Kinesis does not tell it.
	ExplicitHashKey string
	Data            []byte
	// Due is joined to the record by its identity when it is read, NoDue where that is impossible.
	Due time.Duration
	// Arrived is when Kinesis took the record, in ms since the Unix epoch.
	Arrived int64
}

// Size is what AWS counts against its limits: data and partition key, in bytes.
func (s *Stored) Size() int { return len(s.Data) + len(s.PartitionKey) }

// Page is one answer of GetRecords.
type Page struct {
	Shard   string
	Records []Stored
	// Asked and At are when the request left and when the answer was there.
	Asked, At time.Duration
	// Behind is MillisBehindLatest: how far the answer is from the tip of its shard, 0 at the tip.
	Behind time.Duration
	// End says that a closed shard was read to its end: no page follows.
	End bool
	// Children are, at the end, the shards that came of it, as far as the answer tells: all are there to be read, and take records.
	Children []Shard
}

// CompareSequence orders two sequence numbers of one shard: by their numbers, and in an aggregate by their places.
func CompareSequence(a, b string) int {
	endA, endB := endOfNumber(a), endOfNumber(b)
	if order := compareDigits(a[:endA], b[:endB]); order != 0 {
		return order
	}
	return compareDigits(a[endA:], b[endB:])
}

// Packed says that a sequence number is that of a record that came in a KPL aggregate.
func Packed(sequence string) bool { return endOfNumber(sequence) < len(sequence) }

// endOfNumber is where the slash is, or the end. The place behind it has at most seven digits, for so many records fit into one of 10 MiB.
func endOfNumber(sequence string) int {
	n := len(sequence)
	if n < 8 {
		number, _, _ := strings.Cut(sequence, "/")
		return len(number)
	}
	// The books compare each record several times: all eight bytes are looked at in one.
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	t := sequence[n-8:]
	x := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 | uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
	x ^= '/' * ones
	if zero := (x - ones) & ^x & highs; zero != 0 {
		return n - 8 + bits.TrailingZeros64(zero)/8
	}
	return n
}

// compareDigits orders decimal numbers without leading zeros. They are too long for an integer, and the longer one is the greater one.
func compareDigits(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// Clock tells the time since the start of a run.
type Clock struct{ start time.Time }

// NewClock starts a run's clock at start, which must carry a monotonic reading (as time.Now's does).
func NewClock(start time.Time) Clock { return Clock{start: start} }

// Now is the time since the start of the run, by the monotonic clock.
func (c Clock) Now() time.Duration { return time.Since(c.start) }

// Start is the wall-clock time at which the run's clock stood at zero.
func (c Clock) Start() time.Time { return c.start }
