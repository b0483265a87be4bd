package routing

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/record"
)

// DirectConfig is what a [Direct] is made with. Zero stands for the default of a field that has one.
type DirectConfig struct {
	Handler Handler
	// Batch is the most rows a call of the handler takes; default 25, as many as a BatchWriteItem does.
	Batch int
	// Linger is how long a row waits for others to share its call; default 5 ms.
	Linger time.Duration
	// InFlight is how many calls may be under way at once; default 4.
	InFlight int
	// Queue bounds the rows that wait; default 10,000. Where it is full, Emit blocks.
	Queue int
}

// Direct hands the rows that fire to one handler, several calls at once. It is an aggregator's sink in the pipeline direct. Calls
// that are under way at once may overtake each other, but a row that fired again waits until the call with its earlier one has ended.
type Direct struct {
	config DirectConfig
	queue  *queue
	failed atomic.Int64 // rows of calls that failed
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
	return &Direct{config: config, queue: newQueue(config.Queue)}
}

// Emit takes all rows, and blocks while the queue is full. The error says that Run has ended, and why, or that ctx has.
func (d *Direct) Emit(ctx context.Context, rows []record.Fired) error { return d.queue.put(ctx, rows) }

// Queued is how many rows wait.
func (d *Direct) Queued() int { return d.queue.length() }

// Run hands over rows until something fails or ctx ends. When ctx ends it takes no more rows, so whoever emits has to end
// before; it goes on until the handler has had all that it took, or until drain ends. The error says how many rows were not
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
	d.queue.close(fmt.Errorf("routing: the handler has ended: %w", err))
	left := d.failed.Load() + int64(d.queue.length())
	if left == 0 && errors.Is(err, drain.Err()) {
		return nil
	}
	return fmt.Errorf("routing: %d rows were not handled: %w", left, err)
}

// work hands over rows, a call at a time, until the queue is closed and empty.
func (d *Direct) work(ctx context.Context) error {
	for {
		rows, err := d.queue.take(ctx, d.config.Batch, d.config.Linger)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := d.config.Handler.Handle(ctx, rows); err != nil {
			d.failed.Add(int64(len(rows)))
			return err
		}
		d.queue.done(rows)
	}
}
