package harness

import (
	"context"
	"errors"
	"io"
	"time"

	"weir/aggregator/window"
	"weir/internal/awsclient"
	"weir/measure"
	"weir/measure/backlog"
	"weir/measure/canary"
	"weir/measure/oracle"
	"weir/record"
	"weir/result"
	"weir/scenarios"
	"weir/stream"
	"weir/table"
)

// newRun makes the run folder and everything that asks nothing of the target.
func newRun(ctx context.Context, c *Config, names names, load load) (*run, error) {
	started := time.Now()
	clients, err := awsclient.New(ctx, c.Target)
	if err != nil {
		return nil, err
	}
	r := &run{config: c, scenario: c.Scenario, names: names, clock: record.NewClock(started), clients: clients, load: load, canary: canary.New(canary.Config{})}
	if err := r.guard(ctx); err != nil {
		return r, err
	}
	out := c.Out
	if out == "" {
		out = result.DefaultPath(c.Scenario.Name, started)
	}
	folder, err := result.Create(out)
	if errors.Is(err, result.ErrNotEmpty) {
		return r, &usageError{err}
	}
	if err != nil {
		return r, err
	}
	s := c.Scenario
	if r.expectations, err = s.Expectations(); err != nil {
		return r, &usageError{err}
	}
	r.folder = folder
	r.newest.Store(window.Unset)
	if len(s.Restarts()) > 0 {
		r.handed = &handedTimes{}
	}
	a := &s.Pipeline.Aggregator
	variant := a.WatermarkVariant()
	r.meter = measure.New(measure.Config{
		Clock: r.clock, Rewinds: r.handed != nil, Visibility: max(c.Visibility, s.Visibility()), RowBytes: table.ItemBytes, Routes: measuredRoutes(s), Phases: load.phases(), Periods: s.Periods(), Expectations: r.expectations, Extend: load.extend, LatencyBy: c.LatencyBy,
		Offenders: folder.OffenderLog(), Memory: c.BacklogMemory, Folder: folder.Path(),
		Oracle: oracle.Config{
			Window: time.Duration(a.Window), Slide: a.SlideOrWindow(), OutOfOrderness: time.Duration(a.OutOfOrderness), AllowedLateness: a.Lateness(), Mean: a.Mean,
			Minus1ms: variant.Minus1ms, Periodic: variant.Every > 0, Across: variant.PerSubtask || variant.IdleTimeout > 0,
			Shards: s.Pipeline.Input.Shards,
		},
	})
	r.table = table.New(table.Config{
		Client: clients.DynamoDB, Name: r.names.table, Clock: r.clock, Observer: r.meter,
		Pace: s.Pipeline.Table.Units(), Conditional: s.Pipeline.Table.Conditional,
		WriteCapacity: int64(s.Pipeline.Table.WriteCapacity), Tags: awsclient.RunTags(names.run),
	})
	return r, folder.WriteFile(result.ScenarioFile, func(w io.Writer) error {
		_, err := s.WriteTo(w)
		return err
	})
}

// guard asks whether the run may touch its target.
func (r *run) guard(ctx context.Context) error {
	if r.config.Guard == nil {
		return nil
	}
	streams := []string{r.names.input}
	if r.scenario.Pipeline.Shape == scenarios.Routed {
		streams = append(streams, r.names.output)
	}
	err := r.clients.Guard(ctx, *r.config.Guard, awsclient.Resources{Streams: streams, Tables: []string{r.names.table}})
	if errors.Is(err, awsclient.ErrGuard) {
		return &usageError{err}
	}
	return err
}

func (r *run) close() {
	if r.meter != nil {
		_ = r.meter.Close() // the outcome has said what it says, if there is one
	}
	r.clients.Close()
	r.functions.CloseIdleConnections()
}

// assemble makes the writer and the pipeline, now that the streams are there.
func (r *run) assemble(ctx context.Context) error {
	var err error
	if r.shards, err = r.list(r.names.input)(ctx); err != nil {
		return err
	}
	in := &r.scenario.Pipeline.Input
	attempts := 0
	if in.Retries != nil {
		attempts = 1 + int(*in.Retries)
	}
	r.writer = stream.NewWriter(stream.WriterConfig{
		Client: r.clients.Kinesis, Stream: r.names.input, Shards: r.shards, List: r.list(r.names.input), Clock: r.clock,
		Observer: r.meter.Input(), Resolver: r.meter.Input(), QueueBytes: int(in.Queue), Pack: r.packed(),
		Strict: in.Order == scenarios.StrictOrder, Attempts: attempts,
	})
	r.meter.Input().Waits(waits(r.writer))
	r.pipeline, err = r.newPipeline(ctx)
	return err
}

// waits is what waits in a writer, by shard.
func waits(w *stream.Writer) func() []backlog.Shard {
	return func() []backlog.Shard {
		var shards []backlog.Shard
		for _, s := range w.Waiting() {
			shards = append(shards, backlog.Shard{Shard: s.Shard, Extent: backlog.Extent{Records: s.Records, Bytes: s.Bytes, Oldest: s.Oldest}})
		}
		return shards
	}
}

// packed says that the input's records are in KPL aggregates. Those of the output never are: Lambda's filters would not let them through.
func (r *run) packed() bool { return r.scenario.Pipeline.Input.Packing == scenarios.KPLPacking }

// list lists the shards of a stream, as they are when it is called.
func (r *run) list(name string) func(context.Context) ([]record.Shard, error) {
	return func(ctx context.Context) ([]record.Shard, error) { return stream.Shards(ctx, r.clients.Kinesis, name) }
}

// series is what is written each second, after which progress is called.
func (r *run) series(progress func(measure.Snapshot)) *measure.Series {
	gauges := []measure.Gauges{r.meter.BacklogGauges(result.InputBacklog, shardIDs(r.shards))}
	if r.scenario.Pipeline.Shape == scenarios.Routed {
		gauges = append(gauges, r.meter.BacklogGauges(result.OutputBacklog, shardIDs(r.pipeline.outputShards)))
	}
	gauges = append(gauges, r.meter.BacklogGauges(result.TableBacklog, nil), r.meter.IteratorAgeGauge())
	gauges = append(gauges, r.engineGauges()...)
	gauges = append(gauges, measure.CPUGauge())
	return measure.NewSeries(measure.SeriesConfig{
		Clock: r.clock, Meter: r.meter, Folder: r.folder, Gauges: gauges, Progress: progress,
	})
}

func shardIDs(shards []record.Shard) []string {
	ids := make([]string, len(shards))
	for i := range shards {
		ids[i] = shards[i].ID
	}
	return ids
}
