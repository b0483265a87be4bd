package routing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/record"
)

// DirectConfig is what a [Direct] is made with. Zero stands for the default of a field that has one.
type DirectConfig struct {
	Function Function
	// Observer is told of rows that are handled; nil is nobody.
	Observer interface {
		Handled(route string, rows []record.Row, at time.Duration)
	}
	Clock record.Clock
	// Batch is the most rows an invocation takes; default 25, as many as a BatchWriteItem does.
	Batch int
	// Linger is how long a row waits for others to share its invocation; default 5 ms.
	Linger time.Duration
	// InFlight is how many invocations may be under way at once; default 4.
	InFlight int
	// Queue bounds the rows that wait; default 10,000. Where it is full, Emit blocks.
	Queue int
}

// Direct hands the rows that fire to one function, several invocations at once. It is an aggregator's sink in the pipeline direct. Invocations
// that are under way at once may overtake each other, but a row that fired again waits until the invocation with its earlier one has ended. One that fails is
// made again until it succeeds, as the old application did.
type Direct struct {
	config      DirectConfig
	queue       *queue
	failed      atomic.Int64 // rows of invocations that failed for good
	rows        atomic.Int64
	retried     atomic.Int64
	invocations invocations

	mu      sync.Mutex
	failing map[*Batch]failing // those that fail now
}

// failing is an invocation that fails.
type failing struct {
	since    time.Duration
	failures int
	reason   error
}

// DirectStatus is what became of the rows that were handed over.
type DirectStatus struct {
	// Rows were handled; Retried counts rows of invocations that were made again.
	Rows, Retried int64
	Invocations   InvocationCounts
	// Failing are the rows in invocations that fail now. FailingSince is when the first of these began to, Failures how often it did, and Reason why.
	Failing      int64
	FailingSince time.Duration
	Failures     int
	Reason       error
}

// NewDirect makes a Direct that takes rows at once and handles them once it runs.
func NewDirect(config DirectConfig) *Direct {
	for _, field := range []struct {
		value    *int
		standard int
	}{{&config.Batch, 25}, {&config.InFlight, 4}, {&config.Queue, 10_000}} {
		if *field.value <= 0 {
			*field.value = field.standard
		}
	}
	if config.Linger <= 0 {
		config.Linger = 5 * time.Millisecond
	}
	return &Direct{config: config, queue: newQueue(config.Queue), failing: make(map[*Batch]failing)}
}

// Emit takes all rows, and blocks while the queue is full. The error says that Run has ended, and why, or is an [Untaken] where ctx has.
func (d *Direct) Emit(ctx context.Context, rows []record.Fired) error { return d.queue.put(ctx, rows) }

// Queued is how many rows wait.
func (d *Direct) Queued() int { return d.queue.length() }

// Status is a snapshot; it may be asked for at any time.
func (d *Direct) Status() DirectStatus {
	s := DirectStatus{Rows: d.rows.Load(), Retried: d.retried.Load(), Invocations: d.invocations.counts()}
	d.mu.Lock()
	defer d.mu.Unlock()
	for batch, f := range d.failing {
		s.Failing += int64(len(batch.Items))
		if s.Reason == nil || f.since < s.FailingSince {
			s.FailingSince, s.Failures, s.Reason = f.since, f.failures, f.reason
		}
	}
	return s
}

// Run hands over rows until something fails for good or ctx ends. When ctx ends it takes no more rows, so whoever emits has to end
// before; it goes on until the function has had all that it took, or until drain ends. The error says how many rows were not
// handled.
func (d *Direct) Run(ctx, drain context.Context) error {
	stop := context.AfterFunc(ctx, func() { d.queue.close(errClosed) })
	defer stop()
	group, working := errgroup.WithContext(drain)
	for range d.config.InFlight {
		group.Go(func() error { return d.work(working) })
	}
	err := group.Wait()
	if err == nil {
		return nil
	}
	d.queue.close(fmt.Errorf("routing: the function has ended: %w", err))
	left := d.failed.Load() + int64(d.queue.length())
	if left == 0 && errors.Is(err, drain.Err()) {
		return nil
	}
	return fmt.Errorf("routing: %d rows were not handled: %w", left, err)
}

// work hands over rows, an invocation at a time, until the queue is closed and empty.
func (d *Direct) work(ctx context.Context) error {
	for {
		rows, err := d.queue.take(ctx, d.config.Batch, d.config.Linger)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := d.handle(ctx, rows); err != nil {
			d.failed.Add(int64(len(rows)))
			return err
		}
		d.queue.done(rows)
	}
}

// handle invokes the function with rows until it succeeds.
func (d *Direct) handle(ctx context.Context, rows []record.Row) error {
	batch := &Batch{Items: make([]Item, len(rows))}
	for i := range rows {
		batch.Items[i].Row = rows[i]
	}
	for ; ; batch.Attempt++ {
		_, err := d.config.Function.Invoke(ctx, batch)
		failure := asFailure(err)
		d.invocations.add(failure)
		if failure == nil {
			d.mend(batch)
			return d.handled(batch, err)
		}
		d.fail(batch, failure)
		if pause(ctx, batch.Attempt) != nil {
			return err
		}
		d.retried.Add(int64(len(rows)))
	}
}

// fail notes that a batch fails, and mend that it does no more.
func (d *Direct) fail(batch *Batch, failure *Failure) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.failing[batch]
	if !ok {
		f.since = d.config.Clock.Now()
	}
	f.failures++
	f.reason = failure
	d.failing[batch] = f
}

func (d *Direct) mend(batch *Batch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.failing, batch)
}

// handled ends a batch: err is nil where it succeeded.
func (d *Direct) handled(batch *Batch, err error) error {
	if err != nil {
		return err
	}
	d.rows.Add(int64(len(batch.Items)))
	if d.config.Observer != nil {
		d.config.Observer.Handled("", rows(batch.Items), d.config.Clock.Now())
	}
	return nil
}
