package oracle

import (
	"slices"
	"strings"

	"weir/record"
)

// An aggregator that goes back reads records again, and may meet them in another order of its shards: then other may-drops come late. What it reports stands
// for the rows that it writes again. Two sorts of rows it does not write again, and both are what an earlier aggregator made of them: one whose records all
// come late now, and one of a window that it makes no row of, for it began without a state. Of such a row it is not known which may-drops are in it: it
// has to be its sure records and some of those. Where windows overlap, a record may be late for some of its windows only, and is sure in the others.

// Rewound is told that the aggregator has gone back, to the records behind these sequence numbers of their shards: what it reported of
// them does not hold any more, for it will read them again. A shard that is not named is read from its start. It says how many records that were.
func (o *Oracle) Rewound(to map[string]string, unknown []string) (forgotten int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rewound = true
	for id := range o.late {
		if slices.Contains(unknown, id.Shard) {
			continue
		}
		sequence := to[id.Shard]
		if number, _, _ := strings.Cut(id.Sequence, "/"); sequence == "" || record.CompareSequence(number, sequence) > 0 {
			delete(o.late, id)
			forgotten++
		}
	}
	return forgotten
}

// RewoundTo is told that the aggregator has gone back, and makes no row any more of windows that begin by an event time: what it reported of others does not
// hold any more.
func (o *Oracle) RewoundTo(incomplete int64) (forgotten int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.stateless || incomplete > o.incomplete {
		o.incomplete = incomplete
	}
	o.rewound, o.stateless = true, true
	for id, over := range o.late {
		if over-o.size > incomplete {
			delete(o.late, id)
			forgotten++
		}
	}
	return forgotten
}

// mostSubsets bounds the may-drops of a row of which it is looked whether some of them make it what it is. Of a row with more, its count has to fit.
const mostSubsets = 12

// older says that a row is what an earlier aggregator can have made of it, and that the last one did not have to write it again. One that is expected the
// last one writes, unless it began without a state.
func (o *Oracle) older(actual *record.Row, expected bool) bool {
	if !o.rewound || o.single && !o.stateless || expected && (!o.stateless || actual.WindowStart > o.incomplete) {
		return false
	}
	sure, may := o.contributions(actual.RowID)
	if len(may) > mostSubsets {
		return actual.Count >= sure.count && actual.Count <= sure.count+int64(len(may))
	}
	for some := range 1 << len(may) {
		a := sure
		for i, m := range may {
			if some>>i&1 == 1 {
				a.add(m.value, m.has)
			}
		}
		if a.count > 0 && o.row(actual.RowID, &a) == *actual {
			return true
		}
	}
	return false
}

// contributions are what a row has for sure, of all panes of its window, and what it may have beside.
func (o *Oracle) contributions(row record.RowID) (sure aggregate, may []mayDrop) {
	end := row.WindowStart + o.size
	for pane := row; pane.WindowStart < end; pane.WindowStart += o.slide {
		p := o.panes.get(pane)
		if p == nil {
			continue
		}
		sure.merge(&p.sure)
		for _, m := range p.mayDrops {
			if m.over < end {
				sure.add(m.value, m.has)
			} else {
				may = append(may, m)
			}
		}
	}
	return sure, may
}
