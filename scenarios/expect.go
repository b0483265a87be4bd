package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/generator"
	"weir/measure/verdict"
)

// Expectations are what the scenario expects, read. Each was found to be right by [Scenario.Validate].
func (s *Scenario) Expectations() ([]*verdict.Expectation, error) {
	var all []*verdict.Expectation
	for i, text := range s.Expect {
		e, err := verdict.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("expect[%d]: %w", i, err)
		}
		all = append(all, e)
	}
	return all, nil
}

// PhaseNames are the names of the schedule's phases, in their order; none of a recording.
func (s *Scenario) PhaseNames() []string {
	var names []string
	for i := range s.Load.Rate {
		name := s.Load.Rate[i].Name
		if name == "" {
			name = string(s.Load.Rate[i].Shape)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// hasTrend says that a hold lasts long enough for a verdict on the backlog's trend.
func (s *Scenario) hasTrend() bool {
	shortest := verdict.ShortestHold(verdict.Period(s.Periods()))
	for i := range s.Load.Rate {
		p := &s.Load.Rate[i]
		if p.Holds() && p.Name != measuredApart && time.Duration(max(valueOf(p.For), valueOf(p.ExtendTo))) >= shortest {
			return true
		}
	}
	return false
}

// Periods are what comes round in the pipeline and makes a saw tooth of its backlogs; see [verdict.Period].
func (s *Scenario) Periods() []time.Duration {
	a := &s.Pipeline.Aggregator
	periods := []time.Duration{a.SlideOrWindow(), time.Duration(a.Poll)}
	if output := s.Pipeline.Output; output != nil {
		periods = append(periods, time.Duration(output.Poll))
	}
	if a.Checkpoints != nil {
		periods = append(periods, time.Duration(a.Checkpoints.Every))
	}
	return periods
}

// measuredApart is the name of the phases that are left out of a run's own figures (measure.Warmup).
const measuredApart = "warmup"

// Holds says that the rate of a phase stands still.
func (p *Phase) Holds() bool {
	return generator.Shape(p.Shape) == generator.Hold || generator.Shape(p.Shape) == generator.Poisson
}

// validateExpect reads the expectations, and finds those that can never be judged.
func (s *Scenario) validateExpect(p *problems) {
	world := verdict.World{
		Routed: s.Pipeline.Shape == Routed, ClosedLoop: s.ClosedLoop(), Routes: s.RouteNames(), Phases: s.PhaseNames(),
	}
	world.NoTrend, world.NoTable = !s.hasTrend(), s.writesNoTable()
	if len(s.Load.Kinds) > 0 {
		world.Kinds = slices.Sorted(maps.Keys(s.Load.Kinds))
	}
	for i, text := range s.Expect {
		path := index("expect", i)
		if strings.TrimSpace(text) == "" {
			p.add(path, "is empty")
			continue
		}
		e, err := verdict.Parse(text)
		if syntax, ok := errors.AsType[*verdict.SyntaxError](err); ok {
			found := p.add(path, "%s", syntax.Message)
			found.column, found.hint = syntax.Column, syntax.Hint
			continue
		}
		if err := e.Check(&world); err != nil {
			p.add(path, "%v", err)
		}
	}
}

// writesNoTable reports whether each route drops its rows, or hands them to a function of the user's own. In a direct pipeline a function stands in the table's place.
func (s *Scenario) writesNoTable() bool {
	if s.Pipeline.Shape != Routed {
		return false
	}
	for _, name := range s.RouteNames() {
		if h := s.Pipeline.Routes[name].Handler; h == nil || h.To == ToTable && h.Invoke == "" {
			return false
		}
	}
	return true
}
