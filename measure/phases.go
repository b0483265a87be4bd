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
}

// Warmup is the name of the phases that are left out of a run's own latencies and trends. They are in those of the phase.
const Warmup = "warmup"

// noPhase is where a time lies in none.
const noPhase = -1

// phases are those of a run: which one a time is in. Their names are numbered in the order of their first phase.
type phases struct {
	spans  []Phase // in their order, none over another
	names  []string
	number []int // of each span's name
	// begun and ended are when the feed began and ended, by the run's clock; no time before or after is in a phase.
	begun, ended atomic.Int64
	// offered are the records that came due in each span.
	offered []atomic.Int64
}

func newPhases(spans []Phase) *phases {
	p := &phases{spans: spans, offered: make([]atomic.Int64, len(spans))}
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

// leftOut says that what a slot of a point holds is left out of the run's latencies.
func (p *phases) leftOut(slot int) bool { return slot > 0 && p.names[slot-1] == Warmup }

// edge is the first time after now, by the run's clock, at which a phase begins or ends.
func (p *phases) edge(now time.Duration) (at time.Duration, ok bool) {
	begun, ended := time.Duration(p.begun.Load()), time.Duration(p.ended.Load())
	if now >= ended || begun == math.MaxInt64 {
		return 0, false
	}
	i := sort.Search(len(p.spans), func(i int) bool { return p.spans[i].End > now-begun })
	switch {
	case i == len(p.spans):
		return 0, false
	case p.spans[i].Start > now-begun:
		return begun + p.spans[i].Start, true
	}
	return begun + p.spans[i].End, true
}

// offer counts records for the phases that they are due in.
func (p *phases) offer(records []record.Record) {
	c := cursor{phases: p}
	for len(p.spans) > 0 && len(records) > 0 {
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
	if len(p.spans) == 0 {
		return noPhase
	}
	if c.within(t) {
		return p.number[c.span]
	}
	t -= time.Duration(p.begun.Load())
	i := sort.Search(len(p.spans), func(i int) bool { return t < p.spans[i].End })
	if i == len(p.spans) || t < p.spans[i].Start {
		return noPhase
	}
	c.span = i
	return p.number[i]
}

// within says that a time is in the span that was found last.
func (c *cursor) within(t time.Duration) bool {
	t -= time.Duration(c.phases.begun.Load())
	s := &c.phases.spans[c.span]
	return s.Start <= t && t < s.End
}
