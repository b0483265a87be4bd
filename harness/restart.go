package harness

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"weir/aggregator"
	"weir/harness/pacing"
	"weir/record"
	"weir/result"
	"weir/scenarios"
)

// restarting is an engine that is killed and started again, as a scenario asks for it: one aggregator after the other, each of which goes on where its
// own checkpoint says.
type restarting struct {
	run         *run
	config      aggregator.Config
	parallelism int
	orders      chan order
	ended       chan struct{} // closed when none will run any more
	current     atomic.Pointer[aggregator.Aggregator]
	// down says that none runs, or that the one that does has not begun.
	down atomic.Bool
	// stateless says that one began without a state, so that what the engine counts is not what the run had read.
	stateless atomic.Bool

	mu         sync.Mutex
	savepoints int
	restarts   []*restarted
	// sources and windows are the loads of the subtasks of those that have ended.
	sources, windows []aggregator.Load
	kept             aggregator.CheckpointStatus // of those
}

// order is that the engine is to restart.
type order struct {
	fault *scenarios.Fault
	fed   <-chan struct{} // closed when the load has ended
	done  chan<- struct{} // closed when the next aggregator is there
}

// restarted is what became of an order.
type restarted struct {
	result.Restart
	killed, began time.Duration
	recovered     *time.Duration
}

func (r *run) newRestarting(config aggregator.Config) *restarting {
	e := &restarting{run: r, config: config, parallelism: config.Parallelism, orders: make(chan order), ended: make(chan struct{})}
	e.current.Store(aggregator.New(config))
	return e
}

// Run implements [engine].
func (e *restarting) Run(ctx context.Context, from record.Position) error {
	defer close(e.ended)
	for {
		a := e.current.Load()
		running, kill := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- a.Run(running, from) }()
		var o order
		select {
		case err := <-ended:
			kill()
			return err
		case o = <-e.orders:
		}
		next, err := e.restart(ctx, a, o, kill, ended)
		kill()
		if err != nil {
			return err
		}
		from = next
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// restart ends an aggregator, waits until the next is to start, and makes that.
func (e *restarting) restart(ctx context.Context, a *aggregator.Aggregator, o order, kill func(), ended <-chan error) (from record.Position, err error) {
	f := o.fault
	r := &restarted{Restart: result.Restart{At: (e.run.clock.Now() - e.run.facts.feedStart).Seconds(), From: f.From}}
	defer close(o.done)
	state := f.From
	if state == scenarios.FromSavepoint {
		e.savepoints++
		state = "savepoint-" + strconv.Itoa(e.savepoints)
		// As Flink's checkpoint timeout: one whose rows nobody takes would otherwise be waited for without an end.
		limited, cancel := context.WithTimeout(ctx, time.Duration(e.run.scenario.DrainLimit))
		_, err = a.Stop(limited, state)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			err = fmt.Errorf("restart of the aggregator at %s: its savepoint was not complete within the drain limit of %s: %w", f.At, e.run.scenario.DrainLimit, err)
		}
		if err != nil {
			kill()
			if why := <-ended; why != nil { // it broke meanwhile, so that there is no savepoint
				err = why
			}
			return from, err
		}
	}
	r.killed = e.run.clock.Now()
	stopped := time.Now()
	e.freeze()
	kill()
	if err := <-ended; err != nil {
		return from, err
	}
	e.mu.Lock()
	e.restarts = append(e.restarts, r)
	e.mu.Unlock()
	if f.Parallelism != nil {
		e.parallelism = *f.Parallelism
	}
	config := e.config
	config.Parallelism = e.parallelism
	// What the state lacks waits again from the kill on, and not only once the next aggregator runs.
	if err := e.state(ctx, &config, f, state); err != nil {
		return from, fmt.Errorf("restart of the aggregator at %s: %w", f.At, err)
	}
	if !o.wait(ctx) {
		return from, nil
	}
	if f.Stateless() {
		from = e.withoutState(&config, f, stopped)
	}
	e.mu.Lock()
	r.From, r.Parallelism = nameOf(config.Restore, f), config.Parallelism
	r.began = e.run.clock.Now()
	e.mu.Unlock()
	next := aggregator.New(config)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.current.Store(next)
	e.down.Store(false)
	return from, nil
}

// state gives the config what the next aggregator begins with, and has the books go back to where it does. One without a state begins later.
func (e *restarting) state(ctx context.Context, config *aggregator.Config, f *scenarios.Fault, name string) (err error) {
	if f.Stateless() {
		e.run.meter.Reading().Lose() // where it goes on shows once it does
		return nil
	}
	if name == scenarios.FromLast {
		name = ""
	}
	config.Restore, err = aggregator.LoadCheckpoint(ctx, config.Checkpoints, name)
	if name == "" && errors.Is(err, aggregator.ErrNoCheckpoint) {
		err = nil // it was killed before the first was complete: it begins as it began
	}
	if err != nil {
		return err
	}
	var to map[string]string
	var unknown []string
	if config.Restore != nil {
		to, unknown = config.Restore.Positions()
	}
	e.run.meter.Rewound(to, unknown)
	return nil
}

// withoutState has the next aggregator begin at a time, or at the tip. Windows that may lack a record that was stored before are suppressed: those
// that begin no later than the newest event time that was handed over by then, plus the out-of-orderness.
func (e *restarting) withoutState(config *aggregator.Config, f *scenarios.Fault, stopped time.Time) record.Position {
	from := record.Position{Kind: record.AtTimestamp, Timestamp: time.Now()}
	if f.From == scenarios.FromTimestamp {
		from.Timestamp = stopped
		if f.Rewind != nil {
			from.Timestamp = stopped.Add(-time.Duration(*f.Rewind))
		}
	}
	newest := e.run.handed.newest(from.Timestamp.Sub(e.run.clock.Start()))
	incomplete := newest + config.OutOfOrderness.Milliseconds()
	config.Incomplete = &incomplete
	e.stateless.Store(true)
	e.run.meter.RewoundTo(incomplete)
	return from
}

func nameOf(c *aggregator.Checkpoint, f *scenarios.Fault) string {
	switch {
	case c != nil:
		return c.Name()
	case f.Stateless():
		return f.From
	}
	return "the start"
}

// Status implements [engine]. The subtasks' loads are those of all aggregators that there were, by their numbers; while none runs they stand still.
func (e *restarting) Status() aggregator.Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.current.Load().Status()
	if e.down.Load() {
		s.Sources, s.Windows = nil, nil
	}
	s.Sources, s.Windows = together(e.sources, s.Sources), together(e.windows, s.Windows)
	c := &s.Checkpoints
	if e.down.Load() || c.Last == "" {
		c.Last, c.Took, c.Bytes = e.kept.Last, e.kept.Took, e.kept.Bytes
	}
	if !e.down.Load() {
		c.Completed, c.Failed = c.Completed+e.kept.Completed, c.Failed+e.kept.Failed
	} else {
		c.Completed, c.Failed = e.kept.Completed, e.kept.Failed
	}
	if c.Failure == nil {
		c.Failure = e.kept.Failure
	}
	return s
}

// freeze keeps the loads of an aggregator that has ended.
func (e *restarting) freeze() {
	s := e.Status()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sources, e.windows, e.kept = s.Sources, s.Windows, s.Checkpoints
	e.down.Store(true)
}

func together(a, b []aggregator.Load) []aggregator.Load {
	sum := make([]aggregator.Load, max(len(a), len(b)))
	for _, loads := range [][]aggregator.Load{a, b} {
		for i, l := range loads {
			sum[i].Busy += l.Busy
			sum[i].Idle += l.Idle
			sum[i].BackPressured += l.BackPressured
		}
	}
	return sum
}

// schedule gives the orders of a scenario when they are due, until ctx ends; an aggregator that is then down starts again. Nothing of it is an error.
func (e *restarting) schedule(ctx context.Context, faults []*scenarios.Fault) {
	start := time.Now()
	for _, f := range faults {
		if pacing.Timer().Sleep(ctx, time.Until(start.Add(time.Duration(f.At)))); ctx.Err() != nil {
			return
		}
		done := make(chan struct{})
		select {
		case e.orders <- order{f, ctx.Done(), done}:
		case <-e.ended:
			return
		case <-ctx.Done():
			return
		}
		select {
		case <-done:
		case <-e.ended:
		}
	}
}

// wait waits for as long as the aggregator is to be down: also where the load ends meanwhile, for that is how long the scenario says. It is false where
// ctx ended.
func (o *order) wait(ctx context.Context) bool {
	var over <-chan time.Time
	fed := o.fed
	if o.fault.For != nil {
		timer := time.NewTimer(time.Duration(*o.fault.For))
		defer timer.Stop()
		over, fed = timer.C, nil
	}
	select {
	case <-over:
	case <-fed:
	case <-ctx.Done():
		return false
	}
	return true
}
