package harness

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/harness/pacing"
	"weir/internal/awsclient"
	"weir/measure"
	"weir/measure/canary"
	"weir/measure/verdict"
	"weir/record"
	"weir/result"
	"weir/scenarios"
	"weir/stream"
	"weir/table"
)

// Run carries out one run.
//
// When feed ends, feeding stops, and what was sent is drained and proved. When work ends, everything stops at once. The error says
// why the run could not start, in which case the outcome names no folder, or what broke it; what was measured until then is
// in the run folder and in the outcome.
func Run(feed, work context.Context, c Config) (Outcome, error) {
	if err := c.checkFaults(); err != nil {
		return Outcome{}, err
	}
	if err := c.checkOtherReaders(); err != nil {
		return Outcome{}, err
	}
	names := newNames()
	load, err := openLoad(feed, &c, names.run)
	if err != nil {
		return Outcome{}, err
	}
	defer load.close()
	r, err := newRun(work, &c, names, load)
	if r != nil {
		defer r.close()
	}
	if err != nil {
		return Outcome{}, err
	}
	err = r.carryOut(feed, work)
	if cause := context.Cause(work); errors.Is(err, context.Canceled) && cause != nil {
		err = cause // what the run stands on broke, unless it is that somebody has interrupted it
	}
	return r.outcome(err)
}

// run is one run's state. Its fields are set by newRun; facts is filled in as the run goes on, by the goroutine that carries it out.
type run struct {
	config   *Config
	scenario *scenarios.Scenario
	names    names
	folder   *result.Folder
	clock    record.Clock
	clients  *awsclient.Clients
	load     load
	// expectations are the scenario's own, and aborted is the one that ended the feed.
	expectations []*verdict.Expectation
	aborted      atomic.Pointer[verdict.Expectation]
	table        *table.Table
	functions    http.Transport // to users' own functions
	meter        *measure.Meter
	canary       *canary.Canary
	shards       []record.Shard // of the input, when the run began
	writer       *stream.Writer // of the input
	pipeline     *pipeline
	// newest is the greatest event time handed over, [window.Unset] before the first.
	newest atomic.Int64
	facts  facts
	// handed is nil where the aggregator is never restarted.
	handed *handedTimes
}

// facts are what the run saw of itself, beside what the meter measured.
type facts struct {
	interrupted, undrained bool
	saturated              error         // why the feed had to end, nil where it had not
	fed                    bool          // a record was handed over
	fired                  bool          // the flush got through: every window has fired
	lastDue                time.Duration // of the last record handed over
	// feedStart is when the feed began, fedAt when it ended, resolvedAt when its last record was final, and measuredAt when the pipeline
	// was stopped: a backlog that is left does not grow any more.
	feedStart, fedAt, resolvedAt, measuredAt time.Duration
	drainedIn                                *time.Duration
	before                                   *canary.Facts // of the host, nil where nobody looked
	rows                                     []record.Row
	malformed                                []string
	proved                                   bool
	left                                     error // what could not be removed
}

// carryOut provisions, feeds, drains and proves, and removes what it made.
func (r *run) carryOut(feed, work context.Context) (err error) {
	making, cancel := context.WithCancel(work)
	defer context.AfterFunc(feed, cancel)() // there is nothing to drain yet
	looked := r.look(making)
	remove, err := r.provision(making)
	looked()
	defer func() {
		if left := remove(); !unreachable(err) {
			r.facts.left = left
		}
	}()
	if err != nil {
		return err
	}
	if err := r.assemble(work); err != nil {
		return err
	}
	err = r.execute(feed, work)
	r.facts.measuredAt = r.clock.Now()
	if err != nil {
		return err
	}
	if r.config.BeforeProof != nil {
		if err := r.config.BeforeProof(work, r.names.table); err != nil {
			return err
		}
	}
	return r.prove(work)
}

// lookFor is how long the host is watched before a run, while the streams are made.
const lookFor = 300 * time.Millisecond

// look watches the host in the moment before a run that has a schedule to keep; looked waits for what came of it.
func (r *run) look(ctx context.Context) (looked func()) {
	if r.scenario.ClosedLoop() {
		return func() {}
	}
	seen := make(chan canary.Facts, 1)
	go func() { seen <- canary.Look(ctx, lookFor) }()
	return func() { r.facts.before = new(<-seen) }
}

// unreachable says that nobody answers: nothing was made, and nothing can be removed.
func unreachable(err error) bool {
	dial, ok := errors.AsType[*net.OpError](err)
	return ok && dial.Op == "dial"
}

// execute runs the pipeline while the load is fed and drained.
func (r *run) execute(feed, work context.Context) error {
	ctx, stop := context.WithCancel(work)
	defer stop()
	feed, endFeed := context.WithCancel(feed)
	defer endFeed()
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return r.series(r.watch(endFeed)).Run(ctx) })
	if !r.config.VirtualTime { // the canary spins in real time, and its naps are none
		parts.Go(func() error { return r.canary.Run(ctx) })
	}
	parts.Go(func() error { return r.meter.Watch(ctx) })
	parts.Go(func() error { return ended(ctx, r.load.Run(ctx)) })
	parts.Go(func() error { return r.pipeline.run(ctx) })
	parts.Go(func() error {
		defer stop()
		return r.feedAndDrain(feed, ctx)
	})
	if err := parts.Wait(); err != nil {
		return err
	}
	return work.Err()
}

// feedAndDrain owns the input's writer: it feeds until the load or feed ends, then drains.
func (r *run) feedAndDrain(feed, ctx context.Context) error {
	writing, giveUp := context.WithCancel(ctx)
	defer giveUp()
	written := make(chan error, 1)
	go func() { written <- r.writer.Run(writing) }()
	err := r.feed(feed, ctx)
	r.writer.Close()
	if err != nil {
		giveUp()
		return errors.Join(err, <-written)
	}
	return r.drain(ctx, giveUp, written)
}

// feed hands the load over until it ends or is stopped: neither is an error.
func (r *run) feed(feed, ctx context.Context) error {
	feed, cancel := context.WithCancel(feed)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	sleeper := pacing.Timer()
	if !r.scenario.ClosedLoop() && !r.config.VirtualTime {
		sleeper = pacing.Bind()
		defer sleeper.Release()
	}
	r.facts.feedStart = r.clock.Now()
	r.meter.Begin(r.facts.feedStart)
	f := &feeder{
		source: r.load.begin(r.clock.Start().Add(r.facts.feedStart)), queue: r.writer, clock: r.clock, observer: r,
		closed: r.scenario.ClosedLoop(), start: r.facts.feedStart, sleeper: sleeper, patience: time.Duration(r.scenario.DrainLimit),
	}
	f.next.Store(int64(record.NoDue))
	r.meter.Due(f.late)
	mend := r.goWrong(feed)
	err := f.run(feed)
	r.facts.fedAt = r.clock.Now()
	r.meter.End(r.facts.fedAt)
	if err := mend(); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errSaturated):
		r.facts.saturated = err
		return nil
	case feed.Err() != nil:
		r.facts.interrupted = r.aborted.Load() == nil
		return nil
	}
	return err
}

// Handing tells the meter.
func (r *run) Handing(records []record.Record, at time.Duration) { r.meter.Handing(records, at) }

// Handed tells the meter, and keeps what the drain and the flush need to know.
func (r *run) Handed(records []record.Record, at time.Duration) {
	newest := r.newest.Load()
	for i := range records {
		newest = max(newest, records[i].Event.Time)
	}
	r.newest.Store(newest)
	if r.handed != nil {
		r.handed.note(at, newest)
	}
	if len(records) > 0 {
		r.facts.fed, r.facts.lastDue = true, records[len(records)-1].Due
	}
	r.meter.Handed(records, at)
}

// Dropped tells the meter.
func (r *run) Dropped(records []record.Record) { r.meter.Dropped(records) }

// ended hides the error of a part that ended because it was told to.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
