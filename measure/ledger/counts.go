package ledger

import (
	"cmp"
	"slices"

	"weir/record"
)

// Counts are the totals of a stream. The package comment says what each word means.
type Counts struct {
	Acked, Failed, Unsent int64
	// Found are the unknown sends that were found stored, Unresolved those that never were.
	Found, Unresolved int64
	// InFlight are the sends that are on their way or unknown as yet.
	InFlight                       int64
	Read, Unread, Lost             int64
	Duplicated, Reordered, Phantom int64
	// Throttled counts answers, Retried repeated attempts: one record can count more than once.
	Throttled, Retried int64
}

// Unknown are the sends that never got an answer.
func (c Counts) Unknown() int64 { return c.Found + c.Unresolved }

// Counts are the totals as of now.
func (l *Ledger) Counts() Counts {
	var total Counts
	for _, s := range l.all() {
		l.enter(s)
		c := s.counts
		c.InFlight = int64(s.inFlight.Len())
		c.Unread = int64(s.unread())
		c.Lost += int64(s.passed)
		l.leave(s)
		total.add(c)
	}
	return total
}

func (c *Counts) add(o Counts) {
	c.Acked += o.Acked
	c.Failed += o.Failed
	c.Unsent += o.Unsent
	c.Found += o.Found
	c.Unresolved += o.Unresolved
	c.InFlight += o.InFlight
	c.Read += o.Read
	c.Unread += o.Unread
	c.Lost += o.Lost
	c.Duplicated += o.Duplicated
	c.Reordered += o.Reordered
	c.Phantom += o.Phantom
	c.Throttled += o.Throttled
	c.Retried += o.Retried
}

// OffendersKept bounds each list of [Offenders].
const OffendersKept = 20

// Offenders names the first records of each kind, in the order of their shards and sequence numbers.
type Offenders struct {
	Lost, Duplicated, Reordered, Phantom []record.ID
}

// Offenders names the first offenders as of now.
func (l *Ledger) Offenders() Offenders {
	var all Offenders
	for _, s := range l.all() {
		l.enter(s)
		all.Lost = append(all.Lost, s.offenders.Lost...)
		for i := range min(s.passed, OffendersKept) {
			all.Lost = append(all.Lost, record.ID{Shard: s.id, Sequence: s.backlog.At(i).sequence})
		}
		all.Duplicated = append(all.Duplicated, s.offenders.Duplicated...)
		all.Reordered = append(all.Reordered, s.offenders.Reordered...)
		all.Phantom = append(all.Phantom, s.offenders.Phantom...)
		l.leave(s)
	}
	for _, list := range []*[]record.ID{&all.Lost, &all.Duplicated, &all.Reordered, &all.Phantom} {
		*list = first(*list)
	}
	return all
}

func first(list []record.ID) []record.ID {
	slices.SortFunc(list, func(a, b record.ID) int {
		return cmp.Or(cmp.Compare(a.Shard, b.Shard), record.CompareSequence(a.Sequence, b.Sequence))
	})
	return list[:min(len(list), OffendersKept)]
}

// all lists the shards in the order of their ids.
func (l *Ledger) all() []*shard {
	l.mu.RLock()
	defer l.mu.RUnlock()
	shards := make([]*shard, 0, len(l.shards))
	for _, s := range l.shards {
		shards = append(shards, s)
	}
	slices.SortFunc(shards, func(a, b *shard) int { return cmp.Compare(a.id, b.id) })
	return shards
}
