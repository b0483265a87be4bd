package sizing

import (
	"strings"
	"testing"
	"time"

	"weir/record"
	"weir/scenarios"
	"weir/sizing/simulator"
	"weir/sizing/trace"
)

// sized is the model of a scenario with a load of its own.
func sized(t *testing.T, h Headroom, set ...string) *model {
	t.Helper()
	s := scenarios.Default()
	for _, assignment := range append([]string{"name=sized", "pipeline.aggregator.window=1s", "expect=[written.p99 <= 2s]"}, set...) {
		if err := s.Set(assignment); err != nil {
			t.Fatalf("%s: %v", assignment, err)
		}
	}
	s.Resolve()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	load, err := trace.Of(&s)
	if err != nil {
		t.Fatal(err)
	}
	return newModel(load, &s, h, simulator.Idle, "as simulated")
}

// TestHeadroomIsThatOfTheBusiestPart holds that no shard or subtask of what is advised is busier than asked for, where an eighth of the load is of one key: an
// even spread would say fewer.
func TestHeadroomIsThatOfTheBusiestPart(t *testing.T) {
	h := Headroom{Utilisation: 0.7, Restart: 5 * time.Minute, CatchUp: 30 * time.Minute}
	m := sized(t, h, "load.kinds.a={keys: {hot: {count: 40, hot: 1, share: 12%}}, size: 400B}", "load.rate=[{shape: hold, at: 2400/s, for: 3s}]",
		"pipeline.aggregator.cost={wait: 1ms}", "pipeline.shape=routed", "pipeline.routes={all: {}}")
	for _, c := range []struct {
		what scenarios.Sought
		even int
		busy func(n int) float64
	}{
		{scenarios.SoughtShards, 4, func(n int) float64 { return m.shareOf(m.trace.Peak(n)) / 0.7 }},
		{scenarios.SoughtParallelism, 4, func(n int) float64 { return m.busiestSubtask(n).records * m.record.Seconds() * (1/0.7 + 1.0/6) }},
		{scenarios.SoughtOutput, 1, func(n int) float64 { return m.busiestOutput(n) / 0.7 }},
	} {
		n, ok := m.roomy(c.what, m.least(c.what, true))
		if !ok || n < c.even || c.busy(n) > 1 {
			t.Errorf("%s: %d, of which the busiest does %.0f %% of what it is to do (%v)", c.what, n, 100*c.busy(n), ok)
		}
	}
	if n := m.least(scenarios.SoughtParallelism, false); n > 3 && m.busiestSubtask(n-1).records*m.record.Seconds() <= 1 {
		t.Errorf("%d subtasks, and one fewer has no subtask that is always busy", n)
	}
}

// TestAKeyThatLeavesNoRoomIsSaid holds that where no number has the room that was asked for, none is invented.
func TestAKeyThatLeavesNoRoomIsSaid(t *testing.T) {
	m := sized(t, Headroom{Utilisation: 0.5, CatchUp: time.Hour}, "load.kinds.a={keys: {hot: {count: 10, hot: 1, share: 80%}}, size: 200B}", "load.rate=[{shape: hold, at: 1k/s, for: 2s}]")
	s := &search{config: &Config{}, scenario: m.scenario, model: m, knobs: sought(m.scenario, []scenarios.Sought{scenarios.SoughtShards})}
	s.withHeadroom(configurationOf(m.scenario))
	if len(s.cramped) != 1 || !strings.HasPrefix(s.cramped[0], "No number of shards of the input gives that room") {
		t.Errorf("%q", s.cramped)
	}
}

// TestTheHottestKeyIsTheOneThatBinds holds that the key which is named, and what is said of it, is of what it takes most of: records of one key, or bytes of
// another.
func TestTheHottestKeyIsTheOneThatBinds(t *testing.T) {
	for _, c := range []struct {
		packing      string
		small, large int // records of one key, and of 10 KiB of another
		says         string
	}{
		{"none", 800, 90, "key large has 900.0 KiB in its busiest second, at 0s, and one shard takes 1.0 MiB"},
		{"kpl", 800, 50, "key large has 500.6 KiB in its busiest second, at 0s, and one shard takes 1.0 MiB"},
		{"none", 800, 50, "key small has 800 records in its busiest second, at 0s, and one shard takes 1,000"},
	} {
		r := trace.NewRecorder(1)
		for name, of := range map[string]struct{ n, bytes int }{"small": {c.small, 100}, "large": {c.large, 10 << 10}} {
			for range of.n {
				if err := r.Add([]record.Record{{PartitionKey: name, Data: make([]byte, of.bytes-len(name)), Event: record.Event{Kind: "a", Key: name}}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		u := useOf(simulator.KeyPart(r.Trace(), c.packing == "kpl"))
		if says := u.Part + " " + u.Says; says != c.says {
			t.Errorf("packing %s: %s", c.packing, says)
		}
	}
}

func TestNonsenseIsNoHeadroom(t *testing.T) {
	for _, c := range []struct {
		h    Headroom
		says string
	}{
		{Headroom{Utilisation: 1e-9, CatchUp: time.Minute}, "a utilisation of 1e-09: it is the share of its time for which a part is busy, from 0.05 to 1"},
		{Headroom{Utilisation: 1.5, CatchUp: time.Minute}, "a utilisation of 1.5"},
		{Headroom{Utilisation: 0.7, CatchUp: time.Nanosecond, Restart: 5 * time.Minute}, "to catch up within 1ns with a restart of 5m0s takes 3e+11 times"},
	} {
		if err := c.h.check(); err == nil || !strings.HasPrefix(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.h, err)
		}
	}
	if err := (&Headroom{Utilisation: 1, CatchUp: time.Minute, Restart: 20 * time.Minute}).check(); err != nil {
		t.Error(err)
	}
}
