package measure

import (
	"math"
	"slices"
	"sort"
	"sync/atomic"
	"time"

	"weir/record"
)

// Phase is a stretch of the schedule, from Start up to End, both since the start of the feed. Several may share a name.
type Phase struct {
	Name       string
	Start, End time.Duration
	// Hold says that the rate stands still, so that the trend of a backlog is judged.
	Hold bool
	// Limit is how long a hold may become while its trend is inconclusive; zero, it stays as long as it is.
	Limit time.Duration
}

// Warmup is the name of the phases that are left out of a run's own latencies and trends. They are in those of the phase.
const Warmup = "warmup"

// noPhase is where a time lies in none.
const noPhase = -1

// phases are those of a run: which one a time is in. Their names are numbered in the order of their first phase.
type phases struct {
	table  atomic.Pointer[[]Phase] // in their order, none over another; one that is read is never changed
	names  []string
	number []int // of each span's name
	// begun and ended are when the feed began and ended, by the run's clock; no time before or after is in a phase.
	begun, ended atomic.Int64
	// offered are the records that came due in each span.
	offered []atomic.Int64
}

func newPhases(spans []Phase) *phases {
	p := &phases{offered: make([]atomic.Int64, len(spans))}
	p.table.Store(&spans)
	for _, span := range spans {
		n := slices.Index(p.names, span.Name)
		if n < 0 {
			n = len(p.names)
			p.names = append(p.names, span.Name)
		}
		p.number = append(p.number, n)
	}
	p.begun.Store(math.MaxInt64)
	p.ended.Store(math.MaxInt64)
	return p
}

// spans are the phases as they are by now.
func (p *phases) spans() []Phase { return *p.table.Load() }

// extend makes a phase as long as to, and moves those behind it. It is never called twice at a time.
func (p *phases) extend(phase int, to time.Duration) {
	spans := slices.Clone(p.spans())
	longer := to - (spans[phase].End - spans[phase].Start)
	spans[phase].End += longer
	for i := phase + 1; i < len(spans); i++ {
		spans[i].Start += longer
		spans[i].End += longer
	}
	p.table.Store(&spans)
}

// leftOut says that what a slot of a point holds is left out of the run's latencies.
func (p *phases) leftOut(slot int) bool { return slot > 0 && p.names[slot-1] == Warmup }

// edge is the first time after now, by the run's clock, at which a phase begins or ends.
func (p *phases) edge(now time.Duration) (at time.Duration, ok bool) {
	begun, ended := time.Duration(p.begun.Load()), time.Duration(p.ended.Load())
	if now >= ended || begun == math.MaxInt64 {
		return 0, false
	}
	spans := p.spans()
	i := sort.Search(len(spans), func(i int) bool { return spans[i].End > now-begun })
	switch {
	case i == len(spans):
		return 0, false
	case spans[i].Start > now-begun:
		return begun + spans[i].Start, true
	}
	return begun + spans[i].End, true
}

// offer counts records for the phases that they are due in.
func (p *phases) offer(records []record.Record) {
	c := cursor{phases: p}
	for len(p.number) > 0 && len(records) > 0 {
		if c.at(records[0].Due) == noPhase {
			records = records[1:]
			continue
		}
		same := 1
		for same < len(records) && c.within(records[same].Due) {
			same++
		}
		p.offered[c.span].Add(int64(same))
		records = records[same:]
	}
}

// cursor finds the phases of times that come nearly in order. It belongs to one goroutine, or to a lock.
type cursor struct {
	phases *phases
	span   int
}

// at is the number of the name of the phase that a time is in.
func (c *cursor) at(t time.Duration) int {
	p := c.phases
	if len(p.number) == 0 {
		return noPhase
	}
	if c.within(t) {
		return p.number[c.span]
	}
	t -= time.Duration(p.begun.Load())
	spans := p.spans()
	i := sort.Search(len(spans), func(i int) bool { return t < spans[i].End })
	if i == len(spans) || t < spans[i].Start {
		return noPhase
	}
	c.span = i
	return p.number[i]
}

// within says that a time is in the span that was found last.
func (c *cursor) within(t time.Duration) bool {
	t -= time.Duration(c.phases.begun.Load())
	s := &c.phases.spans()[c.span]
	return s.Start <= t && t < s.End
}
