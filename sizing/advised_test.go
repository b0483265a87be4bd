package sizing_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
	"weir/sizing"
	"weir/sizing/trace"
)

// workloads are loads that take several shards, each for another reason.
var workloads = []struct{ name, kinds, rate, packing string }{
	{"even keys", "{keys: {uniform: {count: 500}}, size: 200B}", "{shape: hold, at: 2300/s, for: 8s}", "none"},
	{"uneven keys", "{keys: {zipf: {count: 800, exponent: 0.6}}, size: 200B}", "{shape: hold, at: 2600/s, for: 8s}", "none"},
	{"a hot key", "{keys: {hot: {count: 300, hot: 1, share: 20%}}, size: 200B}", "{shape: hold, at: 2200/s, for: 8s}", "none"},
	{"large records", "{keys: {uniform: {count: 400}}, size: 20KiB}", "{shape: hold, at: 150/s, for: 8s}", "none"},
	{"bursts", "{keys: {uniform: {count: 500}}, size: 200B}", "{shape: burst, at: 500/s, peak: 3500/s, every: 5s, lasting: 3s, for: 10s}", "none"},
	{"packed", "{keys: {uniform: {count: 400}}, size: 2KiB}", "{shape: hold, at: 1300/s, for: 8s}", "kpl"},
}

// TestProveTheAdvisedShardsHoldAndOneFewerDoesNot has the simulation advise, and the real components against the embedded AWS, with its limits on, judge.
func TestProveTheAdvisedShardsHoldAndOneFewerDoesNot(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("six workloads, twice each: make prove runs them")
	}
	for _, w := range workloads {
		s := scenarios.Default()
		for _, set := range []string{
			"name=advised", "load.kinds.order=" + w.kinds, "load.rate=[" + w.rate + "]", "pipeline.input.packing=" + w.packing,
			"pipeline.aggregator.window=1s", "pipeline.aggregator.out_of_orderness=200ms", "expect=[acked.p99 <= 500ms, backlog.input.seconds <= 2s]", "drain_limit=20s",
		} {
			if err := s.Set(set); err != nil {
				t.Fatalf("%s: %s: %v", w.name, set, err)
			}
		}
		s.Resolve()
		if err := s.Validate(); err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
		advised := advisedShards(t, &s)
		if advised < 2 {
			t.Errorf("%s: %d shards are advised, and fewer cannot be tried", w.name, advised)
			continue
		}
		for _, c := range []struct {
			shards int
			holds  bool
		}{{advised, true}, {advised - 1, false}} {
			tried := s
			if err := tried.Set(fmt.Sprintf("pipeline.input.shards=%d", c.shards)); err != nil {
				t.Fatal(err)
			}
			r, _ := virtualRun(t, &tried)
			use := usedShard(t, &tried)
			if holds := met(&r) && use < 1; holds != c.holds {
				t.Errorf("%s: of %d shards that are advised, %d hold it: %v, with a use of %.1f %%: %v", w.name, advised, c.shards, holds, 100*use, r.Reasons)
			}
			t.Logf("%-14s %d shards of %d advised: %.1f %% used, acked p99 %.0f ms, %d throttled", w.name, c.shards, advised, 100*use, r.Latency["acked"].P99, r.Records.Throttled)
		}
	}
}

// usedShard is how much comes to the busiest shard over the whole feed, as a share of what it takes in that time. Packed, records do not count.
func usedShard(t *testing.T, s *scenarios.Scenario) float64 {
	t.Helper()
	load, err := trace.Of(s)
	if err != nil {
		t.Fatal(err)
	}
	n := s.Pipeline.Input.Shards
	records, bytes := make([]float64, n), make([]float64, n)
	for i := range load.Records {
		at := trace.ShardOf(trace.Starts(n), load.Records[i].Hash)
		records[at] += 1 / (1000 * load.For.Seconds())
		bytes[at] += float64(load.Records[i].Bytes) / (1 << 20) / load.For.Seconds()
	}
	if s.Pipeline.Input.Packing == scenarios.KPLPacking {
		return slices.Max(bytes)
	}
	return max(slices.Max(records), slices.Max(bytes))
}

// met says that every expectation was: whether this machine was too busy says nothing in virtual time.
func met(r *result.Result) bool {
	for _, e := range r.Expectations {
		if e.Verdict != verdict.Pass {
			return false
		}
	}
	return true
}

// advisedShards asks the model and the simulation alone.
func advisedShards(t *testing.T, s *scenarios.Scenario) int {
	t.Helper()
	folder, err := result.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found, err := sizing.Size(t.Context(), sizing.Config{
		Scenario: s, Find: []scenarios.Sought{scenarios.SoughtShards}, Folder: folder, Headroom: sizing.Headroom{Utilisation: 0.7, Restart: time.Minute, CatchUp: time.Hour},
		Load: func(_ context.Context, s *scenarios.Scenario) (*trace.Trace, error) { return trace.Of(s) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if found.Answer == nil {
		t.Fatalf("nothing is advised: %v", found.Reasons)
	}
	return found.Answer.Shards
}
