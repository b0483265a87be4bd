// Package aggregator is the bundled stream aggregator: it reads every shard of a stream and makes one row of count, sum, min
// and max for each (kind, key) in each event-time window, by Apache Flink's rules.
//
// A record's way through it:
//
//	Source.Read, a goroutine a shard ─► queue of pages ─► source subtask: decode, watermark of each shard, split by (kind, key)
//	                                                            │ one batch a page to each window subtask
//	                                                            ▼
//	                                                      window subtask: late or counted, fire ─► Sink.Emit
//
// There are as many source subtasks as window subtasks: the parallelism. Each blocks where the next one is full, back to the
// reader of a shard, so memory is bounded by the queues and by the windows that are open.
//
// # Watermarks
//
// A shard's watermark is the greatest event time read from it, less the out-of-orderness. A source subtask's is the minimum over
// its shards, a window subtask's the minimum over the source subtasks. An assigned shard holds it at minus infinity until its
// first record; all shards are assigned before the first record is processed. A record is tested against the watermark that
// holds before its own event time counts.
//
// A shard that comes of a reshard is read once those that it came of were read to their ends. It is assigned when the first of them was, before any of them
// lets go of the watermark, and holds it where it then is: the watermark never falls, and does not rise until the new shard has passed it. So a
// record of the new shard can come late by the watermarks that its parents ended with, and by no other's.
//
// # Parallelism
//
// Shards go to source subtasks as Flink's UniformShardAssigner has it ([Assign]), and keys to window subtasks by key groups, as Flink has it: see
// [DefaultMaxParallelism]. A record can be made to cost what it costs in another job ([Cost]).
//
// A deliberate difference from Flink: a source subtask to which no shard falls does not hold the watermark back. In Flink it
// would, for ever, unless idleness is configured. And unless [Watermark] says otherwise, watermarks go out with the record that raises them, not every
// 200 ms of processing time, so that with one source subtask the rows and the late records are a function of the input alone.
package aggregator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/aggregator/window"
	"weir/record"
	"weir/stream/lineage"
)

// Source is the stream that is read, as stream.Reader serves it.
type Source interface {
	// Shards are all shards of the stream, closed ones too.
	Shards(ctx context.Context) ([]record.Shard, error)
	// Read hands over every page of a shard in order, from the position on. To wait for room, and to hand over, may block; that is back-pressure. It
	// returns when ctx ends, when the receiver fails, or after the page that carries End.
	Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error
}

// Sink takes the rows that fired.
type Sink interface {
	// Emit takes rows, which it may keep. It may block; that is back-pressure. Several window subtasks call it at once.
	Emit(ctx context.Context, rows []record.Fired) error
}

// Observer is told what became of the records. Several subtasks call it at once; slices and data are valid only during the call.
type Observer interface {
	// Late is told of records that came when windows of theirs were over.
	Late(late []record.Late)
	// Unreadable is told of a record that cannot be used, and why: it wraps record.ErrNotJSON, ErrNoEventTime or ErrBadValue, or is [ErrClosed].
	Unreadable(id record.ID, data []byte, why error)
	// Fired is told of rows before the sink gets them, at the time at.
	Fired(rows []record.Fired, at time.Duration)
	// Processed gets the places of records of one shard that are done, at the time at. A record is done when it was counted, came late or was suppressed, and
	// its cost is paid (see [Cost]); or when it could not be read; or, a flush record, when its watermark is on its way. Status counts it at the same moment. A place is
	// a record's ordinal among those that this aggregator was given of the shard, from 0, flush records included. Each place comes once, in no order, and the
	// places that are not done when the run ends never come.
	Processed(shard string, places []int64, at time.Duration)
}

// ErrClosed says that a record came in a KPL aggregate, and that those are left closed.
var ErrClosed = errors.New("it is in a KPL aggregate, and those are left closed")

// Config is what an aggregator is made with. What says so may be left zero.
type Config struct {
	// Parallelism is the number of source subtasks, and of window subtasks.
	Parallelism int
	// MaxParallelism is the number of key groups, and so the most window subtasks that a checkpoint can be restored to. 0 stands for what Flink
	// takes; see [DefaultMaxParallelism].
	MaxParallelism int
	// Assign says how shards go to source subtasks; empty, it is [Uniform].
	Assign Assign
	// Cost is what a record costs in its window subtask beside its own work. Nil stands for nothing.
	Cost *Cost
	// Window is the size of the windows; Slide the time from the start of one to that of the next, of which a window is a whole number;
	// 0 stands for the size, so that they tumble. Both are whole milliseconds.
	Window, Slide time.Duration
	// OutOfOrderness is how far behind the newest event time of its shard a record may be without coming late, AllowedLateness how far the
	// watermark may be past the end of a window for a record to be counted there still, and to fire its row again. Both are whole milliseconds.
	OutOfOrderness, AllowedLateness time.Duration
	// Mean, where it is set, has rows carry the mean of their values, rounded to so many decimals.
	Mean *int
	// Watermark is the variant of the watermark.
	Watermark Watermark
	// Fields names what is read in a record.
	Fields record.Fields
	// KPLClosed leaves KPL aggregates closed, as Flink's KinesisStreamsSource does: whatever came in one is unreadable. Its source opens them all the same, so
	// that each record of them is told of.
	KPLClosed bool

	Source   Source
	Sink     Sink
	Observer Observer
	Clock    record.Clock

	// Checkpoints, if set, has the state kept.
	Checkpoints *Checkpoints
	// Restore, if set, is the checkpoint to go on from, whatever its parallelism was. The position that Run is given is then of no matter: each shard
	// goes on where it was.
	Restore *Checkpoint
	// Incomplete, for an aggregator that begins in the middle of a stream without a state, is an event time in milliseconds: windows that begin by then
	// may hold records that it does not read. They are suppressed, for their rows would be wrong. Nil suppresses none. A checkpoint keeps it: one that is
	// restored goes by its own.
	Incomplete *int64

	// ElementQueueCapacity is how many fetches wait in front of each source subtask: Flink's source.reader.element.queue.capacity. At most two more are read
	// and not processed. 0 stands for [DefaultElementQueueCapacity].
	ElementQueueCapacity int
}

// maxMeanDecimals leaves room in front of the point of a number of 38 digits.
const maxMeanDecimals = 20

// Aggregator runs once, from [Aggregator.Run]'s start to its end.
type Aggregator struct {
	config Config
	grid   window.Grid
	bound  window.Bound
	// layout is what the run laid out, nil before its start.
	layout   atomic.Pointer[layout]
	lineage  *lineage.Lineage
	pace     *pace
	groups   keyGroups
	mu       sync.Mutex // held while the layout is changed, and with it the assigner
	assigner *assigner
	ran      atomic.Bool
	keeper   atomic.Pointer[coordinator] // nil where no checkpoints are taken, and before the start
	stop     context.CancelFunc          // ends the run
	begun    chan struct{}               // closed when checkpoints can be taken
	ended    chan struct{}               // closed when the run has ended
}

// New makes an aggregator; [Aggregator.Run] says what is wrong with the config.
func New(config Config) *Aggregator {
	if config.ElementQueueCapacity == 0 {
		config.ElementQueueCapacity = DefaultElementQueueCapacity
	}
	if config.Slide == 0 {
		config.Slide = config.Window
	}
	return &Aggregator{
		config: config, assigner: newAssigner(config.Assign, max(1, config.Parallelism)), begun: make(chan struct{}), ended: make(chan struct{}),
	}
}

// Run reads every shard from the position and aggregates until ctx ends, which is not an error, or until something fails. It
// may be called once. Windows that are open when it returns are dropped with their rows.
func (a *Aggregator) Run(ctx context.Context, from record.Position) error {
	if a.ran.Swap(true) {
		return errors.New("aggregator: it runs once")
	}
	defer close(a.ended)
	if err := a.check(); err != nil {
		return fmt.Errorf("aggregator: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.stop = cancel
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return a.start(running, group, from) })
	err := group.Wait()
	if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return fmt.Errorf("aggregator: %w", err)
}

func (a *Aggregator) check() (err error) {
	c := &a.config
	switch {
	case c.Parallelism < 1:
		return fmt.Errorf("parallelism %d: it is at least 1", c.Parallelism)
	case c.ElementQueueCapacity < 1:
		return fmt.Errorf("an element queue of %d fetches: it holds at least 1", c.ElementQueueCapacity)
	case c.Mean != nil && (*c.Mean < 0 || *c.Mean > maxMeanDecimals):
		return fmt.Errorf("a mean of %d decimals: it has 0 to %d", *c.Mean, maxMeanDecimals)
	case c.Source == nil || c.Sink == nil || c.Observer == nil:
		return errors.New("source, sink and observer have to be set")
	case c.Assign != "" && c.Assign != Uniform && c.Assign != Balanced:
		return fmt.Errorf("shards assigned %q: they are %s or %s", c.Assign, Uniform, Balanced)
	}
	groups := c.MaxParallelism
	if c.Restore != nil {
		if err := c.Restore.manifest.fits(c); err != nil {
			return err
		}
		groups = c.Restore.manifest.MaxParallelism
	}
	if a.groups, err = newKeyGroups(groups, c.Parallelism); err != nil {
		return err
	}
	if err := c.Watermark.check(); err != nil {
		return err
	}
	a.pace = newPace(a)
	if a.grid, err = window.NewGrid(c.Window, c.Slide, c.AllowedLateness); err != nil {
		return err
	}
	a.bound, err = window.NewBound(c.OutOfOrderness, c.Watermark.Minus1ms)
	return err
}

// start assigns every shard and starts the subtasks and the readers, in that order: no record is processed before all shards
// are assigned.
func (a *Aggregator) start(ctx context.Context, group *errgroup.Group, from record.Position) error {
	shards, err := a.config.Source.Shards(ctx)
	if err != nil {
		return err
	}
	inputs, err := a.inputs(shards, from)
	if err != nil {
		return err
	}
	l, err := a.lay(inputs)
	if err != nil {
		return err
	}
	a.layout.Store(l)
	a.lineage = lineage.New(l.shards())
	for _, w := range l.windows {
		group.Go(func() error { return w.run(ctx) })
	}
	for _, s := range l.sources {
		group.Go(func() error { return s.run(ctx) })
	}
	for _, in := range l.inputs {
		group.Go(func() error { return a.read(ctx, group, in) })
	}
	return a.keep(ctx, group)
}

// read reads a shard to its end, once those that it came of were, and then has the group read the shards that came of it meanwhile. All its children are
// assigned before it lets go of the watermark, by whichever of their parents they came: or the watermark could pass records of theirs that are in order.
func (a *Aggregator) read(ctx context.Context, group *errgroup.Group, in *input) error {
	if err := a.lineage.Wait(ctx, &in.shard); err != nil {
		return err
	}
	children, done := in.children, in.done // of a checkpoint
	if !in.ended {
		var err error
		others := func() []*input { return a.layout.Load().inputs }
		if children, err = in.read(ctx, a.config.Source, a.pace.read(in, others)); err != nil {
			return err
		}
	}
	if err := wait(ctx, in.processed); err != nil {
		return err
	}
	born, err := a.end(in, children)
	if err != nil {
		return err
	}
	for _, child := range born {
		if err := child.deliver(ctx, delivery{born: child}); err != nil {
			return err
		}
		if err := wait(ctx, child.assigned); err != nil {
			return err
		}
		group.Go(func() error { return a.read(ctx, group, child) })
	}
	if done {
		return nil
	}
	return a.letGo(ctx, in)
}

// end notes that a shard was read to its end, and lays out those of its children that no other parent brought.
func (a *Aggregator) end(in *input, children []record.Shard) (born []*input, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	shards, err := a.lineage.End(in.shard.ID, children)
	if err != nil {
		return nil, err
	}
	return a.adopt(shards), nil
}

// letGo has a shard hold the watermark no more, once all of its children do.
func (a *Aggregator) letGo(ctx context.Context, in *input) error {
	for _, child := range a.layout.Load().inputs {
		if !slices.Contains(child.shard.Parents, in.shard.ID) {
			continue
		}
		if err := wait(ctx, child.assigned); err != nil {
			return err
		}
	}
	a.mu.Lock()
	a.assigner.over(in.subtask)
	a.mu.Unlock()
	return in.deliver(ctx, delivery{over: in})
}

// adopt lays shards out that came of a reshard.
func (a *Aggregator) adopt(shards []record.Shard) []*input {
	was := a.layout.Load()
	is := *was
	var inputs []*input
	for _, shard := range shards {
		in := newInput(shard, a.assigner.next(&shard))
		source := was.sources[in.subtask]
		in.queue, in.readAhead = source.queue, source.readAhead
		inputs = append(inputs, in)
	}
	is.inputs = slices.Concat(was.inputs, inputs)
	a.layout.Store(&is)
	return inputs
}
