package ledger

import (
	"cmp"
	"slices"
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
		c.Unread = int64(s.backlog.unread())
		c.Lost = s.offences[Lost] + int64(s.backlog.passed)
		c.Duplicated, c.Reordered = s.offences[Duplicated], s.offences[Reordered]
		c.Phantom = s.offences[Phantom] + int64(s.strays.list.Len())
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
