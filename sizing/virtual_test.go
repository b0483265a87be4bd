package sizing_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/internal/localaws/pipenet"
	"weir/result"
	"weir/scenarios"
	"weir/sizing/simulator"
	"weir/sizing/trace"
)

// virtualRun carries out a real run, from the writer to the table, against the embedded AWS with its limits on, in virtual time: what a busy machine would do
// to it is not in it. It says when the first record was sent, which lies anywhere in a window.
func virtualRun(t *testing.T, s *scenarios.Scenario) (r result.Result, sent time.Time) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		draws, err := s.Latency.Draws(s.Seed)
		if err != nil {
			t.Fatal(err)
		}
		listener := pipenet.Listen()
		var first sync.Once
		note := func(call localaws.Call) localaws.Action {
			if call.Operation == "PutRecords" {
				first.Do(func() { sent = time.Now() })
			}
			return localaws.Serve
		}
		server := localaws.New(localaws.Config{Limits: true, WholeBodies: true, Latency: localaws.Latency(draws), Fault: note})
		ctx, stop := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- server.Serve(ctx, listener) }()
		outcome, err := harness.Run(t.Context(), t.Context(), harness.Config{
			Scenario: s, Target: awsclient.Config{Endpoint: "http://127.0.0.1", Region: "us-east-1", Dial: listener.Dial},
			Out: filepath.Join(t.TempDir(), "run"), Version: "test", VirtualTime: true,
		})
		stop()
		if broken := <-served; broken != nil {
			t.Error(broken)
		}
		if err != nil {
			t.Fatal(err)
		}
		r = outcome.Result
	})
	return r, sent
}

// TestASimulationIsLikeARun holds the simulation against a run of the real components, in virtual time, of a short load.
func TestASimulationIsLikeARun(t *testing.T) {
	likeARun(t, "smoke", "load.rate=[{shape: hold, at: 1k/s, for: 1500ms}]")
}

// pushedBack is a load that makes three times as many rows as the table takes.
var pushedBack = []string{
	"load.rate=[{shape: hold, at: 3k/s, for: 10s}]", "load.kinds={order: {keys: {uniform: {count: 20000}}, size: 100B}}", "pipeline.input.shards=4",
	"pipeline.aggregator.parallelism=1", "pipeline.table.write_capacity=1000", "drain_limit=5m",
}

func TestProveSimulationsAreLikeRuns(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("simulations beside runs: make prove runs them")
	}
	for _, c := range []struct {
		name string
		set  []string
	}{
		{"smoke", nil},
		{"hot-key", nil},
		{"late-data", nil},
		{"size-shards", []string{"pipeline.input.shards=3"}},
		{"size-parallelism", nil},
		{"size-output", []string{"pipeline.aggregator.parallelism=4"}},
		{"capacity", []string{"load.scale=0.1"}},
		// What the shipped ones leave out.
		{"size-shards", []string{"pipeline.input.packing=kpl", "pipeline.input.shards=1"}},
		{"size-shards", []string{"pipeline.input.order=strict"}},
		{"size-shards", []string{"pipeline.input.shards=3", "pipeline.input.retries=2"}},
		{"size-parallelism", []string{"pipeline.aggregator.window=2s", "pipeline.aggregator.slide=500ms", "pipeline.aggregator.parallelism=3"}},
		{"late-data", []string{"pipeline.aggregator.allowed_lateness=1s"}},
		{"size-output", []string{"pipeline.aggregator.parallelism=5", "pipeline.output.shards=3", "latency=aws"}},
		{"size-output", []string{
			"pipeline.aggregator.parallelism=5", "pipeline.output.shards=2", "pipeline.routes.orders.batch_size=10", "pipeline.routes.orders.parallelization_factor=4",
		}},
		{"size-output", []string{"pipeline.aggregator.parallelism=5", "pipeline.output.shards=4", "pipeline.table.write_capacity=2000"}},
		{"smoke", []string{"pipeline.table.write_capacity=200"}},
		// The limit in turn: a shard, the aggregator, its reading, the function.
		{"smoke", []string{"load.rate=[{shape: hold, at: 1500/s, for: 10s}]", "pipeline.input.shards=1", "expect=[backlog.input.seconds <= 9s]"}},
		{"smoke", []string{
			"load.rate=[{shape: hold, at: 500/s, for: 10s}]", "pipeline.aggregator.cost={wait: 4ms}", "pipeline.aggregator.parallelism=1",
			"pipeline.aggregator.source_shard_get_records_max_record_count=100", "expect=[backlog.input.seconds <= 9s]",
		}},
		{"smoke", []string{
			"load.rate=[{shape: hold, at: 65/s, for: 20s}]", "load.kinds={order: {keys: {uniform: {count: 50}}, size: 10KiB}}", "pipeline.input.shards=1", "pipeline.input.other_readers=2",
			"expect=[backlog.input.seconds <= 9s]",
		}},
		{"size-output", []string{
			"pipeline.aggregator.parallelism=5", "pipeline.output.shards=2", "pipeline.routes.orders.batch_size=10", "pipeline.routes.refunds.batch_size=10", "latency.table=15ms",
			"load.rate=[{shape: hold, at: 3k/s, for: 10s}]",
		}},
		// The sink pushes back, with and without a cost.
		{"smoke", pushedBack},
		{"smoke", append(slices.Clone(pushedBack), "pipeline.aggregator.cost={wait: 50us}")},
	} {
		likeARun(t, c.name, c.set...)
	}
}

// likeARun holds the throughput of a simulation within 5 % of a run's, its written p99 within 20 %, and its backlogs, the whole and each part, within one poll:
// as many records or rows as come in that time, and as long. What is a few records or milliseconds is that, whatever it is in percent.
func likeARun(t *testing.T, name string, set ...string) {
	t.Helper()
	s, err := scenarios.Shipped(name)
	for i := 0; err == nil && i < len(set); i++ {
		err = s.Set(set[i])
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Resolve()
	run, sent := virtualRun(t, s)
	load, err := trace.Of(s)
	if err != nil {
		t.Fatal(err)
	}
	// How long rows wait for a poll is chance, and is to be the same chance for both.
	linger := 5 * time.Millisecond
	if s.Pipeline.Input.Packing == scenarios.KPLPacking {
		linger = 100 * time.Millisecond
	}
	begins := sent.Add(-linger - load.Records[0].Due).Sub(trace.Epoch)
	// Whether a poll comes before or behind rows that are written in the same two milliseconds is nothing that is known of a run: what may come of either will do.
	var all [][]figure
	for _, around := range []time.Duration{0, -2 * time.Millisecond, 2 * time.Millisecond} {
		outcome, err := simulator.Run(load, s, simulator.Machine{}, begins+around)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, figures(load, s, &outcome.Result, &run))
	}
	var line strings.Builder
	line.WriteString(fmt.Sprintf("%-16s %-40s", name, strings.Join(set, " ")))
	for i, f := range all[0] {
		line.WriteString(fmt.Sprintf(" | %s %.6g, %.6g", f.name, f.simulated, f.ran))
		if !slices.ContainsFunc(all, func(simulated []figure) bool { return simulated[i].near() }) {
			t.Errorf("%s %s: %s is %.6g simulated, and %.6g in a run", name, strings.Join(set, " "), f.name, f.simulated, f.ran)
		}
	}
	t.Log(line.String())
}

// figure is a figure, simulated and of a run, how near they have to be to each other, and what is little.
type figure struct {
	name           string
	simulated, ran float64
	within, little float64
}

func (f *figure) near() bool {
	off := math.Abs(f.simulated - f.ran)
	return off <= f.within*f.ran || off <= f.little
}

func figures(load *trace.Trace, s *scenarios.Scenario, simulated, run *result.Result) []figure {
	const pause = time.Second // the longest before a read that was throttled is tried again
	input, little := time.Duration(s.Pipeline.Aggregator.Poll), 50.0
	if run.Backlog["input"].ReadsThrottled > 0 {
		little, input = 1000*input.Seconds(), max(input, pause)
	}
	list := []figure{
		{"records/min", *simulated.Rate.Achieved, *run.Rate.Achieved, 0.05, 0},
		{"written p99 ms", simulated.Latency["written"].P99, run.Latency["written"].P99, 0.20, little},
	}
	list = append(list, waits("input", input, float64(load.Survey.Peak.Records), simulated, run)...)
	if _, costs := simulator.Cost(s); !costs && s.Pipeline.Table.WriteCapacity > 0 {
		// Once the sink takes rows again, the pages that waited are read and processed in one instant: how many of them are in the aggregator at once is chance.
		list = slices.DeleteFunc(list, func(f figure) bool { return f.name == "input.engine" })
	}
	rows := float64(simulator.Rows(load, s)) / load.For.Seconds()
	if o := s.Pipeline.Output; o != nil {
		list = append(list, waits("output", time.Duration(o.Poll), rows, simulated, run)...)
		if len(run.Backlog["output"].Routes) > 1 {
			// That of all routes together is as of the end of each second in a run, which sees nothing of a function that takes no time: each route's own stands for it.
			list = slices.DeleteFunc(list, func(f figure) bool { return strings.HasPrefix(f.name, "output.function") })
		}
	}
	const retry = 2 * time.Second // the longest pause before a table that throttled is tried again
	return append(list, waits("table", max(input, retry), rows, simulated, run)...)
}

// waits are the figures of a backlog, the whole and each part, of a place to which so many come a second.
func waits(place string, poll time.Duration, perSecond float64, simulated, run *result.Result) (list []figure) {
	add := func(name string, a, b *result.Waited) {
		list = append(list, figure{name + " s", *a.MaxSeconds, *b.MaxSeconds, 0, poll.Seconds()},
			figure{name, float64(a.MaxRecords), float64(b.MaxRecords), 0, max(10, perSecond*poll.Seconds())})
	}
	a, b := simulated.Backlog[place], run.Backlog[place]
	if a.MaxSeconds == nil || b.MaxSeconds == nil {
		return []figure{{place, float64(a.MaxRecords), float64(b.MaxRecords), 0, 0}}
	}
	add(place, &a.Waited, &b.Waited)
	for _, part := range result.PartsOf(place) {
		a, b := a.Parts[part], b.Parts[part]
		add(place+"."+part, &a.Waited, &b.Waited)
	}
	for name := range b.Routes {
		a, b := a.Routes[name], b.Routes[name]
		add(place+" "+name, &a.Waited, &b.Waited)
		for part := range b.Parts {
			a, b := a.Parts[part], b.Parts[part]
			add(place+" "+name+"."+part, &a, &b)
		}
	}
	if a.IteratorAge != nil && b.IteratorAge != nil {
		list = append(list, figure{place + " iterator age", *a.IteratorAge, *b.IteratorAge, 0, poll.Seconds()})
	}
	return list
}
