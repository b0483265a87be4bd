package sizing_test

import (
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"weir/internal/queueing/worlds"
	"weir/result"
	"weir/sizing/simulator"
	"weir/sizing/trace"
)

// simulated are ten scenarios with each limit in turn, over it and under it.
var simulated = []struct {
	seed  uint64
	limit worlds.Limit
	load  float64
}{
	{1, worlds.Engine, 1.5},
	{2, worlds.Engine, 1.02},
	{3, worlds.Engine, 0.98},
	{1, worlds.Shard, 1.5},
	{2, worlds.Shard, 1.05},
	{1, worlds.Output, 1.5},
	{1, worlds.Function, 1.5},
	{2, worlds.Function, 0.98},
	{1, worlds.Table, 1.5},
	{2, worlds.Table, 1.05},
}

func TestTheSimulatorsBacklogIsThatOfARun(t *testing.T) {
	simulatedBacklog(t, simulated[2].seed, simulated[2].limit, simulated[2].load, 20*time.Second)
}

func TestProveTheSimulatorsBacklogIsThatOfARun(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("ten scenarios, simulated and run: make prove runs them")
	}
	for _, c := range simulated {
		simulatedBacklog(t, c.seed, c.limit, c.load, 45*time.Second)
	}
}

// simulatedBacklog holds the backlogs of a simulation, the whole and each part, at most and in the hold, against those of a real run: within one poll, and within
// the batch that the limit lets through.
func simulatedBacklog(t *testing.T, seed uint64, limit worlds.Limit, load float64, hold time.Duration) {
	t.Helper()
	w := simulable(t, seed, limit, load, hold)
	run, sent := virtualRun(t, w.Scenario)
	records, err := trace.Of(w.Scenario)
	if err != nil {
		t.Fatal(err)
	}
	const linger = 5 * time.Millisecond
	outcome, err := simulator.Run(records, w.Scenario, simulator.Machine{}, sent.Add(-linger-records.Records[0].Due).Sub(trace.Epoch))
	if err != nil {
		t.Fatal(err)
	}
	c := parts{T: t, world: w, each: map[string]time.Duration{result.InputBacklog: w.Every}}
	for _, place := range []string{result.OutputBacklog, result.TableBacklog} {
		c.each[place] = betweenRows(&run)
	}
	c.compare("of the run", 0, outcome.Result.Backlog, run.Backlog)
	for i := range run.Phases {
		if run.Phases[i].Name == "hold" {
			c.compare("of the hold", w.Scenario.Pipeline.Aggregator.SlideOrWindow(), outcome.Result.Phases[i].Backlog, run.Phases[i].Backlog)
		}
	}
	t.Logf("%s: %d figures, %d off", w.Scenario.Name, c.seen, c.off)
}

// simulable is a world that a simulation knows. With one shard it does not hang on chance which record fires a window; and a function is as slow as its table.
func simulable(t *testing.T, seed uint64, limit worlds.Limit, load float64, hold time.Duration) *worlds.World {
	t.Helper()
	for {
		w, err := worlds.Of(seed, limit, load, hold)
		if err != nil {
			t.Fatal(err)
		}
		if w.Scenario.Pipeline.Input.Shards > 1 {
			seed += 100
			continue
		}
		if limit == worlds.Function {
			for _, set := range []string{fmt.Sprintf("latency.table=%s", w.Takes), fmt.Sprintf("pipeline.routes={%s: {batch_size: %d}}", worlds.Slow, w.Scenario.Pipeline.Routes[worlds.Slow].BatchSize)} {
				if err := w.Scenario.Set(set); err != nil {
					t.Fatalf("%s: %v", set, err)
				}
			}
			w.Scenario.Resolve()
			if err := w.Scenario.Validate(); err != nil {
				t.Fatal(err)
			}
		}
		return w
	}
}

// betweenRows is the time from one row of a run to the next, on average.
func betweenRows(run *result.Result) time.Duration {
	lasted := 0.0
	for i := range run.Phases {
		lasted += run.Phases[i].Seconds
	}
	return time.Duration(lasted * float64(time.Second) / float64(run.Rows.Expected-run.Rows.Flushed))
}

// parts compares backlogs part by part.
type parts struct {
	*testing.T
	world *worlds.World
	// each is the time from one record or row that comes to a place to the next.
	each      map[string]time.Duration
	seen, off int
}

// compare compares every place. What fires at the edge of a time is on either side of it: there, rows come a firing sooner or later.
func (c *parts) compare(when string, edge time.Duration, simulated, run map[string]result.Backlog) {
	c.Helper()
	for place, ran := range run {
		edge := edge
		if place == result.InputBacklog {
			edge = 0
		}
		sim, ok := simulated[place]
		if !ok {
			c.Errorf("%s: the simulation has no backlog of the %s", c.world.Scenario.Name, place)
			continue
		}
		c.waited(place, " "+when, edge, &sim.Waited, &ran.Waited)
		for _, part := range result.PartsOf(place) {
			a, b := sim.Parts[part], ran.Parts[part]
			c.waited(place, "."+part+" "+when, edge, &a.Waited, &b.Waited)
		}
	}
}

// waited compares what waited, within what comes in a poll and passes the limit together, and its age, within a poll.
func (c *parts) waited(place, of string, edge time.Duration, simulated, run *result.Waited) {
	c.Helper()
	poll := time.Duration(c.world.Scenario.Pipeline.Aggregator.Poll)
	if output := c.world.Scenario.Pipeline.Output; output != nil {
		poll = max(poll, time.Duration(output.Poll))
	}
	takes := poll + c.world.Takes + c.world.Pause + c.world.Every + edge
	batch := float64(max(c.world.Batch, c.world.Rows)) + takes.Seconds()/c.each[place].Seconds()
	what := place + of
	c.figure(what, float64(simulated.MaxRecords), float64(run.MaxRecords), batch)
	c.figure("age of "+what, seconds(simulated), seconds(run), takes.Seconds())
}

func (c *parts) figure(what string, simulated, ran, within float64) {
	c.Helper()
	if c.seen++; math.Abs(simulated-ran) > within {
		c.off++
		c.Errorf("%s: %s is %.5g simulated, and %.5g in a run, give or take %.3g", c.world.Scenario.Name, what, simulated, ran, within)
	}
}

func seconds(w *result.Waited) float64 {
	if w.MaxSeconds == nil {
		return 0
	}
	return *w.MaxSeconds
}
