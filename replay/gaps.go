package replay

import (
	"cmp"
	"slices"
	"time"

	"weir/record"
)

// Gap is a stretch of event time without a record, in the order of the replay.
type Gap struct {
	// After is the event time that it begins at, in ms since the Unix epoch.
	After int64
	For   time.Duration
}

// maxGaps is how many of the longest gaps are kept.
const maxGaps = 3

// gaps finds the longest gaps of a recording.
type gaps struct {
	started bool
	newest  int64
	longest []Gap // the longest first
}

// add takes the next records of the replay.
func (g *gaps) add(records []record.Record) {
	for i := range records {
		at := records[i].Event.Time
		if !g.started {
			g.started, g.newest = true, at
		}
		if at <= g.newest {
			continue
		}
		if gap := millis(uint64(at) - uint64(g.newest)); len(g.longest) < maxGaps || gap > g.longest[maxGaps-1].For {
			g.keep(Gap{After: g.newest, For: gap})
		}
		g.newest = at
	}
}

func (g *gaps) keep(gap Gap) {
	g.longest = append(g.longest, gap)
	slices.SortStableFunc(g.longest, func(a, b Gap) int { return cmp.Compare(b.For, a.For) })
	g.longest = g.longest[:min(len(g.longest), maxGaps)]
}
