package sizing

import (
	"context"
	"fmt"
	"time"

	"weir/result"
	"weir/scenarios"
	"weir/sizing/simulator"
	"weir/sizing/trace"
	"weir/survey"
)

// thousands writes a number with commas.
func thousands(n int64) string { return survey.Thousands(n) }

// prediction is what a simulation says of a configuration.
type prediction struct {
	result.SizingSight
	use    []simulator.Part
	result result.Result
}

// predictor simulates configurations, each once.
type predictor struct {
	scenario *scenarios.Scenario
	machine  simulator.Machine
	load     Load
	traces   map[float64]*trace.Trace
	totals   map[float64]*trace.Totals // of each
	known    map[Configuration]*prediction
	// simulated counts.
	simulated int
}

func newPredictor(s *scenarios.Scenario, load Load) *predictor {
	return &predictor{
		scenario: s, machine: simulator.Idle, load: load,
		traces: make(map[float64]*trace.Trace), totals: make(map[float64]*trace.Totals), known: make(map[Configuration]*prediction),
	}
}

// maxTraces bounds how many loads are kept.
const maxTraces = 3

// trace is the load at a scale.
func (p *predictor) trace(ctx context.Context, by float64) (*trace.Trace, error) {
	if t, ok := p.traces[by]; ok {
		return t, nil
	}
	c := configurationOf(p.scenario)
	c.Load = by
	s, err := apply(p.scenario, c)
	if err != nil {
		return nil, err
	}
	t, err := p.load(ctx, s)
	if err != nil {
		return nil, err
	}
	for old := range p.traces {
		if len(p.traces) >= maxTraces && old != 1 {
			delete(p.traces, old)
			delete(p.totals, old)
		}
	}
	p.traces[by] = t
	return t, nil
}

// at simulates a configuration.
func (p *predictor) at(ctx context.Context, c Configuration) (*prediction, error) {
	if found, ok := p.known[c]; ok {
		return found, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t, err := p.trace(ctx, c.Load)
	if err != nil {
		return nil, err
	}
	found, err := p.simulate(t, c)
	if err != nil {
		return nil, err
	}
	p.simulated++
	p.known[c] = found
	return found, nil
}

// simulate has a run begin at several places in a window and in a poll, for where it does is chance: what holds has to hold at each. It gives the first that
// does not, or the one that was written last.
func (p *predictor) simulate(t *trace.Trace, c Configuration) (worst *prediction, err error) {
	s, err := apply(p.scenario, c)
	if err != nil {
		return nil, err
	}
	for _, begins := range beginnings(t, s) {
		outcome, err := simulator.Run(t, s, p.machine, begins)
		if err != nil {
			return nil, fmt.Errorf("simulate %s: %w", Describe(c), err)
		}
		found := &prediction{SizingSight: sightOf(&outcome.Result), use: outcome.Use, result: outcome.Result}
		judgeUse(&found.SizingSight, outcome.Use, "")
		if !found.Holds {
			return found, nil
		}
		if worst == nil || later(found, worst) {
			worst = found
		}
	}
	return worst, nil
}

// later says that the rows of one simulation were written later than those of another.
func later(a, b *prediction) bool {
	return a.WrittenP99 != nil && (b.WrittenP99 == nil || *a.WrittenP99 > *b.WrittenP99)
}

// beginnings are how far into a window a run is taken to begin. The event times of a recording are what they are.
func beginnings(t *trace.Trace, s *scenarios.Scenario) []time.Duration {
	if !t.Made() {
		return []time.Duration{0}
	}
	const quarters = 4
	a := &s.Pipeline.Aggregator
	slide, poll := a.SlideOrWindow(), time.Duration(a.Poll)
	if o := s.Pipeline.Output; o != nil {
		poll = max(poll, time.Duration(o.Poll))
	}
	step := slide / quarters
	if slide > poll { // windows that are whole numbers of polls would else always meet the same part of one
		step += poll / quarters
	}
	list := make([]time.Duration, quarters)
	for i := range list {
		list[i] = time.Duration(i) * step
	}
	return list
}

// calibrate takes what a record costs a subtask from a run, and forgets what was simulated without it.
func (p *predictor) calibrate(m simulator.Machine) {
	p.machine = m
	clear(p.known)
}
