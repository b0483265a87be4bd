// Package queueing is the model that proofs hold backlogs against. It is written from the definition of a backlog and from the limits that AWS states, and
// shares nothing with what it judges: neither with a run nor with the simulator.
//
// A pipeline has one limit in it, and what waits for that limit is a queue, first in, first out. Nothing else takes time in the model.
package queueing

import (
	"slices"
	"time"
)

// Item is a record of the input, or a row.
type Item struct {
	// Due is when its age begins. "Seconds: the time since the oldest one was due; a row's due time is its trigger's."
	Due time.Duration
	// Flushed says that it is a row without a trigger: it waits like the others, and has no age.
	Flushed bool
	// Enters is when the backlog takes it in: "a record from its due time, a row from its firing".
	Enters time.Duration
	// Comes is when it can be served, as it is known at the limit by then.
	Comes time.Duration
	// Leaves is when it is out of the backlog: "until the aggregator took it into its windows, its cost paid", "until every route has missed it, given it up, or
	// its invocation succeeded", "until its acknowledgement". Of the part in front of the limit, it is when the item passes on.
	Leaves time.Duration
	Bytes  int64
}

// Server serves its items in the order in which they come, up to batch of them at once. takes is when a batch is done that begins at a time. One window subtask
// is a server of single records: "its cost paid". One lane of a route is a server of batches: "as many batches of a shard are under way as the parallelization
// factor says".
func Server(items []*Item, batch int, takes func(begins time.Duration, batch []*Item) (done time.Duration)) {
	free := time.Duration(0)
	for len(items) > 0 {
		begins := max(free, items[0].Comes)
		n := 1
		for n < min(batch, len(items)) && items[n].Comes <= begins {
			n++
		}
		free = takes(begins, items[:n])
		for _, item := range items[:n] {
			item.Leaves = free
		}
		items = items[n:]
	}
}

// For is a server's time that is always the same.
func For(d time.Duration) func(time.Duration, []*Item) time.Duration {
	return func(begins time.Duration, _ []*Item) time.Duration { return begins + d }
}

// Allowance is a limit of so much a second that saves up what is not used, for some seconds at most, and has so many seconds' worth at the time 0.
// A shard "takes 1,000 records and 1 MiB a second, and saves up one second's worth of each at most". A table has "a second's worth of its capacity" when it
// is new, and "capacity that is not used is saved up for 300 seconds".
type Allowance struct {
	perSecond, saves float64
	// spent is until when it is spent, in seconds: in the past by what is saved.
	spent float64
}

// NewAllowance makes one.
func NewAllowance(perSecond, saves, has float64) *Allowance {
	return &Allowance{perSecond: perSecond, saves: saves, spent: -has}
}

// Take is when there is so much for one that comes at a time, after all before it.
func (a *Allowance) Take(comes time.Duration, much float64) time.Duration {
	a.spent = max(a.spent, comes.Seconds()-a.saves) + much/a.perSecond
	return max(comes, time.Duration(a.spent*float64(time.Second)))
}

// Pass lets items through a shard in the order in which they come, each when both of its allowances have room for it.
func Pass(items []*Item) {
	records, bytes := NewAllowance(1000, 1, 1), NewAllowance(1<<20, 1, 1)
	for _, item := range items {
		item.Leaves = max(records.Take(item.Comes, 1), bytes.Take(item.Comes, float64(item.Bytes)))
	}
}

// Fetch reads what is stored, in the order in which it is: up to most items at once, and no more than so many fetches ahead of what has left. A poll is "the time
// between two reads of a shard that has nothing to give"; where it has more, it is read again, "five times a second at most". It is when each is read, and how many a
// fetch had at most.
func Fetch(items []*Item, most, ahead int, poll time.Duration) (read []time.Duration, largest int) {
	var done []time.Duration // when the last of each fetch leaves
	next := time.Duration(0)
	for len(items) > 0 {
		at := max(items[0].Comes, next)
		if len(done) >= ahead {
			at = max(at, done[len(done)-ahead])
		}
		n := 0
		for n < min(most, len(items)) && items[n].Comes <= at {
			n++
			read = append(read, at)
		}
		largest, next, done = max(largest, n), at+poll, append(done, items[n-1].Leaves)
		if items = items[n:]; len(items) > 0 && items[0].Comes <= at {
			next = at + time.Second/5
		}
	}
	return read, largest
}

// Extent is how much waits.
type Extent struct {
	Records, Bytes int64
	Age            time.Duration
}

// Over is the greater of each figure.
func (e Extent) Over(o Extent) Extent {
	return Extent{Records: max(e.Records, o.Records), Bytes: max(e.Bytes, o.Bytes), Age: max(e.Age, o.Age)}
}

// change is that an item enters or leaves.
type change struct {
	at     time.Duration
	item   int
	leaves bool
}

// Backlog are items that entered and left: what waits of them is known at any time.
type Backlog struct {
	items   []*Item
	changes []change
}

// NewBacklog takes items that are done, in any order.
func NewBacklog(items []*Item) *Backlog {
	b := &Backlog{items: slices.Clone(items)}
	slices.SortStableFunc(b.items, func(x, y *Item) int { return int(x.Due - y.Due) })
	for i, item := range b.items {
		b.changes = append(b.changes, change{item.Enters, i, false}, change{item.Leaves, i, true})
	}
	slices.SortStableFunc(b.changes, func(x, y change) int { return int(x.at - y.at) })
	return b
}

// At is how much waits at each of these times, which ascend: "from its due time until …", so that what leaves at a time is gone by then.
func (b *Backlog) At(times ...time.Duration) []Extent {
	extents := make([]Extent, 0, len(times))
	b.walk(func(now, until time.Duration, waits Extent, oldest time.Duration) {
		for len(extents) < len(times) && times[len(extents)] < until {
			e := waits
			e.Age = age(times[len(extents)], oldest)
			extents = append(extents, e)
		}
	})
	return extents
}

// Most is the most of each figure from one time to another. "The most over the run includes the drain; that of a phase ends with the phase."
func (b *Backlog) Most(from, to time.Duration) Extent {
	var most Extent
	b.walk(func(now, until time.Duration, waits Extent, oldest time.Duration) {
		if until <= from || now >= to {
			return
		}
		waits.Age = age(min(until, to), oldest)
		most = most.Over(waits)
	})
	return most
}

// Entered is how many came into the backlog from one time to another.
func (b *Backlog) Entered(from, to time.Duration) float64 {
	n := 0.0
	for _, item := range b.items {
		if from <= item.Enters && item.Enters < to {
			n++
		}
	}
	return n
}

// never is after all times.
const never = time.Duration(1<<63 - 1)

func age(now, oldest time.Duration) time.Duration {
	if oldest == never {
		return 0
	}
	return max(0, now-oldest)
}

// walk shows what waits between each change and the next, and since when the oldest was due.
func (b *Backlog) walk(show func(now, until time.Duration, waits Extent, oldest time.Duration)) {
	var waits Extent
	inside, first, last := make([]bool, len(b.items)), 0, 0 // first and last: no other than those from first to before last is inside
	show(-never, b.next(0), waits, never)
	for i, c := range b.changes {
		item, sign := b.items[c.item], int64(1)
		if c.leaves {
			sign = -1
		}
		waits.Records, waits.Bytes, inside[c.item] = waits.Records+sign, waits.Bytes+sign*item.Bytes, !c.leaves
		last = max(last, c.item+1)
		for first = min(first, c.item); first < last && (!inside[first] || b.items[first].Flushed); {
			first++
		}
		oldest := never
		if first < last {
			oldest = b.items[first].Due
		}
		if until := b.next(i + 1); until > c.at {
			show(c.at, until, waits, oldest)
		}
	}
}

// next is when the change of that number happens.
func (b *Backlog) next(i int) time.Duration {
	if i < len(b.changes) {
		return b.changes[i].at
	}
	return never
}
