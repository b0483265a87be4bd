package stream

import (
	"iter"
	"math"
	"time"

	"weir/internal/deque"
	"weir/record"
)

// Waiting is what a writer holds of one shard: records that it took and that are not final.
type Waiting struct {
	Shard string
	// Records and Bytes count what waits in the shard's queue and what is in a call, resolved or not: data and partition keys.
	Records, Bytes int64
	// Oldest is the earliest due time among them, [record.NoDue] where none has one.
	Oldest time.Duration
}

// Waiting is what was taken and is not final, by shard: the open ones in the order of their hash keys, also where nothing waits, and then the closed ones
// that have a call in flight or not resolved. The sums are what [Writer.Queued] counts. The price depends on the number of shards alone.
func (w *Writer) Waiting() []Waiting {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiting()
}

// waiting is Waiting. The caller holds the lock.
func (w *Writer) waiting() []Waiting {
	open := w.lanes()
	list := make([]Waiting, 0, len(open)+len(w.retired))
	for _, l := range open {
		list = append(list, l.waiting())
	}
	for _, l := range w.retired {
		list = append(list, l.waiting())
	}
	return list
}

func (l *lane) waiting() Waiting {
	w := Waiting{Shard: l.shard.ID, Records: int64(l.len()) + l.called.records, Bytes: int64(l.bytes) + l.called.bytes, Oldest: l.oldest()}
	if l.called.records > 0 {
		w.Oldest = earlier(w.Oldest, l.called.oldest)
	}
	return w
}

// called is what a lane has in a call.
type called struct {
	records, bytes int64
	oldest         time.Duration // where there are records
}

// inCall is what the records of a call add up to.
func inCall(sends []record.Send, bytes int) called {
	c := called{records: int64(len(sends)), bytes: int64(bytes), oldest: record.NoDue}
	for i := range sends {
		c.oldest = earlier(c.oldest, sends[i].Due)
	}
	return c
}

// earlier is the earlier one of two due times. One that is not known counts for nothing.
func earlier(a, b time.Duration) time.Duration {
	switch {
	case a == record.NoDue:
		return b
	case b == record.NoDue:
		return a
	}
	return min(a, b)
}

// dues finds the earliest due time in a lane. Its queue is in the order in which the writer took the records, and that is nearly always the order of their
// due times: then the front is the oldest, and dues keeps nothing. It keeps only records that may be older than the front.
//
// Each record in the queue is of one of three sorts: it is in early; or a record behind it is in early and due no later; or it is due no earlier than any
// record that is in front of it, or that may come back there. So the front is no later than any of the third sort, and the oldest is the front or
// the first of early: position and due time both rise in early.
type dues struct {
	// latest is the latest due time that was taken. A record without a due time makes it the greatest number: such a front says nothing of those behind it, so
	// that they all have to be in early.
	latest time.Duration
	early  []earlyDue
}

type earlyDue struct {
	position int64
	due      time.Duration
}

// take takes note of a record that comes to the end of the queue.
func (d *dues) take(position int64, due time.Duration) {
	if due >= d.latest {
		d.latest = due
		return
	}
	d.takeEarly(position, due)
}

// takeEarly takes note of a record that is due before one in front of it.
func (d *dues) takeEarly(position int64, due time.Duration) {
	if due == record.NoDue {
		d.latest = math.MaxInt64
		return
	}
	n := len(d.early)
	for n > 0 && d.early[n-1].due >= due {
		n--
	}
	d.early = append(d.early[:n], earlyDue{position, due})
}

// front takes note of records that are at the front of the queue, in their order: all that came back of a call, or, where others came in between, all of
// the queue.
func (d *dues) front(records iter.Seq2[int64, time.Duration]) {
	var early []earlyDue
	for position, due := range records {
		if due == record.NoDue {
			d.latest = math.MaxInt64
			continue
		}
		d.latest = max(d.latest, due)
		for len(early) > 0 && early[len(early)-1].due >= due {
			early = early[:len(early)-1]
		}
		early = append(early, earlyDue{position, due})
	}
	for len(early) > 0 && len(d.early) > 0 && early[len(early)-1].due >= d.early[0].due {
		early = early[:len(early)-1]
	}
	d.early = append(early, d.early...)
}

// leave forgets the records before a position.
func (d *dues) leave(before int64) {
	n := 0
	for n < len(d.early) && d.early[n].position < before {
		n++
	}
	d.early = d.early[n:]
}

// reorder takes all of a queue into which records came that others are behind of.
func (d *dues) reorder(queue *deque.Deque[waiting]) {
	d.early = nil
	d.front(func(yield func(int64, time.Duration) bool) {
		for _, r := range queue.All() {
			if !yield(r.position, r.Due) {
				return
			}
		}
	})
}

// returned takes records that came back of a call to the front.
func (d *dues) returned(records []waiting) {
	d.front(func(yield func(int64, time.Duration) bool) {
		for i := range records {
			if !yield(records[i].position, records[i].Due) {
				return
			}
		}
	})
}

// left brings the due times up to date with records that left the queue at its front.
func (l *lane) left() {
	switch {
	case len(l.dues.early) == 0:
	case l.len() == 0:
		l.dues.early = l.dues.early[:0]
	default:
		l.dues.leave(l.front().position)
	}
}

// oldest is the earliest due time in the queue, [record.NoDue] where there is none.
func (l *lane) oldest() time.Duration {
	if l.len() == 0 {
		return record.NoDue
	}
	oldest := l.front().Due
	if len(l.dues.early) > 0 {
		oldest = earlier(oldest, l.dues.early[0].due)
	}
	return oldest
}
