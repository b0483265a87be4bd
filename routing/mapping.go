package routing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/record"
	"weir/routing/filter"
	"weir/stream/lineage"
)

// Source is the output stream, as stream.Reader serves it. Each mapping has a reader of its own, and with it the poll of
// Lambda: once a second a shard.
type Source interface {
	// Shards are all shards of the stream, closed ones too.
	Shards(ctx context.Context) ([]record.Shard, error)
	// Read hands over every page of a shard in order, from the position on. It returns when ctx ends, when a delivery fails, or
	// after the page that carries End.
	Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error
}

// Observer is told what became of the rows. Calls for several shards come at once; slices are valid only during the call.
type Observer interface {
	// Routed is told of rows at the time at, when the route's function is about to get them; once, however often it is tried.
	Routed(route string, ids []record.RowID, at time.Duration)
	// Missed is told of rows that the route's filters did not let through.
	Missed(route string, ids []record.RowID)
	// Handled is told of rows, at the time at, whose invocation succeeded.
	Handled(route string, rows []record.Row, at time.Duration)
	// Discarded is told of rows that were given up.
	Discarded(route string, rows []record.Row)
	// Done gets the places of records of one shard that the route is done with, at the time at: its filters did not let them through, they are flush records,
	// their invocation succeeded, or they were given up. A place is a record's ordinal among those that the mapping was given of the shard, from 0. Each place
	// comes once, and the places that are not done when the mapping ends never come.
	Done(route, shard string, places []int64, at time.Duration)
}

// Destination keeps what is given up.
type Destination interface {
	Keep(d *Discarded) error
}

// MappingConfig is what a [Mapping] is made with. Zero stands for the default of a field that has one. The fields that Lambda's CreateEventSourceMapping
// has are called as there, and do the same.
type MappingConfig struct {
	// Route is the route's name.
	Route string
	// Filter lets records through; nil lets all.
	Filter   *filter.Filter
	Function Function
	Source   Source
	Observer Observer
	Clock    record.Clock
	// Origin is what the events say of their stream, by which their size counts.
	Origin Origin
	// BatchSize is the most items of an invocation; default 100, Lambda's for Kinesis.
	BatchSize int
	// BatchingWindow is how long an item waits for others to fill its batch; zero is not at all.
	BatchingWindow time.Duration
	// ParallelizationFactor is how many batches of a shard are under way at once; default 1.
	ParallelizationFactor int
	Policy                Policy
	// OnFailure keeps what is given up; nil is nobody.
	OnFailure Destination
}

// defaultBatchSize is Lambda's BatchSize for Kinesis (API reference, CreateEventSourceMapping).
const defaultBatchSize = 100

// Mapping is an event source mapping as Lambda has it: it reads every shard of the output stream, lets through what the filters
// match, and invokes the function with it in batches: one batch a shard and lane at a time, in order. What it does about failures is [Policy].
//
// It reads a shard's next page when less than a batch a lane waits: what Lambda reads ahead is not stated.
type Mapping struct {
	config MappingConfig
	tail   string // of each record of an event

	hits, handled, rows, misses, notJSON, foreign atomic.Int64
	discarded, retried, split                     atomic.Int64
	invocations                                   invocations

	mu     sync.Mutex
	shards map[string]*shardLanes
}

// MappingStatus counts the records that a mapping has read, flush records left out: Hits + Misses.
type MappingStatus struct {
	// Hits are the records that the filters let through. Handled are those among them whose invocation succeeded, and Discarded those that were given
	// up: the others are on their way.
	Hits, Handled, Discarded int64
	// Rows are the rows among Handled; Foreign are the records among Hits that hold no row.
	Rows, Foreign int64
	// Misses are the records that did not get through. NotJSON are those among them whose data is not JSON.
	Misses, NotJSON int64
	// Retried counts the items of invocations that were made again, and Split the batches that were divided because they failed.
	Retried, Split int64
	Invocations    InvocationCounts
	// Blocked are the batches that fail now.
	Blocked []Blocked
}

// NewMapping makes a mapping.
func NewMapping(config MappingConfig) *Mapping {
	if config.BatchSize <= 0 {
		config.BatchSize = defaultBatchSize
	}
	config.ParallelizationFactor = max(1, config.ParallelizationFactor)
	return &Mapping{config: config, tail: config.Origin.recordTail(), shards: make(map[string]*shardLanes)}
}

// Status is a snapshot; it may be asked for at any time.
func (m *Mapping) Status() MappingStatus {
	s := MappingStatus{
		Hits: m.hits.Load(), Handled: m.handled.Load(), Discarded: m.discarded.Load(), Rows: m.rows.Load(), Foreign: m.foreign.Load(),
		Misses: m.misses.Load(), NotJSON: m.notJSON.Load(), Retried: m.retried.Load(), Split: m.split.Load(), Invocations: m.invocations.counts(),
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, lanes := range m.shards {
		s.Blocked = append(s.Blocked, lanes.blockedLanes()...)
	}
	slices.SortFunc(s.Blocked, func(a, b Blocked) int {
		if a.Since != b.Since {
			return int(min(max(a.Since-b.Since, -1), 1))
		}
		return record.CompareSequence(a.Sequence, b.Sequence)
	})
	return s
}

// Checkpoint is the place in a shard up to which everything is done; ok is false where that is nothing yet.
func (m *Mapping) Checkpoint(shard string) (at record.Position, ok bool) {
	m.mu.Lock()
	lanes := m.shards[shard]
	m.mu.Unlock()
	if lanes == nil {
		return at, false
	}
	return lanes.checkpoint()
}

// Run reads every shard from the position on until ctx ends, which is not an error unless the function was failing, or until
// the stream cannot be read. What it has not handled stays in the stream, after the checkpoints.
func (m *Mapping) Run(ctx context.Context, from record.Position) error {
	shards, err := m.config.Source.Shards(ctx)
	if err != nil {
		return m.stopped(ctx, err)
	}
	if len(shards) == 0 {
		return m.stopped(ctx, errors.New("the output stream has no shards"))
	}
	order := lineage.New(shards)
	group, running := errgroup.WithContext(ctx)
	for _, shard := range shards {
		group.Go(func() error { return m.read(running, group, shard, from, order) })
	}
	return m.stopped(ctx, group.Wait())
}

// stopped is err as Run returns it: none if it only says that ctx has ended, unless the function was failing then.
func (m *Mapping) stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
		if blocked := m.Status().Blocked; len(blocked) > 0 {
			b := &blocked[0]
			err = fmt.Errorf("shard %s: the function failed: %d records from %s on: %w", b.Shard, b.Waiting, b.Sequence, b.Reason)
		}
	}
	if err != nil {
		err = fmt.Errorf("route %s: %w", m.config.Route, err)
	}
	return err
}

// read reads and handles one shard to its end, after its parents, and then has the group read those that came of it meanwhile.
func (m *Mapping) read(ctx context.Context, group *errgroup.Group, shard record.Shard, from record.Position, order *lineage.Lineage) error {
	if err := order.Wait(ctx, &shard); err != nil {
		return err
	}
	lanes := newShardLanes(&m.config, shard.ID)
	m.mu.Lock()
	m.shards[shard.ID] = lanes
	m.mu.Unlock()
	var children []record.Shard
	if err := m.readAndHandle(ctx, lanes, shard, from, &children); err != nil {
		return fmt.Errorf("shard %s: %w", shard.ID, err)
	}
	born, err := order.End(shard.ID, children)
	for _, child := range born {
		group.Go(func() error { return m.read(ctx, group, child, record.Position{}, order) })
	}
	return err
}

// readAndHandle reads a shard to its end, and handles what it reads beside it.
func (m *Mapping) readAndHandle(ctx context.Context, lanes *shardLanes, shard record.Shard, from record.Position, children *[]record.Shard) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	handled := make(chan error, 1)
	go func() {
		err := lanes.run(ctx, func(ctx context.Context, l *lane, items []Item) error { return m.handle(ctx, lanes, l, items) })
		if err != nil {
			cancel()
		}
		handled <- err
	}()
	reading := m.config.Source.Read(ctx, shard, from, record.ReceiverFunc(func(ctx context.Context, page record.Page) error {
		*children = page.Children
		m.take(lanes, page)
		return lanes.room(ctx)
	}))
	if reading == nil {
		reading = ctx.Err()
	}
	if reading != nil {
		cancel()
	}
	lanes.end()
	return worst(<-handled, reading)
}

// take filters a page, and puts what is left into the lanes.
func (m *Mapping) take(lanes *shardLanes, page record.Page) {
	var missed []record.RowID
	items := make([]Item, len(page.Records))
	now := time.Now()
	for i := range page.Records {
		item := &items[i]
		item.Stored, item.came = page.Records[i], now
		if record.IsFlush(item.PartitionKey) {
			item.passed = true
			continue
		}
		if item.read(); m.pass(item) {
			item.size = recordSize(lanes.id, item, m.tail)
		} else if !item.Foreign {
			missed = append(missed, item.Row.RowID)
		}
	}
	if len(missed) > 0 {
		m.config.Observer.Missed(m.config.Route, missed)
	}
	if passed := lanes.add(items); len(passed) > 0 {
		m.config.Observer.Done(m.config.Route, lanes.id, passed, m.config.Clock.Now())
	}
}

// pass says whether the filters let an item through, and counts it.
func (m *Mapping) pass(item *Item) bool {
	answer := m.config.Filter.Match(item.Data)
	if answer == filter.Through {
		m.hits.Add(1)
		if item.Foreign {
			m.foreign.Add(1)
		}
		return true
	}
	item.passed = true
	m.misses.Add(1)
	if answer == filter.NotJSON {
		m.notJSON.Add(1)
	}
	return false
}
