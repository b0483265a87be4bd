package routing

import (
	"context"
	"encoding/json"
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
	Read(ctx context.Context, shard record.Shard, from record.Position, deliver func(context.Context, record.Page) error) error
}

// Observer is told what became of the rows on the output stream. Calls for several shards come at once; slices are valid only
// during the call.
type Observer interface {
	// Routed is told of rows at the time at, when the route's handler is about to get them; once, however often it is tried.
	Routed(route string, ids []record.RowID, at time.Duration)
	// Missed is told of rows that the route's filters did not let through.
	Missed(route string, ids []record.RowID)
}

// MappingConfig is what a [Mapping] is made with. Zero stands for the default of a field that has one.
type MappingConfig struct {
	// Route is the route's name.
	Route string
	// Filter lets records through; nil lets all.
	Filter   *filter.Filter
	Handler  Handler
	Source   Source
	Observer Observer
	Clock    record.Clock
	// BatchSize is the most rows a call of the handler takes; default 100, Lambda's for Kinesis.
	BatchSize int
}

// defaultBatchSize is Lambda's BatchSize for Kinesis (API reference, CreateEventSourceMapping).
const defaultBatchSize = 100

// Mapping is an event source mapping as Lambda has it: it reads every shard of the output stream, lets through what the filters
// match, and gives it to the handler in batches: one batch a shard at a time, in order. A batch that the handler fails is
// tried again until it succeeds, and holds its shard up meanwhile; that is Lambda's default too. A batch is not held back to
// fill up (Lambda's MaximumBatchingWindowInSeconds is 0 by default), and does not reach over two answers of the stream.
type Mapping struct {
	config                                MappingConfig
	hits, rows, misses, foreign, failures atomic.Int64

	mu          sync.Mutex
	checkpoints map[string]record.Position
}

// MappingStatus counts the records that a mapping has read, flush records left out: Hits + Misses.
type MappingStatus struct {
	// Hits are the rows that the filters let through, Rows those among them that the handler has taken.
	Hits, Rows int64
	// Misses are the records that did not get through. Foreign are those among them that are no rows, whatever the filters say.
	Misses, Foreign int64
	// Failures counts the calls of the handler that failed, and were made again.
	Failures int64
}

// NewMapping makes a mapping.
func NewMapping(config MappingConfig) *Mapping {
	if config.BatchSize <= 0 {
		config.BatchSize = defaultBatchSize
	}
	return &Mapping{config: config, checkpoints: make(map[string]record.Position)}
}

// Status is a snapshot; it may be asked for at any time.
func (m *Mapping) Status() MappingStatus {
	return MappingStatus{
		Hits: m.hits.Load(), Rows: m.rows.Load(), Misses: m.misses.Load(), Foreign: m.foreign.Load(), Failures: m.failures.Load(),
	}
}

// Checkpoint is the place in a shard up to which everything is handled; ok is false where that is nothing yet.
func (m *Mapping) Checkpoint(shard string) (at record.Position, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok = m.checkpoints[shard]
	return at, ok
}

// Run reads every shard from the position on until ctx ends, which is not an error unless the handler was failing, or until
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

// stopped is err as Run returns it: none if it only says that ctx has ended.
func (m *Mapping) stopped(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) && !errors.Is(err, errHandler) {
		return nil
	}
	return fmt.Errorf("route %s: %w", m.config.Route, err)
}

// read reads one shard to its end, after its parents, and then has the group read those that came of it meanwhile.
func (m *Mapping) read(ctx context.Context, group *errgroup.Group, shard record.Shard, from record.Position, order *lineage.Lineage) error {
	if err := order.Wait(ctx, &shard); err != nil {
		return err
	}
	var children []record.Shard
	err := m.config.Source.Read(ctx, shard, from, func(ctx context.Context, page record.Page) error {
		children = page.Children
		return m.take(ctx, page)
	})
	switch {
	case err != nil:
		return fmt.Errorf("shard %s: %w", shard.ID, err)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	born, err := order.End(shard.ID, children)
	for _, child := range born {
		group.Go(func() error { return m.read(ctx, group, child, record.Position{}, order) })
	}
	return err
}

// take filters a page and gives what is left to the handler.
func (m *Mapping) take(ctx context.Context, page record.Page) error {
	if len(page.Records) == 0 {
		return nil
	}
	var hits []record.Row
	var missed []record.RowID
	for i := range page.Records {
		stored := &page.Records[i]
		if record.IsFlush(stored.PartitionKey) {
			continue
		}
		var row record.Row
		if err := json.Unmarshal(stored.Data, &row); err != nil {
			m.misses.Add(1)
			m.foreign.Add(1)
		} else if m.config.Filter.Match(stored.Data) == filter.Through {
			hits = append(hits, row)
		} else {
			missed = append(missed, row.RowID)
		}
	}
	if len(missed) > 0 {
		m.misses.Add(int64(len(missed)))
		m.config.Observer.Missed(m.config.Route, missed)
	}
	m.hits.Add(int64(len(hits)))
	for batch := range slices.Chunk(hits, m.config.BatchSize) {
		if err := m.handle(ctx, batch); err != nil {
			return err
		}
	}
	m.check(page.Shard, page.Records[len(page.Records)-1].Sequence)
	return nil
}

func (m *Mapping) check(shard, sequence string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.checkpoints[shard] = record.Position{Kind: record.AfterSequence, Sequence: sequence}
}

// errHandler marks that a handler failed of its own, and not because ctx ended.
var errHandler = errors.New("the handler failed")

// handle gives a batch to the handler until it succeeds.
func (m *Mapping) handle(ctx context.Context, rows []record.Row) error {
	ids := make([]record.RowID, len(rows))
	for i := range rows {
		ids[i] = rows[i].RowID
	}
	m.config.Observer.Routed(m.config.Route, ids, m.config.Clock.Now())
	for attempt := 0; ; attempt++ {
		err := m.config.Handler.Handle(ctx, rows)
		switch {
		case err == nil:
			m.rows.Add(int64(len(rows)))
			return nil
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return err
		}
		m.failures.Add(1)
		if pause(ctx, attempt) != nil {
			return fmt.Errorf("%w: %d rows from %s on: %w", errHandler, len(rows), ids[0], err)
		}
	}
}
