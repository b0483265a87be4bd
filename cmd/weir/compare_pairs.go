package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
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
	if c.result.Differs, err = differing(sides[regression.SideA], sides[regression.SideB]); err != nil {
		return 0, err
	}
	if len(c.result.Differs) == 0 {
		c.result.Warnings = append(c.result.Warnings, "A and B are the same scenario: what they differ by is noise")
	}
	c.result.A, c.result.B = c.side(a, sides[regression.SideA], c.options.onlyA), c.side(b, sides[regression.SideB], c.options.onlyB)
	c.noteTooFew("pair", regression.MinPairs(len(c.gates)))
	made, err := c.make(ctx, sides, []string{regression.SideA, regression.SideB}, "compare-"+sides[regression.SideB].Name)
	if err != nil && len(made.Runs) == 0 {
		return 0, asUsage(sides[regression.SideA], err)
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
	targets := make(map[string]*admittedTarget, len(sides))
	for _, side := range sides {
		target := &admittedTarget{scenario: of[side], options: c.options.runOptions}
		var err error
		if target.guard, err = c.admitted(target.scenario, &target.options); err != nil {
			return regression.Made{}, err
		}
		targets[side] = target
	}
	if err := c.makeFolder(result.DefaultPath(name, c.result.Started)); err != nil {
		return regression.Made{}, err
	}
	if err := c.announce(of, sides); err != nil {
		return regression.Made{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	feed, work := c.interruptible(ctx)
	pairing := regression.Pairing{Sides: sides, Pairs: c.options.pairs, Run: func(feed context.Context, turn regression.Turn) (regression.Run, error) {
		return c.turn(feed, work, targets[turn.Side], turn)
	}}
	made, err := pairing.Make(feed)
	c.result.Runs = append(c.result.Runs, made.Runs...)
	return made, err
}

// admittedTarget is a scenario with the target that it may run against.
type admittedTarget struct {
	scenario *scenarios.Scenario
	options  runOptions
	guard    *awsclient.Target
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
	order := ""
	if len(sides) > 1 {
		order = "A B B A: "
	}
	_, err := fmt.Fprintf(c.stdout, "%d runs, %s%s. Ctrl-C keeps what is complete. Folder: %s\n", runs, order, takes, c.folder.Path())
	return err
}

// noteTooFew says that so many pairs, or runs, cannot show a change, before they are made.
func (c *comparison) noteTooFew(thing string, least int) {
	if c.options.pairs < least && !c.options.json {
		fmt.Fprintf(c.stdout, "note: %s cannot show a change: in %s that takes %d at least\n", counted(c.options.pairs, thing), counted(len(c.gates), "metric"), least)
	}
}

// shownDifferences bounds the lines that are named.
const shownDifferences = 20

// differing are the lines of two resolved scenarios that only one of them has.
func differing(a, b *scenarios.Scenario) ([]string, error) {
	var texts [2][]string
	for i, s := range []*scenarios.Scenario{a, b} {
		var text strings.Builder
		if _, err := s.WriteTo(&text); err != nil {
			return nil, err
		}
		texts[i] = strings.Split(text.String(), "\n")
	}
	var lines []string
	for i, side := range []string{"A", "B"} {
		for _, line := range texts[i] {
			if !slices.Contains(texts[1-i], line) {
				lines = append(lines, side+": "+strings.TrimSpace(line))
			}
		}
	}
	return lines[:min(shownDifferences, len(lines))], nil
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
func (c *comparison) turn(feed, work context.Context, target *admittedTarget, turn regression.Turn) (regression.Run, error) {
	options := target.options
	options.out = filepath.Join(c.folder.Path(), fmt.Sprintf("%02d-%s", turn.Pair, turn.Side))
	if turn.Try > 1 {
		options.out += fmt.Sprintf("-try%d", turn.Try)
	}
	unhook := func() bool { return true }
	both := func(servers context.Context) (context.Context, context.Context) {
		feeding, end := context.WithCancel(servers)
		unhook = context.AfterFunc(feed, end)
		return feeding, servers
	}
	outcome, err := c.carryOut(work, target.scenario, &options, target.guard, both, func(measure.Snapshot) {})
	unhook()
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
