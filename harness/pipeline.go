package harness

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/aggregator"
	"weir/harness/pacing"
	"weir/measure"
	"weir/record"
	"weir/routing"
	"weir/scenarios"
	"weir/stream"
)

// engine is the system under test, whatever it is: the bundled aggregator, or another that takes its place.
type engine interface {
	// Run reads the input from a position until ctx ends.
	Run(ctx context.Context, from record.Position) error
	Status() aggregator.Status
}

// pipeline is everything from the input stream to the table. It is a value: a second one beside it has an input reader, a table
// and a meter of its own.
type pipeline struct {
	// fanOut is the consumer of the input, nil where that is polled.
	fanOut *stream.FanOut
	engine engine
	// restarting is the engine, where that is one which is started again.
	restarting *restarting
	// parts run beside the engine until ctx ends: what brings its rows to the table.
	parts []func(ctx context.Context) error
	// mappings are the routes of a routed pipeline, in the order of their names.
	mappings []*routing.Mapping
	// direct hands over the rows of a direct pipeline.
	direct *routing.Direct
	// outputShards are those of the output stream of a routed pipeline.
	outputShards []record.Shard
}

// run runs the pipeline until ctx ends, or until a part of it breaks.
func (p *pipeline) run(ctx context.Context) error {
	if p.fanOut != nil {
		return p.runRegistered(ctx)
	}
	return p.runParts(ctx)
}

func (p *pipeline) runParts(ctx context.Context) error {
	parts, running := errgroup.WithContext(ctx)
	for _, part := range p.parts {
		parts.Go(func() error { return part(running) })
	}
	parts.Go(func() error { return p.engine.Run(running, record.Position{}) })
	err := parts.Wait()
	if ctx.Err() != nil {
		// It was told to stop: what a part still held is in nobody's way, and the proof says what is missing.
		return nil
	}
	return err
}

func (r *run) newPipeline(ctx context.Context) (*pipeline, error) {
	p := &pipeline{}
	sink, err := r.sink(ctx, p)
	if err != nil {
		return nil, err
	}
	a := &r.scenario.Pipeline.Aggregator
	cost, err := a.Cost.Charge(r.scenario.Seed)
	if err != nil {
		return nil, err
	}
	maxParallelism := 0
	if a.MaxParallelism != nil {
		maxParallelism = *a.MaxParallelism
	}
	r.engine(p, aggregator.Config{
		Parallelism: a.Parallelism, MaxParallelism: maxParallelism, Assign: aggregator.Assign(a.Assign), Cost: cost,
		Window: time.Duration(a.Window), Slide: a.SlideOrWindow(), OutOfOrderness: time.Duration(a.OutOfOrderness), AllowedLateness: a.Lateness(), Mean: a.Mean,
		Watermark: a.WatermarkVariant(),
		Fields:    r.scenario.Fields.Record(), KPLClosed: a.KPL == scenarios.ClosedAggregates, Sink: settling{sink, r}, Observer: r.meter, Clock: r.clock, Checkpoints: r.checkpoints(),
		Source: r.input(p), ElementQueueCapacity: a.SourceReaderElementQueueCapacity,
	})
	return p, nil
}

// engine makes the engine: one that is started again, where the scenario asks for that.
func (r *run) engine(p *pipeline, config aggregator.Config) {
	if r.handed == nil {
		p.engine = aggregator.New(config)
		return
	}
	e := r.newRestarting(config)
	p.engine, p.restarting = e, e
	p.parts = append(p.parts, e.watchRecovery)
}

// settling is a sink whose rows are safe once the table has them, or the output stream.
type settling struct {
	aggregator.Sink
	run *run
}

// Emit is the sink's. What the sink has not taken of an aggregator that was killed will never be written: nobody is to wait for it.
func (s settling) Emit(ctx context.Context, rows []record.Fired) error {
	err := s.Sink.Emit(ctx, rows)
	if untaken, ok := errors.AsType[*routing.Untaken](err); ok {
		s.run.meter.Unfired(rows[len(rows)-untaken.Rows:], s.run.clock.Now())
	}
	return err
}

// Settle implements [aggregator.Settler].
func (s settling) Settle(ctx context.Context) error {
	return s.run.meter.Rows().Settle(ctx, s.run.scenario.Pipeline.Shape == scenarios.Routed)
}

// sink is where the engine's rows go, by the shape of the pipeline.
func (r *run) sink(ctx context.Context, p *pipeline) (aggregator.Sink, error) {
	if r.scenario.Pipeline.Shape == scenarios.Direct {
		function, err := r.function("", r.scenario.Pipeline.Handler, routing.OutputEvent, false)
		if err != nil {
			return nil, err
		}
		p.direct = routing.NewDirect(routing.DirectConfig{Function: function, Observer: r.routeObserver(), Clock: r.clock})
		p.parts = append(p.parts, func(ctx context.Context) error { return p.direct.Run(ctx, ctx) })
		return p.direct, nil
	}
	return r.routedSink(ctx, p)
}

// routedSink is the way over the output stream: a writer, and a mapping for each route.
func (r *run) routedSink(ctx context.Context, p *pipeline) (aggregator.Sink, error) {
	shards, err := r.list(r.names.output)(ctx)
	if err != nil {
		return nil, err
	}
	p.outputShards = shards
	writer := stream.NewWriter(stream.WriterConfig{
		Client: r.clients.Kinesis, Stream: r.names.output, Shards: shards, List: r.list(r.names.output), Clock: r.clock,
		Observer: r.meter.Output(), Resolver: r.meter.Output(),
	})
	r.meter.Output().Waits(waits(writer))
	p.parts = append(p.parts, writer.Run)
	for _, name := range r.scenario.RouteNames() {
		mapping, from, err := r.mapping(name)
		if err != nil {
			return nil, fmt.Errorf("route %s: %w", name, err)
		}
		p.mappings = append(p.mappings, mapping)
		p.parts = append(p.parts, func(ctx context.Context) error { return mapping.Run(ctx, from) })
	}
	return routing.NewForward(blocking{writer, r.meter}), nil
}

// joined is a reader of a stream whose pages join sees first. The observer is told of throttled reads.
func (r *run) joined(name string, poll time.Duration, observer stream.ReadObserver, join func(*record.Page)) *joined {
	limit := 0
	if name == r.names.input {
		limit = r.scenario.Pipeline.Aggregator.SourceShardGetRecordsMaxRecordCount
	}
	reader := stream.NewReader(stream.ReaderConfig{
		Client: r.clients.Kinesis, Stream: name, Clock: r.clock, Poll: poll, Polite: r.scenario.Limits == scenarios.LimitsAWS, Observer: observer,
		Limit: limit, Open: name == r.names.input && r.packed(),
	})
	return &joined{reader: reader, poll: poll, join: join}
}

// reader is how a stream is read.
type reader interface {
	Shards(ctx context.Context) ([]record.Shard, error)
	Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error
}

// joined shows each page to the meter before the one who reads gets it.
type joined struct {
	reader
	poll time.Duration
	join func(*record.Page)
}

// Read is the reader's, with the due time of each record set. The shards' polls are spread over the interval: were all shards read in
// the same instant, the harness would have to do a poll's worth of work at once, and would hand its records over late meanwhile.
func (j *joined) Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error {
	pacing.Timer().Sleep(ctx, time.Duration(float64(j.poll)*float64(shard.Start.Hi)/math.MaxUint64))
	return j.reader.Read(ctx, shard, from, joining{to, j.join})
}

// joining shows each page before it is taken.
type joining struct {
	record.Receiver
	join func(*record.Page)
}

// Take implements [record.Receiver].
func (j joining) Take(ctx context.Context, page record.Page) error {
	j.join(&page)
	return j.Receiver.Take(ctx, page)
}

// blocking is a writer that waits for room. The meter is told how much waits for it.
type blocking struct {
	writer *stream.Writer
	meter  *measure.Meter
}

// Put takes all of the records, or says how many it has not.
func (b blocking) Put(ctx context.Context, records []record.Record) error {
	b.meter.Queued(size(records))
	taken, err := b.writer.PutWait(ctx, records)
	if err != nil {
		b.meter.Queued(-size(records[taken:]))
		return &routing.Untaken{Rows: len(records) - taken, Err: err}
	}
	return nil
}

// size is how large records are, as AWS counts it.
func size(records []record.Record) (bytes int64) {
	for i := range records {
		bytes += int64(records[i].Size())
	}
	return bytes
}
