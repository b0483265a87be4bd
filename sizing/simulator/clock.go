package simulator

import (
	"container/heap"
	"time"
)

// clock is virtual time, and what happens in it. Events of one instant happen in the order in which they were set.
type clock struct {
	now    time.Duration
	events events
	set    uint64
}

type event struct {
	at    time.Duration
	order uint64
	do    func()
}

// at sets an event. One in the past happens now.
func (c *clock) at(t time.Duration, do func()) {
	c.set++
	heap.Push(&c.events, event{max(t, c.now), c.set, do})
}

// after sets an event from now.
func (c *clock) after(d time.Duration, do func()) { c.at(c.now+d, do) }

// run lets events happen until it is over, or none is left.
func (c *clock) run(over func() bool) {
	for len(c.events) > 0 && !over() {
		e := heap.Pop(&c.events).(event)
		c.now = e.at
		e.do()
	}
}

// events has the next one first.
type events []event

func (e events) Len() int { return len(e) }

func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].order < e[j].order
}

func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

func (e *events) Push(x any) { *e = append(*e, x.(event)) }

func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	old[len(old)-1] = event{}
	*e = old[:len(old)-1]
	return last
}
