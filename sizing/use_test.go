package sizing_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
	"weir/sizing"
	"weir/sizing/trace"
)

// asked is a question about a scenario that is made of assignments; without a run, the simulation answers.
func asked(t *testing.T, find scenarios.Sought, run sizing.Run, set ...string) *result.Sizing {
	t.Helper()
	s := scenarios.Default()
	for _, assignment := range append([]string{
		"name=asked", "load.kinds.order={keys: {uniform: {count: 200}}, size: 200B}", "pipeline.aggregator.window=1s", "pipeline.aggregator.out_of_orderness=200ms",
		"pipeline.input.shards=1", "pipeline.aggregator.parallelism=1", "drain_limit=2m",
	}, set...) {
		if err := s.Set(assignment); err != nil {
			t.Fatalf("%s: %v", assignment, err)
		}
	}
	s.Resolve()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	folder, err := result.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := sizing.Config{
		Scenario: &s, Find: []scenarios.Sought{find}, Run: run, Folder: folder, Headroom: sizing.Headroom{Utilisation: 0.7, Restart: time.Minute, CatchUp: time.Hour},
		Load: func(_ context.Context, s *scenarios.Scenario) (*trace.Trace, error) { return trace.Of(s) },
	}
	if run != nil {
		c.MaxRuns = sizing.MostRuns
	}
	found, err := sizing.Size(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// passes is a run that passes, whatever the configuration.
func passes(context.Context, *scenarios.Scenario, string) (result.Result, error) {
	return result.Result{Verdict: verdict.Pass, Seconds: 6}, nil
}

// The least rates at which the limits are reached: a shard takes 1 MiB/s, and a subtask that needs 300 ms for a record 3.3 of them a second.
func TestWhatAsksForMoreThanAllIsNotHeld(t *testing.T) {
	moreThanAll(t, "load.rate=[{shape: hold, at: 10.8/s, for: 310s}]", "load.kinds.order={keys: {uniform: {count: 200}}, size: 100KiB}")
	notHeldByOne(t, "load.rate=[{shape: hold, at: 5/s, for: 310s}]", "pipeline.aggregator.cost={wait: 300ms}")
}

func TestProveWhatAsksForMoreThanAllIsNotHeldAtFullRate(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("300,000 records, several times: make prove runs it")
	}
	moreThanAll(t, "load.rate=[{shape: hold, at: 1050/s, for: 310s}]")
	notHeldByOne(t, "load.rate=[{shape: hold, at: 500/s, for: 310s}]", "pipeline.aggregator.cost={wait: 3ms}")
}

const trend = "expect=[backlog.input.trend <= 1%]"

// moreThanAll asks for the shards of a load that takes 5 % more than one has.
func moreThanAll(t *testing.T, set ...string) {
	t.Helper()
	if found := asked(t, scenarios.SoughtShards, nil, append(set, trend)...); found.Answer == nil || found.Answer.Shards != 2 {
		t.Errorf("%v: %+v: %v", set, found.Answer, found.Reasons)
	}
}

// notHeldByOne asks for the subtasks of a load that takes half as much again as one has.
func notHeldByOne(t *testing.T, set ...string) {
	t.Helper()
	found := asked(t, scenarios.SoughtParallelism, nil, append(set, trend, "pipeline.input.shards=2")...)
	if found.Answer == nil || found.Answer.Parallelism != 2 {
		t.Fatalf("%v: %+v: %v", set, found.Answer, found.Reasons)
	}
	if !found.Answer.TrendJudged || found.Answer.Use < 0.7 || found.Answer.Use >= 1 {
		t.Errorf("%+v", found.Answer)
	}
}

// Every expectation is met, in the simulation and in each run: 5 % more than a shard takes is 0.1 s behind after two seconds. It never holds all the same.
func TestARunThatEndsBeforeTheOverloadShowsDoesNotHold(t *testing.T) {
	found := asked(t, scenarios.SoughtParallelism, passes, "expect=[backlog.input.seconds <= 3s]", "load.rate=[{shape: hold, at: 500/s, for: 6s}]",
		"pipeline.aggregator.cost={wait: 2100us}", "pipeline.input.shards=2")
	if found.Answer == nil || found.Answer.Parallelism != 2 || found.Answer.Sure != sizing.Confirmed {
		t.Fatalf("%+v: %v", found.Answer, found.Reasons)
	}
	less := found.Trials[len(found.Trials)-1]
	if less.Parallelism != 1 || less.Measured.Holds || less.Measured.Verdict != verdict.Pass || !contain(less.Measured.Reasons, "window subtask 0 is used 105 % over the feed") ||
		!contain(less.Measured.Reasons, "though the run passed") {
		t.Errorf("%+v", less.Measured)
	}
	if !contain(found.Answer.Evidence, "a run of it held, for the 6s that ran") || found.Answer.FeedSeconds != 6 || found.Answer.TrendJudged {
		t.Errorf("%+v", found.Answer)
	}
	if !contain(found.Advice.Words, "How sure: confirmed by its use, which is 5") || !contain(found.Advice.Words, "for the 6s that ran: no hold takes the five minutes after which a trend is judged") {
		t.Errorf("%q", found.Advice.Words)
	}
}

func contain(list []string, text string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, text) })
}

// A burst of two seconds is more than a shard takes. It drains before the next one, so the shard holds it, and the answer tells so.
func TestABurstThatDrainsHoldsAndIsSaid(t *testing.T) {
	found := asked(t, scenarios.SoughtShards, nil, "expect=[backlog.input.seconds <= 3s]",
		"load.rate=[{shape: hold, at: 300/s, for: 5s}, {shape: burst, at: 300/s, peak: 1800/s, every: 10s, lasting: 2s, for: 20s}]")
	if found.Answer == nil || found.Answer.Shards != 1 {
		t.Fatalf("%+v: %v", found.Answer, found.Reasons)
	}
	if !contain(found.Advice.Words, "shard 0 of the input (by records) is used over 100 % for 4 s, and has made up for it after 2.29s") {
		t.Errorf("%q", found.Advice.Words)
	}
	for _, u := range found.Advice.Uses {
		if u.Part == "shard 0 of the input (by records)" && (u.PeakShare < 1.7 || u.FeedShare > 0.7 || u.SecondsOver != 4 || u.DrainedIn == nil || *u.HoldShare > 0.31) {
			t.Errorf("%+v", u)
		}
	}
}

// A table that had saved capacity takes each second's burst of rows from it: nothing waits, so there is nothing that was made up for.
func TestAPartThatRefusedNothingHasMadeUpForNothing(t *testing.T) {
	found := asked(t, scenarios.SoughtShards, nil, "expect=[lost == 0]", "load.rate=[{shape: hold, at: 100/s, for: 20s}]", "load.kinds.order={keys: {uniform: {count: 20000}}, size: 100B}",
		"pipeline.aggregator.window=3s", "pipeline.table.write_capacity=150")
	for _, u := range found.Advice.Uses {
		if u.Part == "the table" && (u.SecondsOver == 0 || u.DrainedIn != nil || strings.Contains(u.Says, "throttled")) {
			t.Errorf("%+v", u)
		}
	}
	if contain(found.Advice.Words, "has made up for it") {
		t.Errorf("%q", found.Advice.Words)
	}
}

// Where the limit is none that is looked for, it is named, and nothing is tried.
func TestALimitThatNoNumberMovesIsNamed(t *testing.T) {
	const expect = "expect=[backlog.input.seconds <= 3s]"
	routed := []string{
		expect, "pipeline.shape=routed", "pipeline.routes={all: {batch_size: 10}}", "pipeline.output.shards=1", "latency.table=200ms", "load.rate=[{shape: hold, at: 1k/s, for: 10s}]",
		"pipeline.input.shards=4",
	}
	for _, c := range []struct {
		name string
		find scenarios.Sought
		says string
		set  []string
	}{
		{"a key", scenarios.SoughtShards, "the limit is key ", []string{expect, "load.kinds.order={keys: {hot: {count: 100, hot: 1, share: 60%}}, size: 200B}", "load.rate=[{shape: hold, at: 3k/s, for: 5s}]"}},
		{"the shards, where subtasks are looked for", scenarios.SoughtParallelism, "the limit is shard 0 of the input (by records)", []string{expect, "load.rate=[{shape: hold, at: 1100/s, for: 5s}]"}},
		{"other readers", scenarios.SoughtShards, "the limit is the reading of shard ", []string{expect, "load.rate=[{shape: hold, at: 100/s, for: 5s}]", "pipeline.input.other_readers=5"}},
		{"the time of a call", scenarios.SoughtParallelism, "(by the time of a call), and no number that was looked for changes it: use calls of GetRecords that take less time", []string{
			expect, "load.rate=[{shape: hold, at: 100/s, for: 10s}]", "latency.get=2s", "pipeline.aggregator.source_shard_get_records_max_record_count=100",
		}},
		{"the function", scenarios.SoughtParallelism, "the limit is the function of route all, lane 0 of shard 0", routed},
		{"the writer", scenarios.SoughtShards, "the limit is the writer", []string{
			expect, "load.rate=[{shape: hold, at: 500/s, for: 5s}]", "latency.put=900ms", "load.kinds.order={keys: {uniform: {count: 200}}, size: 900KiB}", "load.rate=[{shape: hold, at: 200/s, for: 5s}]",
			"pipeline.input.queue=64MiB",
		}},
	} {
		found := asked(t, c.find, passes, c.set...)
		if found.ExitCode != verdict.ExitFail || found.Answer != nil || len(found.Trials) != 0 || !contain(found.Reasons, c.says) {
			t.Errorf("%s: exit code %d: %q", c.name, found.ExitCode, found.Reasons)
		}
	}
}

func TestASearchOfAnOlderVersionIsNotResumed(t *testing.T) {
	c := calibrating(t, newWorld(t, 6))
	c.Previous = &result.Sizing{Version: 1, Target: c.Target}
	if _, err := sizing.Size(t.Context(), c); err == nil || !strings.HasSuffix(err.Error(), ": begin a new search") {
		t.Errorf("%v", err)
	}
}
