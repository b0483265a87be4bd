package simulator

import (
	"time"
)

// clock is virtual time, and what happens in it. Events of one instant happen in the order in which they were set.
type clock struct {
	now time.Duration
	// events is a heap that has the next one first.
	events []event
	set    uint64
}

type event struct {
	at    time.Duration
	order uint64
	do    func()
}

func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.order < o.order
}

// at sets an event. One in the past happens now.
func (c *clock) at(t time.Duration, do func()) {
	c.set++
	c.events = append(c.events, event{max(t, c.now), c.set, do})
	c.rise(len(c.events) - 1)
}

// after sets an event from now.
func (c *clock) after(d time.Duration, do func()) { c.at(c.now+d, do) }

// run lets events happen until it is over, or none is left.
func (c *clock) run(over func() bool) {
	for len(c.events) > 0 && !over() {
		e := c.next()
		c.now = e.at
		e.do()
	}
}

// next takes the first event out.
func (c *clock) next() event {
	first, last := c.events[0], len(c.events)-1
	c.events[0] = c.events[last]
	c.events[last] = event{}
	c.events = c.events[:last]
	c.sink()
	return first
}

// children is how many each event of the heap has below it: with four, a heap is half as deep as with two, and lies closer together.
const children = 4

func (c *clock) rise(i int) {
	e := c.events[i]
	for i > 0 {
		up := (i - 1) / children
		if !e.before(&c.events[up]) {
			break
		}
		c.events[i] = c.events[up]
		i = up
	}
	c.events[i] = e
}

// sink has the first event sink to its place.
func (c *clock) sink() {
	n := len(c.events)
	if n == 0 {
		return
	}
	e, i := c.events[0], 0
	for {
		from := children*i + 1
		if from >= n {
			break
		}
		least := from
		for j := from + 1; j < min(from+children, n); j++ {
			if c.events[j].before(&c.events[least]) {
				least = j
			}
		}
		if !c.events[least].before(&e) {
			break
		}
		c.events[i] = c.events[least]
		i = least
	}
	c.events[i] = e
}
