package aggregator

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"weir/aggregator/window"
	"weir/record"
)

// queueBatches bounds the batches that wait in front of a window subtask.
const queueBatches = 4

// windowSubtask holds the open windows of its keys, and fires them.
type windowSubtask struct {
	index    int
	groups   keyGroups
	queue    chan *batch
	grid     window.Grid
	mean     *int
	sink     Sink
	observer Observer
	clock    record.Clock
	totals   totals
	load     load
	charge   *charge // nil where records cost nothing beside their own work
	pool     *sync.Pool

	// watermark is the minimum over the source subtasks, by steps: the windows that end by then have fired.
	watermark *window.Minimum
	// emitted is the end of the last windows of which the sink has taken the rows.
	emitted atomic.Int64
	open    map[int64]*pane // by their starts
	// complete is the start of the first window that is whole: those before it fire nothing. [window.Unset] where all are.
	complete int64
	// from is the checkpoint that is to be restored, nil once it is.
	from *Checkpoint
	// barriers counts the source subtasks whose barrier has come.
	barriers int
	last     *pane // of the event before, as most events fall into its pane

	// reported counts the events of the batch being processed that are done, and reported.
	reported int
	// What the others have brought about, and the rows that fired.
	late                []record.Late
	dropped, suppressed int
	fired               []record.Fired
}

func newWindowSubtask(a *Aggregator, index int, pool *sync.Pool) *windowSubtask {
	w := &windowSubtask{
		index: index, groups: a.groups, complete: a.complete(), from: a.config.Restore, queue: make(chan *batch, queueBatches), grid: a.grid, mean: a.config.Mean,
		sink: a.config.Sink, observer: a.config.Observer, clock: a.config.Clock,
		load: newLoad(a.config.Clock), charge: newCharge(a.config.Cost, index), pool: pool,
		watermark: window.NewMinimum(a.config.Parallelism), open: make(map[int64]*pane),
	}
	w.emitted.Store(window.Unset)
	return w
}

// run processes batches until ctx ends.
func (w *windowSubtask) run(ctx context.Context) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	for {
		w.load.enter(idle)
		select {
		case b := <-w.queue:
			w.load.enter(busy)
			if b.barrier != nil {
				w.align(b.barrier)
			} else if err := w.process(ctx, b); err != nil {
				return err
			}
			w.emitted.Store(w.grid.Fired(w.watermark.Value()))
			b.reset()
			w.pool.Put(b)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (w *windowSubtask) process(ctx context.Context, b *batch) error {
	w.reported = 0
	from := 0
	for _, m := range b.marks {
		if err := w.add(ctx, b, from, m.at); err != nil {
			return err
		}
		from = m.at
		if err := w.take(b.source, &m); err != nil {
			return err
		}
		if w.charge == nil {
			continue // the rest of the batch takes no time that a row could wait for
		}
		if err := w.report(ctx, b, from); err != nil { // or they would wait for the sink, too
			return err
		}
		if err := w.emit(ctx); err != nil {
			return err
		}
	}
	if err := w.add(ctx, b, from, len(b.events)); err != nil {
		return err
	}
	// What is owed now is less than a payment. It counts as paid, or the last records before a silence would not be done before it ends.
	if err := w.report(ctx, b, len(b.events)); err != nil {
		return err
	}
	return w.emit(ctx)
}

// add takes events between two marks, so that one watermark holds for all of them, and reports them with each payment.
func (w *windowSubtask) add(ctx context.Context, b *batch, from, to int) error {
	if w.charge == nil {
		return w.count(b, b.events[from:to])
	}
	for from < to {
		n, due := w.charge.draws(to - from)
		if err := w.count(b, b.events[from:from+n]); err != nil {
			return err
		}
		from += n
		if !due {
			return nil
		}
		if err := w.charge.pay(ctx); err != nil {
			return err
		}
		if err := w.report(ctx, b, from); err != nil {
			return err
		}
	}
	return nil
}

// report reports the batch's events before an index that were not reported yet: they are done.
func (w *windowSubtask) report(ctx context.Context, b *batch, to int) error {
	from := w.reported
	if from == to {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w.totals.late.Add(int64(w.dropped))
	w.totals.suppressed.Add(int64(w.suppressed))
	w.totals.counted.Add(int64(to - from - w.dropped - w.suppressed))
	if len(w.late) > 0 {
		w.observer.Late(w.late)
	}
	w.observer.Processed(b.shard, b.places[from:to], w.clock.Now())
	w.reported, w.late, w.dropped, w.suppressed = to, w.late[:0], 0, 0
	return nil
}

// count counts events in their panes.
func (w *windowSubtask) count(b *batch, events []event) error {
	fired := w.grid.Fired(w.watermark.Value())
	for i := range events {
		e := &events[i]
		start := w.grid.Pane(e.Time)
		if start < w.complete {
			w.suppressed++
			continue
		}
		behind := w.grid.First(start) <= fired
		if behind && w.tooLate(b, e, start) {
			continue
		}
		if w.last == nil || w.last.start != start {
			w.last = w.pane(start)
		}
		c, err := w.last.add(e)
		if err == nil && behind {
			err = w.refire(c, e, fired)
		}
		if err != nil {
			return fmt.Errorf("record %s of shard %s: %w", e.sequence, b.shard, err)
		}
	}
	return nil
}

// tooLate notes a record that comes when a window of its pane is over, and says whether all of them are.
func (w *windowSubtask) tooLate(b *batch, e *event, start int64) bool {
	over := w.grid.Over(w.watermark.Value())
	if w.grid.First(start) > over {
		return false
	}
	dropped := w.grid.Last(start) <= over
	if dropped {
		w.dropped++
	}
	w.late = append(w.late, record.Late{
		ID: record.ID{Shard: b.shard, Sequence: e.sequence}, Over: min(over, w.grid.Last(start)), Dropped: dropped,
	})
	return dropped
}

func (w *windowSubtask) pane(start int64) *pane {
	p := w.open[start]
	if p == nil {
		p = newPane(start)
		w.open[start] = p
	}
	return p
}

// take takes a mark of a source subtask. Where it raises the minimum, the windows that it fires fire in the order of their
// starts, each in the order of kind and key.
func (w *windowSubtask) take(source int, m *mark) error {
	was, risen := w.watermark.Value(), false
	switch m.kind {
	case raised:
		risen = w.watermark.Raise(source, m.watermark)
	case sourceHeld:
		w.watermark.Hold(source)
	case sourceIdle:
		risen = w.watermark.Idle(source)
	case sourceActive:
		w.watermark.Active(source)
	}
	if !risen {
		return nil
	}
	return w.advance(was, m)
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
