package backlog

import (
	"container/heap"
	"time"

	"weir/record"
)

// Ages are the due times of what waits in a place where things leave in any order. The zero value is empty. It belongs to its owner's lock.
//
// Many rows are due at the same time, for one record fires them, so each due time is kept once, with how many have it.
type Ages struct {
	waiting map[time.Duration]int // zero for those that have left and are still in order
	order   dues
}

// Add adds n that are due at a time; [record.NoDue] has no age, and is left out.
func (a *Ages) Add(due time.Duration, n int) {
	if due == record.NoDue {
		return
	}
	if a.waiting == nil {
		a.waiting = make(map[time.Duration]int)
	}
	if _, known := a.waiting[due]; !known {
		heap.Push(&a.order, due)
	}
	a.waiting[due] += n
}

// Remove removes one that is due at a time.
func (a *Ages) Remove(due time.Duration) {
	if due == record.NoDue {
		return
	}
	a.waiting[due]--
}

// Oldest is the least due time, [record.NoDue] where there is none.
func (a *Ages) Oldest() time.Duration {
	for len(a.order) > 0 {
		if a.waiting[a.order[0]] > 0 {
			return a.order[0]
		}
		delete(a.waiting, heap.Pop(&a.order).(time.Duration))
	}
	return record.NoDue
}

// dues has the least first.
type dues []time.Duration

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i] < d[j] }
func (d dues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dues) Push(x any)        { *d = append(*d, x.(time.Duration)) }

func (d *dues) Pop() any {
	old := *d
	last := old[len(old)-1]
	*d = old[:len(old)-1]
	return last
}
