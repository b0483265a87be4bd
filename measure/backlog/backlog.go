// Package backlog holds what a backlog is: how much waits in one place, now and at most.
//
// A record is in the backlog of the input from its due time until the consumer is done with it. A row is in the backlog of the
// output from its firing until every route is done with it. At each moment it is in one part, the furthest that it has reached;
// the parts add up to the whole.
package backlog

import (
	"sync/atomic"
	"time"

	"weir/record"
)

// Extent is how much waits in one place at a moment.
type Extent struct {
	Records, Bytes int64
	// Oldest is the due time of the oldest record, [record.NoDue] where none has one.
	Oldest time.Duration
}

// None is an empty place.
var None = Extent{Oldest: record.NoDue}

// Age is how long ago the oldest record was due, zero where none has a due time.
func (e Extent) Age(now time.Duration) time.Duration {
	if e.Oldest == record.NoDue {
		return 0
	}
	return max(0, now-e.Oldest)
}

// Plus is what waits in both places.
func (e Extent) Plus(o Extent) Extent {
	sum := Extent{Records: e.Records + o.Records, Bytes: e.Bytes + o.Bytes, Oldest: e.Oldest}
	if e.Oldest == record.NoDue || o.Oldest != record.NoDue && o.Oldest < e.Oldest {
		sum.Oldest = o.Oldest
	}
	return sum
}

// Most is the most that ever waited in one place, each figure on its own.
type Most struct {
	Records, Bytes int64
	// Age is the greatest age that a record had there.
	Age time.Duration
}

// Or is the greater of each figure.
func (m Most) Or(o Most) Most {
	return Most{Records: max(m.Records, o.Records), Bytes: max(m.Bytes, o.Bytes), Age: max(m.Age, o.Age)}
}

// Level follows how much waits in one place. It is safe for concurrent use. The zero value is empty.
//
// Its maxima are exact to the call: nothing that came and went between two looks is missed.
type Level struct {
	records, bytes atomic.Int64
	most           peak
	recent         peak
}

// peak is what was most since it was taken last.
type peak struct{ records, bytes, age atomic.Int64 }

// Add counts records that come (positive) or leave (negative), with their bytes, and says how many there are now.
func (l *Level) Add(records, bytes int64) int64 {
	n, size := l.records.Add(records), l.bytes.Add(bytes)
	if records > 0 || bytes > 0 {
		l.Reached(n, size)
	}
	return n
}

// Reached notes how much waited at a moment, of a level that is counted elsewhere.
func (l *Level) Reached(records, bytes int64) {
	for _, p := range []*peak{&l.most, &l.recent} {
		raise(&p.records, records)
		raise(&p.bytes, bytes)
	}
}

// Aged notes the age of a record that leaves, or that still waits.
func (l *Level) Aged(age time.Duration) {
	raise(&l.most.age, int64(age))
	raise(&l.recent.age, int64(age))
}

// Records and Bytes are what waits now.
func (l *Level) Records() int64 { return l.records.Load() }

// Bytes is the size of what waits now.
func (l *Level) Bytes() int64 { return l.bytes.Load() }

// Most is the most since the start.
func (l *Level) Most() Most { return l.most.load() }

// Recent is the most since Recent was called last, what waits now included. One caller alone may call it.
func (l *Level) Recent() Most {
	m := Most{Records: l.recent.records.Swap(0), Bytes: l.recent.bytes.Swap(0), Age: time.Duration(l.recent.age.Swap(0))}
	return m.Or(Most{Records: l.Records(), Bytes: l.Bytes()})
}

func (p *peak) load() Most {
	return Most{Records: p.records.Load(), Bytes: p.bytes.Load(), Age: time.Duration(p.age.Load())}
}

// raise sets a to at least value.
func raise(a *atomic.Int64, value int64) {
	for {
		old := a.Load()
		if value <= old || a.CompareAndSwap(old, value) {
			return
		}
	}
}
