package aggregator

import (
	"slices"
	"time"

	"weir/aggregator/window"
	"weir/record"
)

// advance fires the windows that the watermark has come to since it was at was, and forgets the panes whose windows are all over.
func (w *windowSubtask) advance(was int64, m *mark) error {
	for _, end := range w.ends(w.grid.Fired(was), w.grid.Fired(w.watermark.Value())) {
		if err := w.fire(end, m); err != nil {
			return err
		}
	}
	over := w.grid.Over(w.watermark.Value())
	for start := range w.open {
		if w.grid.Last(start) <= over {
			delete(w.open, start)
			w.last = nil
		}
	}
	return nil
}

// ends are the ends of the windows that have a record and end after one time, by another.
func (w *windowSubtask) ends(after, by int64) []int64 {
	var ends []int64
	for start := range w.open {
		end := w.grid.First(start)
		if after != window.Unset {
			end = max(end, after+w.grid.Slide())
		}
		for ; end <= min(by, w.grid.Last(start)); end += w.grid.Slide() {
			ends = append(ends, end)
		}
	}
	slices.Sort(ends)
	return slices.Compact(ends)
}

// panes are the panes of a window that have a record.
func (w *windowSubtask) panes(end int64) []*pane {
	var panes []*pane
	for start := end - w.grid.Size(); start < end; start += w.grid.Slide() {
		if p := w.open[start]; p != nil {
			panes = append(panes, p)
		}
	}
	return panes
}

// fire appends the rows of a window.
func (w *windowSubtask) fire(end int64, m *mark) error {
	if end-w.grid.Size() < w.complete {
		return nil
	}
	panes := w.panes(end)
	whole := panes[0]
	if len(panes) > 1 {
		whole = newPane(whole.start)
		for _, p := range panes {
			for c := range p.all() {
				if err := whole.put(c); err != nil {
					return err
				}
			}
		}
	}
	w.fired = slices.Grow(w.fired, whole.cells)
	for _, c := range whole.sorted() {
		w.fired = append(w.fired, record.Fired{Row: w.row(c, end), Trigger: m.trigger, Newest: c.newest, Flushed: m.flushed})
	}
	return nil
}

// refire fires the row of an event's key again, in each window of its pane that has fired and is not over: as Flink does, once for each record that comes
// after its window has fired.
func (w *windowSubtask) refire(c *cell, e *event, fired int64) error {
	start := w.last.start
	end := max(w.grid.First(start), w.firstWhole())
	if over := w.grid.Over(w.watermark.Value()); over != window.Unset {
		end = max(end, over+w.grid.Slide())
	}
	for ; end <= min(fired, w.grid.Last(start)); end += w.grid.Slide() {
		total, newest := window.Accumulator{}, time.Duration(record.NoDue)
		for _, p := range w.panes(end) {
			_, found := p.find(c.kind, c.key, e.hash)
			if found == nil {
				continue
			}
			newest = max(newest, found.newest)
			if err := total.Merge(&found.Accumulator); err != nil {
				return err
			}
		}
		whole := cell{kind: c.kind, key: c.key, Accumulator: total, newest: newest}
		w.fired = append(w.fired, record.Fired{Row: w.row(&whole, end), Trigger: e.due, Newest: newest})
	}
	return nil
}

// row is the row of a cell in the window that ends at end.
func (w *windowSubtask) row(c *cell, end int64) record.Row {
	row := record.Row{RowID: record.RowID{Kind: c.kind, Key: c.key, WindowStart: end - w.grid.Size()}, WindowEnd: end}
	c.Fill(&row)
	if w.mean != nil {
		c.FillMean(&row, *w.mean)
	}
	return row
}

// firstWhole is the end of the first window that is whole.
func (w *windowSubtask) firstWhole() int64 {
	if w.complete == window.Unset {
		return window.Unset
	}
	return w.complete + w.grid.Size()
}
