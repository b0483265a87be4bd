// Package sizing answers how much of what a pipeline needs for a load, and how much load it holds.
//
// Three witnesses are asked, the cheap ones first. A model says by arithmetic what each resource needs, with the numbers shown (model.go). A simulation
// (weir/sizing/simulator) tries hundreds of configurations against what the scenario expects, and finds the edge (least.go). Then runs try the answer and its
// neighbours, each on its own and none adapted while it goes on (search.go): what holds is what a run has shown to hold.
//
//	load ─► trace ─► model ─► simulated edge ─► runs ─► answer, advice, cost
package sizing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
	"weir/sizing/price"
	"weir/sizing/trace"
)

// Run carries out one run of a scenario into a run folder, and gives its result. The error is of a run that broke.
type Run func(ctx context.Context, s *scenarios.Scenario, folder string) (result.Result, error)

// Load gives the load of a scenario, record by record.
type Load func(ctx context.Context, s *scenarios.Scenario) (*trace.Trace, error)

// Config is what a search takes.
type Config struct {
	Scenario *scenarios.Scenario
	// Find is what is looked for; empty, it is what the scenario says, and else the least of all that it has.
	Find []scenarios.Sought
	// Ranges, if set, has configurations swept.
	Ranges *Ranges
	Run    Run
	Load   Load
	// Folder is where the search keeps what it has found.
	Folder *result.Folder
	// MaxRuns bounds the runs for each number; 0 for none, so that the answer is the simulation's.
	MaxRuns  int
	Headroom Headroom
	// Prices are those of a region; nil for none.
	Prices *price.List
	// Previous is what an earlier search of the same question has found: its trials are taken over.
	Previous *result.Sizing
	// Version is weir's, Target "local" or "aws".
	Version, Target string
	// Say is told, in a line, what goes on.
	Say func(format string, args ...any)
}

// MostRuns is how many runs a number may take.
const MostRuns = 8

// resolution is how exactly a load and a write capacity are found.
const resolution = 0.03

// Mistake is a question that cannot be answered as it was put: nothing was run.
type Mistake struct{ Text, Hint string }

func (m *Mistake) Error() string { return m.Text }

func mistake(hint, format string, args ...any) error {
	return &Mistake{Text: fmt.Sprintf(format, args...), Hint: hint}
}

// Size answers the question. What was found is in the folder, too, after each trial. The error is a [Mistake] or one of a run; that nothing holds, or
// that the search was interrupted, is in the result.
func Size(ctx context.Context, c Config) (*result.Sizing, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := newSearch(&c)
	began := time.Now()
	err := s.answer(ctx)
	s.sizing.Simulated = s.predictor.simulated
	s.sizing.Seconds += time.Since(began).Seconds()
	switch {
	case err == nil:
		s.sizing.Finished = true
	case errors.Is(err, errInterrupted), ctx.Err() != nil && errors.Is(err, ctx.Err()):
		s.conclude(verdict.Interrupted, verdict.ExitInterrupted, "interrupted: what was found until now is unfinished, and weir size --resume goes on")
		err = nil
	default:
		s.conclude(verdict.Error, verdict.ExitError, err.Error())
	}
	var wrong *Mistake
	if errors.As(err, &wrong) && len(s.sizing.Trials) == 0 {
		return nil, err // nothing was run, and nothing is kept
	}
	if n := len(s.recorded); n > 0 && s.sizing.Finished {
		s.say("%s of the earlier search took no part in this answer: behind the others, in the log", plural(n, "trial"))
	}
	return s.sizing, errors.Join(err, s.write())
}

// check finds what is wrong with the question.
func (c *Config) check() error {
	s := c.Scenario
	if len(c.Find) == 0 && s.Size != nil {
		c.Find = s.Size.Find
	}
	if len(c.Find) == 0 {
		c.Find = findable(s)
	}
	known := []scenarios.Sought{scenarios.SoughtShards, scenarios.SoughtParallelism, scenarios.SoughtOutput, scenarios.SoughtTable, scenarios.SoughtLoad}
	for _, what := range c.Find {
		if !slices.Contains(known, what) {
			return mistake("it is any of shards, parallelism, output and table, or load alone", "%q is nothing that is looked for", string(what))
		}
		if problem, hint := s.CanFind(what); problem != "" {
			return mistake(hint, "%s cannot be looked for: %s", what, problem)
		}
	}
	output := s.Pipeline.Output
	switch {
	case len(c.Find) > 1 && slices.Contains(c.Find, scenarios.SoughtLoad):
		return mistake("look for the load in a search of its own", "load goes up where the others go down: it is looked for alone")
	case s.Limits != scenarios.LimitsAWS:
		return mistake("leave --limits out", "without AWS's limits there is nothing to be sized")
	case s.ClosedLoop():
		return mistake("give it a --speed as 60x, or a --rate", "a load that goes as fast as it can holds at any size: sizing takes a schedule")
	case notSimulated(s) != "":
		return mistake("leave it out, or run the scenario itself", "%s is not simulated, so that a search would not know where to look", notSimulated(s))
	case len(s.Faults) > 0:
		return mistake("leave them out: --set 'faults=[]'", "faults are not simulated, and sizing takes a pipeline that is well")
	case s.Pipeline.Input.Mode == scenarios.OnDemand, output != nil && output.Mode == scenarios.OnDemand:
		return mistake("give the stream shards: --set pipeline.input.mode=provisioned", "an on-demand stream chooses its shards itself")
	case len(s.Expect) == 0:
		return mistake("write one under expect, as written.p99 <= 2s, or add --set 'expect=[backlog.input.seconds <= 3s]'",
			"a scenario that expects nothing is held by anything that drains in time")
	case c.Previous != nil && c.Previous.Target != c.Target:
		return mistake("begin a new search, with --out", "the runs of the search that is resumed went to the target %q, and these would go to %q", c.Previous.Target, c.Target)
	case c.Previous != nil && !c.Previous.WholeBacklog():
		return mistake("", "%v", c.Previous.CheckCurrent("the search that is resumed"))
	case c.MaxRuns < 0 || c.MaxRuns > MostRuns:
		return mistake("", "%d runs a number: it is 0 to %d", c.MaxRuns, MostRuns)
	}
	return c.Headroom.check()
}

// leastUtilisation and mostRestart are what nobody means beyond: twenty times what holds the load.
const (
	leastUtilisation = 0.05
	mostRestart      = 20
)

func (h *Headroom) check() error {
	switch {
	case !(h.Utilisation >= leastUtilisation && h.Utilisation <= 1):
		return mistake("", "a utilisation of %g: it is the share of its time for which a part is busy, from %g to 1", h.Utilisation, leastUtilisation)
	case h.CatchUp <= 0:
		return mistake("", "to catch up within %s: it is above zero", h.CatchUp)
	case h.Restart < 0 || h.Lag < 0:
		return mistake("", "a restart of %s with a lag of %g records: neither is below zero", h.Restart, h.Lag)
	case h.Restart.Seconds() > mostRestart*h.CatchUp.Seconds():
		return mistake("give it more time to catch up, or a shorter restart", "to catch up within %s with a restart of %s takes %.3g times the load's own rate beside it, and more than %d times is no headroom",
			h.CatchUp, h.Restart, h.Restart.Seconds()/h.CatchUp.Seconds(), mostRestart)
	}
	return nil
}
