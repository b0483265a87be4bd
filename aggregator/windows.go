package aggregator

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"weir/aggregator/window"
	"weir/record"
)

// queueBatches bounds the batches that wait in front of a window subtask.
const queueBatches = 4

// windowSubtask holds the open windows of its keys, and fires them.
type windowSubtask struct {
	queue    chan *batch
	tumbling window.Tumbling
	sink     Sink
	observer Observer
	clock    record.Clock
	totals   *totals
	load     load
	charge   *charge // nil where records cost nothing beside their own work
	pool     *sync.Pool

	// closed is the minimum over the source subtasks: the windows that end by then have fired.
	closed *window.Minimum
	// emitted is closed as of the last batch whose rows the sink has taken.
	emitted atomic.Int64
	open    map[int64]*pane // by window start
	last    *pane           // of the event before, as most events fall into its window

	// What the batch being processed has brought about.
	late  []record.ID
	fired []record.Fired
}

func newWindowSubtask(a *Aggregator, index int, pool *sync.Pool) *windowSubtask {
	w := &windowSubtask{
		queue: make(chan *batch, queueBatches), tumbling: a.tumbling,
		sink: a.config.Sink, observer: a.config.Observer, clock: a.config.Clock,
		totals: &a.totals, load: newLoad(a.config.Clock), charge: newCharge(a.config.Cost, index), pool: pool,
		closed: window.NewMinimum(a.config.Parallelism), open: make(map[int64]*pane),
	}
	w.emitted.Store(window.Unset)
	return w
}

// run processes batches until ctx ends.
func (w *windowSubtask) run(ctx context.Context) error {
	for {
		w.load.enter(idle)
		select {
		case b := <-w.queue:
			w.load.enter(busy)
			if err := w.process(ctx, b); err != nil {
				return err
			}
			w.emitted.Store(w.closed.Value())
			b.reset()
			w.pool.Put(b)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (w *windowSubtask) process(ctx context.Context, b *batch) error {
	w.late = w.late[:0]
	from := 0
	for _, m := range b.marks {
		if err := w.add(ctx, b, b.events[from:m.at]); err != nil {
			return err
		}
		from = m.at
		w.raise(b.source, &m)
		if w.charge == nil {
			continue // the rest of the batch takes no time that a row could wait for
		}
		if err := w.emit(ctx); err != nil {
			return err
		}
	}
	if err := w.add(ctx, b, b.events[from:]); err != nil {
		return err
	}
	w.totals.late.Add(int64(len(w.late)))
	w.totals.counted.Add(int64(len(b.events) - len(w.late)))
	if len(w.late) > 0 {
		w.observer.Late(w.late)
	}
	return w.emit(ctx)
}

// add counts events in their windows, between two marks, so that one watermark holds for all of them.
func (w *windowSubtask) add(ctx context.Context, b *batch, events []event) error {
	closed := w.closed.Value()
	for i := range events {
		e := &events[i]
		start := w.tumbling.Start(e.Time)
		if w.tumbling.End(start) <= closed {
			w.late = append(w.late, record.ID{Shard: b.shard, Sequence: e.sequence})
			continue
		}
		if w.last == nil || w.last.start != start {
			w.last = w.pane(start)
		}
		if err := w.last.add(e); err != nil {
			return fmt.Errorf("record %s of shard %s: %w", e.sequence, b.shard, err)
		}
	}
	return w.charge.records(ctx, len(events))
}

func (w *windowSubtask) pane(start int64) *pane {
	p := w.open[start]
	if p == nil {
		p = newPane(start)
		w.open[start] = p
	}
	return p
}

// raise takes a mark of a source subtask. Where it raises the minimum, the windows that it closes fire in the order of their
// starts, each in the order of kind and key.
func (w *windowSubtask) raise(source int, m *mark) {
	if m.held {
		w.closed.Hold(source)
		return
	}
	if !w.closed.Raise(source, m.closed) {
		return
	}
	var over []int64
	for start := range w.open {
		if w.tumbling.End(start) <= w.closed.Value() {
			over = append(over, start)
		}
	}
	slices.Sort(over)
	for _, start := range over {
		w.fired = w.open[start].fire(w.fired, w.tumbling.End(start), m)
		delete(w.open, start)
		w.last = nil
	}
}

// emit hands over the rows that the batch fired. The sink may keep them, so the slice is not used again.
func (w *windowSubtask) emit(ctx context.Context) error {
	if len(w.fired) == 0 {
		return nil
	}
	rows := w.fired
	w.fired = nil
	w.totals.rows.Add(int64(len(rows)))
	w.observer.Fired(rows, w.clock.Now())
	w.load.enter(backPressured)
	if err := w.sink.Emit(ctx, rows); err != nil {
		return fmt.Errorf("emit %d rows: %w", len(rows), err)
	}
	w.load.enter(busy)
	return nil
}
