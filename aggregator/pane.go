package aggregator

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"weir/aggregator/window"
	"weir/record"
)

// pane is the state of one open window: an accumulator for each (kind, key).
type pane struct {
	start int64
	index map[group]int // into cells
	cells []cell
}

type group struct{ kind, key string }

type cell struct {
	group
	window.Accumulator
	newest time.Duration // the greatest due time of the contributors
}

func newPane(start int64) *pane { return &pane{start: start, index: make(map[group]int)} }

// add counts one event. The strings of a new group are copied, so that an open window does not hold on to whole pages.
func (p *pane) add(e *event) error {
	i, ok := p.index[group{e.Kind, e.Key}]
	if !ok {
		i = len(p.cells)
		g := group{strings.Clone(e.Kind), strings.Clone(e.Key)}
		p.cells = append(p.cells, cell{group: g, newest: record.NoDue})
		p.index[g] = i
	}
	c := &p.cells[i]
	c.newest = max(c.newest, e.due)
	return c.Add(e.Value)
}

// fire appends the window's rows in the order of kind and key.
func (p *pane) fire(rows []record.Fired, end int64, m *mark) []record.Fired {
	slices.SortFunc(p.cells, func(a, b cell) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.key, b.key))
	})
	rows = slices.Grow(rows, len(p.cells))
	for i := range p.cells {
		c := &p.cells[i]
		row := record.Row{RowID: record.RowID{Kind: c.kind, Key: c.key, WindowStart: p.start}, WindowEnd: end}
		c.Fill(&row)
		rows = append(rows, record.Fired{Row: row, Trigger: m.trigger, Newest: c.newest, Flushed: m.flushed})
	}
	return rows
}
