package stream

import (
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"weir/internal/deque"
	"weir/limits"
	"weir/record"
	"weir/stream/kpl"
)

const (
	// minShare is the least that a throttled shard tries in a call.
	minShare = 8
	// A throttled shard waits minThrottlePause to twice that: at its limit it gains 25 to 50 records meanwhile. Where it took
	// nothing at all, at most maxThrottlePause.
	minThrottlePause = 25 * time.Millisecond
	maxThrottlePause = 100 * time.Millisecond
	// A refused shard, whose stream may be unreachable, waits longer each time.
	minRefusedPause = 50 * time.Millisecond
	maxRefusedPause = time.Second
)

// waiting is a record in a lane: what there is to know of a send that is in no call.
type waiting struct {
	record.Record
	position int64
	attempts int
	came     time.Duration // when it was first taken
}

// waitingAgain is a record that came back from a call.
func waitingAgain(s *record.Send) waiting {
	return waiting{Record: s.Record, position: s.Position, attempts: s.Attempts}
}

// lane is the queue of one shard, and what the shard's last answers say of the next call.
type lane struct {
	shard record.Shard
	queue deque.Deque[waiting]
	bytes int // waiting
	dues  dues
	// called is what a call holds.
	called called
	// busy says that a call with records of the shard is in flight, or not resolved.
	busy bool
	// retired says that the shard was closed: nothing waits here any more.
	retired bool
	// notBefore is when the shard may be tried again.
	notBefore time.Duration
	// share bounds the shard's records in a call: it falls to what a throttled shard took, and doubles back, up to most.
	share, most int
	// barren and refused count, in a row, the calls of which a throttled shard took nothing, and those that were refused.
	barren, refused int
	spares          *spares // of the writer
}

// newLanes makes a lane for each open shard, in the order of their hash ranges.
func newLanes(shards []record.Shard) []*lane {
	lanes := make([]*lane, 0, len(shards))
	for _, s := range shards {
		if !s.Closed {
			lanes = append(lanes, &lane{shard: s, share: limits.PutRecordsRecords, most: limits.PutRecordsRecords})
		}
	}
	slices.SortFunc(lanes, func(a, b *lane) int { return a.shard.Start.Compare(b.shard.Start) })
	return lanes
}

// newLanes makes the lanes of the open shards.
func (w *Writer) newLanes(shards []record.Shard) []*lane {
	lanes := newLanes(shards)
	for _, l := range lanes {
		l.spares = &w.spares
		if w.config.Strict {
			l.share, l.most = 1, 1
		}
	}
	return lanes
}

// hashOf is where a record falls.
func hashOf(r *record.Record) (record.HashKey, error) {
	if r.ExplicitHashKey == "" {
		return record.HashOf(r.PartitionKey), nil
	}
	return record.ParseHashKey(r.ExplicitHashKey)
}

// holding is the lane of the open shard that holds a hash key, nil where there is none.
func holding(lanes []*lane, hash record.HashKey) *lane {
	i := sort.Search(len(lanes), func(i int) bool { return hash.Compare(lanes[i].shard.End) <= 0 })
	if i == len(lanes) || !lanes[i].shard.Holds(hash) {
		return nil
	}
	return lanes[i]
}

func (l *lane) len() int { return l.queue.Len() }

func (l *lane) front() *waiting { return l.queue.At(0) }

// take appends a record.
func (l *lane) take(r *record.Record, position int64, now time.Duration) {
	if l.len() == 0 && !l.busy {
		l.dues.latest = 0 // nothing is in front of it, nor will come back
	}
	w := l.queue.Add()
	w.Record, w.position, w.came = *r, position, now
	l.bytes += r.Size()
	l.dues.take(position, r.Due)
}

// leaves is when the front of the lane is to go: a record that was tried before does not linger again.
func (l *lane) leaves(linger time.Duration) time.Duration {
	if l.front().attempts > 0 {
		return l.notBefore
	}
	return max(l.notBefore, l.front().came+linger)
}

// offers is how many Kinesis records the lane would put into a call, and how many bytes, by the mean of what waits.
func (l *lane) offers(packed bool) (records, bytes int) {
	if packed {
		records = min(1+l.bytes/kpl.MaxSize, l.share)
		return records, min(l.bytes, records*kpl.MaxSize)
	}
	records = min(l.len(), l.share)
	return records, l.bytes * records / l.len()
}

// pop takes the records at the front: at most records of them, and bytes in all. A record that is too large for any call goes alone: the
// stream says what it thinks of it.
func (l *lane) pop(records, bytes int) []record.Send {
	n, left := 0, bytes
	for n < min(l.len(), l.share, records) {
		left -= l.queue.At(n).Size()
		if left < 0 && (n > 0 || bytes < limits.PutRecordsBytes) {
			break
		}
		n++
	}
	return l.first(n)
}

// empty takes out all that waits.
func (l *lane) empty() []waiting {
	all := make([]waiting, l.len())
	for i := range all {
		all[i] = *l.queue.At(i)
	}
	l.queue.Drop(len(all))
	l.left()
	l.bytes = 0
	return all
}

// first takes the first n records out.
func (l *lane) first(n int) []record.Send {
	sends := l.spares.take(n)
	for i := 0; i < n; {
		run := l.queue.Run(i)
		for k := range run[:min(len(run), n-i)] {
			w, s := &run[k], &sends[i]
			s.Record, s.Position, s.Attempts = w.Record, w.position, w.attempts
			l.bytes -= w.Size()
			i++
		}
	}
	l.queue.Drop(n)
	l.left()
	return sends
}

// back puts records to the front again, in their order.
func (l *lane) back(sends []record.Send) {
	if len(sends) == 0 {
		return
	}
	again := make([]waiting, len(sends))
	for i := range sends {
		again[i] = waitingAgain(&sends[i])
		l.bytes += sends[i].Size()
	}
	l.queue.PushFront(again...)
	l.dues.returned(again)
}

// settle sets when the shard is tried again, and with how much, from what its last call came to.
func (l *lane) settle(p *part, now time.Duration) {
	var stored, throttled, refused int
	for i := range p.entries() {
		switch p.entry(i)[0].Outcome { // one that was packed has that of all
		case record.Acked, record.Found:
			stored++
		case record.Throttled:
			throttled++
		case record.Refused, record.Absent:
			refused++
		}
	}
	switch {
	case refused > 0:
		l.notBefore = now + jitter(grown(minRefusedPause, maxRefusedPause, l.refused))
		l.refused++
		return
	case throttled > 0:
		l.barren++
		if stored > 0 {
			l.barren = 0
		}
		l.notBefore = now + jitter(grown(minThrottlePause, maxThrottlePause/2, l.barren))
		l.share = min(max(minShare, stored), l.most)
	default:
		l.barren = 0
		if p.entries() >= l.share {
			l.share = min(l.most, 2*l.share)
		}
	}
	l.refused = 0
}

// grown doubles a pause for each time, up to a bound.
func grown(from, to time.Duration, times int) time.Duration { return min(to, from<<min(times, 16)) }

// jitter is between d and twice d, so that those who were refused together do not come again together.
func jitter(d time.Duration) time.Duration { return d + rand.N(d) }
