package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"weir/internal/awsclient"
	"weir/measure"
	"weir/measure/regression"
	"weir/report"
	"weir/result"
	"weir/scenarios"
)

// scenarios runs two scenarios in pairs, and compares them.
func (c *comparison) scenarios(ctx context.Context, a, b string, flags *pflag.FlagSet) (int, error) {
	sides := map[string]*scenarios.Scenario{}
	var err error
	if sides[regression.SideA], err = c.scenarioOf(a, c.options.onlyA, flags); err != nil {
		return 0, err
	}
	if sides[regression.SideB], err = c.scenarioOf(b, c.options.onlyB, flags); err != nil {
		return 0, err
	}
	c.result.Method, c.result.Pairs = result.Paired, c.options.pairs
	c.result.A, c.result.B = c.side(a, sides[regression.SideA], c.options.onlyA), c.side(b, sides[regression.SideB], c.options.onlyB)
	made, err := c.make(ctx, sides, []string{regression.SideA, regression.SideB}, "compare-"+sides[regression.SideB].Name)
	if err != nil && len(made.Runs) == 0 {
		return 0, asUsage(err)
	}
	pairs := make([]regression.Pair, len(made.A))
	for i := range pairs {
		pairs[i] = regression.Pair{A: made.A[i], B: made.B[i]}
	}
	c.result.PairsCompared, c.result.Metrics = len(pairs), regression.Paired(c.gates, pairs)
	return c.finish(made.Facts(err))
}

// side names a side as the user gave it.
func (c *comparison) side(name string, s *scenarios.Scenario, only []string) result.ComparedSide {
	return result.ComparedSide{Name: strings.Join(append([]string{name}, only...), " "), Scenario: s.Name}
}

// make makes the runs of the sides, in a folder of their own.
func (c *comparison) make(ctx context.Context, of map[string]*scenarios.Scenario, sides []string, name string) (regression.Made, error) {
	guards := make(map[string]*awsclient.Target, len(sides))
	for _, side := range sides {
		guard, err := c.admitted(of[side], &c.options.runOptions)
		if err != nil {
			return regression.Made{}, err
		}
		guards[side] = guard
	}
	if err := c.makeFolder(result.DefaultPath(name, c.result.Started)); err != nil {
		return regression.Made{}, err
	}
	if err := c.announce(of, sides); err != nil {
		return regression.Made{}, err
	}
	feed, work := c.interruptible(ctx)
	pairing := regression.Pairing{Sides: sides, Pairs: c.options.pairs, Run: func(feed context.Context, turn regression.Turn) (regression.Run, error) {
		return c.turn(feed, work, of[turn.Side], guards[turn.Side], turn)
	}}
	made, err := pairing.Make(feed)
	c.result.Runs = made.Runs
	return made, err
}

// announce says what is about to be done, how long it takes and what it can tell, before it begins.
func (c *comparison) announce(of map[string]*scenarios.Scenario, sides []string) error {
	if c.options.json {
		return nil
	}
	var each time.Duration
	known := true
	for _, side := range sides {
		plan, err := of[side].Plan()
		if err != nil {
			return err
		}
		each += plan.For + aroundARun
		known = known && of[side].Load.Replay == nil
	}
	runs, takes := len(sides)*c.options.pairs, "as long as their recordings"
	if known {
		takes = fmt.Sprintf("about %s", (each * time.Duration(c.options.pairs)).Round(time.Second))
	}
	order, least := "A B B A: ", regression.MinPairs(len(c.gates))
	if len(sides) == 1 {
		order, least = "", 0
	}
	fmt.Fprintf(c.stdout, "%d runs, %s%s. Ctrl-C keeps what is complete. Folder: %s\n", runs, order, takes, c.folder.Path())
	if c.options.pairs < least {
		fmt.Fprintf(c.stdout, "note: %s cannot show a change: of %d metrics that takes %d pairs at least (of one, %d)\n",
			counted(c.options.pairs, "pair"), len(c.gates), least, regression.MinPairs(1))
	}
	return nil
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// aroundARun is about what a run takes beside its load: to make the streams, to drain, to prove.
const aroundARun = 3 * time.Second

// turn makes one run. Feed ends its feeding, and work ends it.
func (c *comparison) turn(feed, work context.Context, s *scenarios.Scenario, guard *awsclient.Target, turn regression.Turn) (regression.Run, error) {
	options := c.options.runOptions
	options.out = filepath.Join(c.folder.Path(), fmt.Sprintf("%02d-%s", turn.Pair, turn.Side))
	if turn.Try > 1 {
		options.out += fmt.Sprintf("-try%d", turn.Try)
	}
	both := func(servers context.Context) (context.Context, context.Context) {
		feeding, end := context.WithCancel(servers)
		context.AfterFunc(feed, end)
		return feeding, servers
	}
	outcome, err := c.cli.carryOut(work, s, &options, guard, both, func(measure.Snapshot) {})
	run := regression.Run{Folder: outcome.Folder}
	if outcome.Folder == "" {
		return run, err
	}
	read, broken := readRunFolder(outcome.Folder)
	if err = errors.Join(err, broken); err != nil {
		run.Result = &outcome.Result
		return run, err
	}
	c.tell(turn, &read)
	return read, nil
}

// metricsTold is how many metrics of a run fit on a line.
const metricsTold = 3

// tell says what came of a run, in a line.
func (c *comparison) tell(turn regression.Turn, run *regression.Run) {
	r := run.Result
	if c.options.json {
		_ = json.NewEncoder(c.stdout).Encode(map[string]any{"run": result.ComparedRun{
			Side: turn.Side, Pair: turn.Pair, Folder: run.Folder, Verdict: r.Verdict, Counted: regression.Counts(r),
		}})
		return
	}
	var text strings.Builder
	for _, gate := range c.gates[:min(metricsTold, len(c.gates))] {
		o := gate.Observe(run)
		text.WriteString("  " + gate.Metric + " " + report.Value(o.Value, o.Unit))
	}
	fmt.Fprintf(c.stdout, "%3d/%d  %s  %-12s%s\n", turn.Pair, c.options.pairs, strings.ToUpper(turn.Side), r.Verdict, text.String())
}
