package stream

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"weir/limits"
	"weir/record"
)

const (
	// minShare is the least that a throttled shard tries in a call.
	minShare = 8
	// A throttled shard waits minThrottlePause to twice that: at its limit it gains 25 to 50 records meanwhile.
	minThrottlePause = 25 * time.Millisecond
	// A refused shard, whose stream may be unreachable, waits longer each time.
	minRefusedPause = 50 * time.Millisecond
	maxRefusedPause = time.Second
)

// lane is the queue of one shard.
type lane struct {
	shard record.Shard
	queue []record.Send
	head  int
	// since is when the record at the front came, or earlier if it has waited for a call before.
	since time.Duration
	// busy says that a call with records of the shard is in flight or not resolved.
	busy bool
	// notBefore is when the shard may be tried again.
	notBefore time.Duration
	// share bounds the shard's records in a call: it falls to what a throttled shard took, and doubles back.
	share   int
	refused int // times in a row
}

func newLanes(shards []record.Shard) []*lane {
	lanes := make([]*lane, 0, len(shards))
	for _, s := range shards {
		lanes = append(lanes, &lane{shard: s, share: limits.PutRecordsRecords})
	}
	slices.SortFunc(lanes, func(a, b *lane) int { return a.shard.Start.Compare(b.shard.Start) })
	return lanes
}

// laneOf is the lane of the shard that a record falls into.
func laneOf(lanes []*lane, r *record.Record) (*lane, error) {
	at := record.HashOf
	hash := at(r.PartitionKey)
	if r.ExplicitHashKey != "" {
		var err error
		if hash, err = record.ParseHashKey(r.ExplicitHashKey); err != nil {
			return nil, err
		}
	}
	i := sort.Search(len(lanes), func(i int) bool { return hash.Compare(lanes[i].shard.End) <= 0 })
	if i == len(lanes) || !lanes[i].shard.Holds(hash) {
		return nil, fmt.Errorf("no open shard holds the hash key %v of partition key %q", hash, r.PartitionKey)
	}
	return lanes[i], nil
}

func (l *lane) len() int { return len(l.queue) - l.head }

// take appends a record.
func (l *lane) take(s record.Send, now time.Duration) {
	if l.len() == 0 {
		l.since = now
	}
	l.queue = append(l.queue, s)
}

// ready is when the lane may send: never (ok is false) while it is busy or empty.
func (l *lane) ready() (at time.Duration, ok bool) { return l.notBefore, !l.busy && l.len() > 0 }

// pop takes the records at the front: at most records of them and bytes in all, but at least one.
func (l *lane) pop(records, bytes int) []record.Send {
	n := 0
	for n < l.len() && n < min(records, l.share) {
		if bytes -= l.queue[l.head+n].Size(); bytes < 0 && n > 0 {
			break
		}
		n++
	}
	popped := slices.Clone(l.queue[l.head : l.head+n])
	clear(l.queue[l.head : l.head+n])
	if l.head += n; l.head == len(l.queue) {
		l.queue, l.head = l.queue[:0], 0
	} else if l.head > len(l.queue)/2 {
		l.queue = l.queue[:copy(l.queue, l.queue[l.head:])]
		clear(l.queue[len(l.queue) : len(l.queue)+l.head])
		l.head = 0
	}
	return popped
}

// all takes every record.
func (l *lane) all() []record.Send {
	left := slices.Clone(l.queue[l.head:])
	l.queue, l.head = nil, 0
	return left
}

// back puts records to the front again, in their order.
func (l *lane) back(sends []record.Send) {
	if len(sends) == 0 {
		return
	}
	if l.head >= len(sends) {
		l.head -= len(sends)
		copy(l.queue[l.head:], sends)
	} else {
		l.queue = append(slices.Clone(sends), l.queue[l.head:]...)
		l.head = 0
	}
	l.since = 0
}

// settle sets when the shard is tried again, and with how much, from what its last call came to.
func (l *lane) settle(sends []record.Send, now time.Duration) {
	var acked, throttled, refused int
	for i := range sends {
		switch sends[i].Outcome {
		case record.Acked, record.Found:
			acked++
		case record.Throttled:
			throttled++
		case record.Refused:
			refused++
		}
	}
	switch {
	case refused > 0:
		pause := min(maxRefusedPause, minRefusedPause<<min(l.refused, 10))
		l.refused++
		l.notBefore = now + jitter(pause)
	case throttled > 0:
		l.share = max(minShare, acked)
		l.notBefore = now + jitter(minThrottlePause)
	default:
		l.refused = 0
		l.share = min(limits.PutRecordsRecords, 2*l.share)
	}
}

// jitter is between d and twice d.
func jitter(d time.Duration) time.Duration { return d + rand.N(d) }

// oldestFirst orders lanes by how long their front has waited.
func oldestFirst(a, b *lane) int { return cmp.Compare(a.since, b.since) }
