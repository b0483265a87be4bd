package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"weir/measure/backlog"
	"weir/record"
	"weir/stream"
)

// Source is a load: it is asked for what is due, so that its schedule is arithmetic and the clock is the feeder's.
type Source interface {
	// Fill appends the records due before until, at most a bounded number a call. The error is io.EOF when all were
	// handed out.
	Fill(batch *record.Batch, until time.Duration) error
	// Next is the due time of the next record, if it is known.
	Next() (due time.Duration, ok bool)
}

// queue is the writer's side of the feeder.
type queue interface {
	// Put takes the records without blocking, up to its bound, and says how many it took.
	Put(records []record.Record) (taken int, err error)
	// PutWait takes all the records, and blocks until there is room.
	PutWait(ctx context.Context, records []record.Record) (taken int, err error)
}

// feedObserver is told of every record that the schedule offered.
type feedObserver interface {
	// Handing is told of records that are about to be put into the writer's queue, at the time at. Handed or Dropped follows for each.
	Handing(records []record.Record, at time.Duration)
	// Handed is told of records that entered the writer's queue, at the time at.
	Handed(records []record.Record, at time.Duration)
	// Dropped is told of records that came due and found no room.
	Dropped(records []record.Record)
}

// feeder hands what is due to the writer: by the schedule, whatever the pipeline does (open loop), or as fast as the writer
// takes it (closed loop).
type feeder struct {
	source   Source
	queue    queue
	clock    record.Clock
	observer feedObserver
	closed   bool // closed loop
	// patience is how long a closed loop waits for room in the queue.
	patience time.Duration
	// start is when the schedule begins: the source's due times count from there, a run's from the start of its clock.
	start   time.Duration
	sleeper sleeper
	// wake is when it was last to wake, or did, if that was later.
	wake time.Duration
	// next is when the next record is due, by the source's own count; [record.NoDue] where that is not known.
	next atomic.Int64
}

// sleeper is how the feeder waits.
type sleeper interface {
	// Sleep returns early when ctx ends.
	Sleep(ctx context.Context, d time.Duration)
	// Tick is how often it is worth asking for what has come due.
	Tick() time.Duration
}

// errSaturated ends a feed whose load the writer's queue could not take; what wraps it says why.
var errSaturated = errors.New("saturated")

// run feeds until the source ends (nil), ctx ends (its error), or the queue is full (errSaturated).
func (f *feeder) run(ctx context.Context) error {
	step := f.open
	if f.closed {
		step = f.closedLoop
	}
	var batch record.Batch
	defer f.next.Store(int64(record.NoDue))
	for ctx.Err() == nil {
		batch.Reset()
		if err := step(ctx, &batch); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// open hands over everything that is due by now, then sleeps until the next record is.
func (f *feeder) open(ctx context.Context, batch *record.Batch) error {
	end := f.source.Fill(batch, f.clock.Now()-f.start)
	if len(batch.Records) > 0 {
		for i := range batch.Records {
			batch.Records[i].Due += f.start
		}
		if end == nil {
			f.note()
		}
		f.observer.Handing(batch.Records, f.clock.Now())
		taken, err := f.queue.Put(batch.Records)
		if err := f.handed(batch.Records, taken, err, f.clock.Now()); err != nil {
			return err
		}
		return end
	}
	if end == nil {
		f.note()
		f.sleeper.Sleep(ctx, f.pause())
	}
	return end
}

// waiter is a source that can say what is due and was not handed out, while it is asked for records.
type waiter interface {
	Waiting(until time.Duration) (records int64, oldest time.Duration)
}

// late is what is due and was not handed over. Of a source that cannot count it, that is one record or none, until it is handed over.
func (f *feeder) late(now time.Duration) backlog.Extent {
	next := time.Duration(f.next.Load())
	if f.closed || next == record.NoDue || now <= f.start+next {
		return backlog.None
	}
	late := backlog.Extent{Records: 1, Oldest: f.start + next}
	if w, ok := f.source.(waiter); ok {
		records, oldest := w.Waiting(now - f.start)
		if records == 0 {
			return backlog.None
		}
		late.Records, late.Oldest = records, f.start+oldest
	}
	return late
}

// note notes when the next record is due.
func (f *feeder) note() {
	next := record.NoDue
	if due, ok := f.source.Next(); ok {
		next = due
	}
	f.next.Store(int64(next))
}

// pause is the time until the next record is due, and at least until a tick after the feeder was last to wake: so that waking up and
// handing over, which take their time, do not make every tick longer. Where the next due time is not known, it is that tick.
func (f *feeder) pause() time.Duration {
	now := f.clock.Now()
	f.wake += f.sleeper.Tick()
	if due, ok := f.source.Next(); ok {
		f.wake = max(f.wake, f.start+due+1) // Fill takes what is due before the time that it is given
	}
	f.wake = max(f.wake, now)
	return f.wake - now
}

// closedLoop hands over the next records as soon as there is room for them: they are due when they are handed over.
func (f *feeder) closedLoop(ctx context.Context, batch *record.Batch) error {
	end := f.source.Fill(batch, 0)
	if len(batch.Records) == 0 {
		return end
	}
	now := f.clock.Now()
	for i := range batch.Records {
		batch.Records[i].Due = now
	}
	f.observer.Handing(batch.Records, now)
	patient, cancel := context.WithTimeout(ctx, f.patience)
	defer cancel()
	taken, err := f.queue.PutWait(patient, batch.Records)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = fmt.Errorf("%w: no room came in it for %s", stream.ErrQueueFull, f.patience)
	}
	if err := f.handed(batch.Records, taken, err, now); err != nil {
		return err
	}
	return end
}

// saturated says why there was no room.
func saturated(err error) error {
	if err == stream.ErrQueueFull {
		return fmt.Errorf("%w: the writer's queue was full, for the stream took less than the schedule offered", errSaturated)
	}
	return fmt.Errorf("%w: %w", errSaturated, err)
}

// handed tells what the queue took. What it did not take was offered all the same.
func (f *feeder) handed(records []record.Record, taken int, err error, at time.Duration) error {
	f.observer.Handed(records[:taken], at)
	if taken < len(records) {
		f.observer.Dropped(records[taken:])
	}
	if errors.Is(err, stream.ErrQueueFull) {
		return saturated(err)
	}
	return err
}
