package simulator

import (
	"cmp"
	"slices"
	"time"

	"weir/aggregator/window"
)

// windows is a window subtask.
type windows struct {
	engine    *engine
	watermark *window.Minimum
	open      map[int64]*pane
	last      *pane
	spare     []*pane
	place     []int32 // by row key, where a row of the window that fires is, and one
	queue     []*batch
	waiting   []func() // source subtasks behind a full queue
	working   bool
	// draw draws what the next record costs, nil where it costs nothing, and owed is what was not paid yet; see aggregator.Cost.
	draw func() time.Duration
	owed time.Duration
	paid func() // settle
	now  section
	waits
}

// payment is how much of their cost is owed before it is paid; see weir/aggregator.
const payment = time.Millisecond

// section is what a window subtask is at in a batch: the records up to a mark, or up to the end.
type section struct {
	batch *batch
	mark  int
	// The records before done are processed, the cost of those before at is drawn, and to is where the section ends.
	done, at, to int
	// fired are the rows that fired and were not handed on yet.
	fired []row
}

// pane is a stretch of event time that windows are made of: the rows in it, and where each is.
type pane struct {
	start int64
	index []int32 // by row key, the place in rows and one; 0 where there is none
	rows  []paneRow
}

type paneRow struct {
	key    int32
	newest time.Duration
}

func (t *windows) work() {
	if t.working || len(t.queue) == 0 {
		return
	}
	t.working = true
	b := t.queue[0]
	t.queue = t.queue[1:]
	if len(t.waiting) > 0 {
		next := t.waiting[0]
		t.waiting = t.waiting[1:]
		next()
	}
	t.now = section{batch: b}
	t.step()
}

// step counts the records up to a mark, and pays for them.
func (t *windows) step() {
	s := &t.now
	s.to = len(s.batch.events)
	if s.mark < len(s.batch.marks) {
		s.to = s.batch.marks[s.mark].at
	}
	s.fired = append(s.fired, t.add(s.batch.events[s.at:s.to])...)
	t.charge()
}

// charge adds up what the records cost, until it is to be paid or no record is left. What is owed at the end of a batch goes into the next payment, and counts
// as paid.
func (t *windows) charge() {
	s := &t.now
	if t.draw == nil {
		s.at = s.to
	}
	for s.at < s.to {
		s.at++
		if t.owed += t.draw(); t.owed >= payment {
			t.engine.world.clock.after(t.owed, t.paid)
			return
		}
	}
	t.close()
}

// settle is when a payment was made.
func (t *windows) settle() {
	t.owed = 0
	t.processed()
	t.charge()
}

func (t *windows) processed() {
	s := &t.now
	t.engine.world.measures.processed(s.batch.events[s.done:s.at])
	s.done = s.at
}

// close closes the windows that the mark closes, and goes on behind it. Records are processed before the rows are handed on, or they would wait for the sink,
// too. Where records cost nothing, rows are handed on at the end of the batch, because the rest of it takes no time; see weir/aggregator.
func (t *windows) close() {
	s := &t.now
	last := s.mark == len(s.batch.marks)
	if !last {
		s.fired = append(s.fired, t.raise(s.batch.source, &s.batch.marks[s.mark])...)
		s.mark++
		if t.draw == nil {
			t.step()
			return
		}
	}
	t.processed()
	fired := s.fired
	s.fired = nil
	t.emit(fired, func() {
		if !last {
			t.step()
			return
		}
		t.working = false
		t.work()
	})
}

// add counts events in their panes. One whose windows have fired but are not over fires them again.
func (t *windows) add(events []arrival) (again []row) {
	e := t.engine
	fired, over := e.grid.Fired(t.watermark.Value()), e.grid.Over(t.watermark.Value())
	for i := range events {
		ev := &events[i]
		if e.grid.Last(ev.pane) <= over {
			e.world.measures.late()
			continue
		}
		if t.last == nil || t.last.start != ev.pane {
			t.last = t.pane(ev.pane)
		}
		t.last.add(ev)
		for end := e.grid.First(ev.pane); end <= min(fired, e.grid.Last(ev.pane)); end += e.grid.Slide() {
			if end > over {
				again = append(again, row{key: ev.row, trigger: ev.due, newest: ev.due, again: true})
			}
		}
	}
	return again
}

func (p *pane) add(ev *arrival) {
	at := p.index[ev.row]
	if at == 0 {
		p.rows = append(p.rows, paneRow{ev.row, ev.due})
		p.index[ev.row] = int32(len(p.rows))
		return
	}
	row := &p.rows[at-1]
	row.newest = max(row.newest, ev.due)
}

func (t *windows) pane(start int64) *pane {
	p := t.open[start]
	if p != nil {
		return p
	}
	if last := len(t.spare) - 1; last >= 0 {
		p, t.spare = t.spare[last], t.spare[:last]
	} else {
		n := len(t.engine.world.trace.Rows)
		p = &pane{index: make([]int32, n)}
		if t.place == nil {
			t.place = make([]int32, n)
		}
	}
	p.start = start
	t.open[start] = p
	return p
}

// raise takes a mark, and gives the rows that fire.
func (t *windows) raise(source int, m *mark) (fired []row) {
	was := t.watermark.Value()
	if !t.watermark.Raise(source, m.watermark) {
		return nil
	}
	g := &t.engine.grid
	for _, end := range t.ends(g.Fired(was), g.Fired(t.watermark.Value())) {
		fired = t.fire(fired, end, m)
	}
	over := g.Over(t.watermark.Value())
	for start, p := range t.open {
		if g.Last(start) <= over {
			t.forget(p)
		}
	}
	return fired
}

// ends are the ends of the windows that have a record and end after one time, by another.
func (t *windows) ends(after, by int64) []int64 {
	g := &t.engine.grid
	var ends []int64
	for start := range t.open {
		end := g.First(start)
		if after != window.Unset {
			end = max(end, after+g.Slide())
		}
		for ; end <= min(by, g.Last(start)); end += g.Slide() {
			ends = append(ends, end)
		}
	}
	slices.Sort(ends)
	return slices.Compact(ends)
}

// fire appends the rows of the window that ends at end, which is made of panes, in the order of kind and key.
func (t *windows) fire(fired []row, end int64, m *mark) []row {
	g := &t.engine.grid
	from := len(fired)
	for start := end - g.Size(); start < end; start += g.Slide() {
		p := t.open[start]
		if p == nil {
			continue
		}
		for i := range p.rows {
			r := &p.rows[i]
			if at := t.place[r.key]; at > 0 {
				fired[from+int(at)-1].newest = max(fired[from+int(at)-1].newest, r.newest)
				continue
			}
			fired = append(fired, row{key: r.key, trigger: m.trigger, newest: r.newest, flushed: m.flushed})
			t.place[r.key] = int32(len(fired) - from)
		}
	}
	for i := range fired[from:] {
		t.place[fired[from+i].key] = 0
	}
	order := t.engine.order
	slices.SortFunc(fired[from:], func(a, b row) int { return cmp.Compare(order[a.key], order[b.key]) })
	return fired
}

// forget empties a pane whose windows are over, and keeps its memory.
func (t *windows) forget(p *pane) {
	for i := range p.rows {
		p.index[p.rows[i].key] = 0
	}
	p.rows = p.rows[:0]
	delete(t.open, p.start)
	t.spare = append(t.spare, p)
	t.last = nil
}

// emit hands rows to what is behind the engine, and goes on once they are taken.
func (t *windows) emit(fired []row, then func()) {
	w := t.engine.world
	if len(fired) == 0 {
		then()
		return
	}
	from := len(w.rows)
	w.rows = append(w.rows, fired...)
	ids := make([]int32, len(fired))
	for i := range ids {
		ids[i] = int32(from + i)
	}
	w.measures.fired(ids)
	put := w.forward
	if w.direct != nil {
		put = w.direct.put
	}
	begun := w.clock.now
	put(ids, func() {
		t.held(begun, w.clock.now)
		then()
	})
}
