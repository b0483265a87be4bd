package simulator

import (
	"time"

	"weir/measure/backlog"
	"weir/record"
	"weir/result"
)

// stage is where a record or a row waits, by its place in [result.PartsOf] of its backlog.
type stage uint8

// The parts of the input's backlog.
const (
	inHarness stage = iota
	inWriter
	inStream
	inEngine
)

// The parts of the output's backlog, and of a route's.
const (
	outWriter stage = iota
	outStream
	outFunction
)

// The table's backlog has no parts: a row is in it, or outside.
const inTable stage = 0

// Outside of a backlog.
const (
	// ahead: it may come yet.
	ahead stage = 254
	// gone: it does not come any more.
	gone stage = 255
)

// crowd follows one backlog: how many wait in it, in which parts, and since when. Records and rows are known by their ids, which count up.
type crowd struct {
	whole backlog.Level
	parts []backlog.Level
	// in is the part that each is in.
	in []stage
	// low is the first id that is not gone.
	low int
	due func(id int32) time.Duration
}

func newCrowd(place string, due func(id int32) time.Duration) *crowd {
	return &crowd{parts: make([]backlog.Level, len(result.PartsOf(place))), due: due}
}

// group is what goes through a backlog together.
type group struct {
	records, bytes int64
	// age is how long ago the oldest of them was due.
	age time.Duration
}

// add adds one to the group. It is of a due time that may be unknown.
func (g *group) add(bytes int32, due, now time.Duration) {
	g.records++
	g.bytes += int64(bytes)
	if due != noDue {
		g.age = max(g.age, now-due)
	}
}

// come has a group come into the first part. Its records are noted in the crowd by who calls.
func (c *crowd) come(g *group) {
	c.whole.Add(g.records, g.bytes)
	if len(c.parts) > 0 {
		c.parts[0].Add(g.records, g.bytes)
	}
}

// move has a group go on to another part.
func (c *crowd) move(g *group, from, to stage) {
	c.parts[from].Aged(g.age)
	c.parts[from].Add(-g.records, -g.bytes)
	c.parts[to].Add(g.records, g.bytes)
}

// leave has a group leave from a part.
func (c *crowd) leave(g *group, from stage) {
	c.whole.Aged(g.age)
	c.whole.Add(-g.records, -g.bytes)
	if len(c.parts) > 0 {
		c.parts[from].Aged(g.age)
		c.parts[from].Add(-g.records, -g.bytes)
	}
}

// age notes how long the oldest have waited that still do, of the ids below a bound.
func (c *crowd) age(now time.Duration, below int) {
	for c.low < below && c.in[c.low] == gone {
		c.low++
	}
	oldest := [...]time.Duration{record.NoDue, record.NoDue, record.NoDue, record.NoDue}
	for id := c.low; id < below; id++ {
		in := c.in[id]
		if in >= ahead {
			continue
		}
		if due := c.due(int32(id)); due != noDue && (oldest[in] == noDue || due < oldest[in]) {
			oldest[in] = due
		}
	}
	for i, due := range oldest {
		if due == noDue {
			continue
		}
		c.whole.Aged(now - due)
		if i < len(c.parts) {
			c.parts[i].Aged(now - due)
		}
	}
}
