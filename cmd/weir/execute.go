package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/measure"
	"weir/report"
	"weir/scenarios"
)

// runOptions are the flags of every command that runs a scenario, beside the scenario's own.
type runOptions struct {
	target   targetFlags
	source   sourceFlags
	out      string
	json     bool
	by       string // what latencies are kept apart by
	yes      bool
	required []string // paths that the user gave
}

func (o *runOptions) register(flags *pflag.FlagSet) {
	o.target.register(flags)
	o.source.register(flags)
	flags.StringVar(&o.out, "out", "", "the run folder (default runs/<time>-<name>)")
	flags.StringVar(&o.by, "latency-by", "", "keep latencies apart, too: shard (acked, read) or kind (acked, read, written)")
	flags.BoolVar(&o.json, "json", false, "print one JSON object a line: progress, and at the end the result")
	flags.BoolVar(&o.yes, "yes", false, "confirm the plan of a target beyond loopback")
}

// runScenario runs a scenario against its target, prints what came of it, and returns the exit code of its verdict.
func (c *cli) runScenario(ctx context.Context, scenario *scenarios.Scenario, options *runOptions) (int, error) {
	guard, err := c.admitted(scenario, options)
	if err != nil {
		return 0, err
	}
	display := c.newDisplay(options.json)
	outcome, err := c.carryOut(ctx, scenario, options, guard, c.interruptible, display.progress)
	display.close()
	if err != nil && outcome.Folder == "" {
		return 0, asUsage(scenario, err)
	}
	display.summary(&outcome)
	return outcome.Result.ExitCode, err
}

// admitted is what the target has to be, nil for one on this machine. One beyond it is confirmed. The options have a region afterwards.
func (c *cli) admitted(scenario *scenarios.Scenario, options *runOptions) (*awsclient.Target, error) {
	if by := options.by; by != "" && by != measure.ByShard && by != measure.ByKind {
		return nil, usage("--latency-by %q is neither %s nor %s", by, measure.ByShard, measure.ByKind)
	}
	guard, err := options.target.guarded(scenario)
	if err != nil {
		return nil, err
	}
	if options.target.region == "" {
		options.target.region = defaultRegion
		if guard != nil {
			options.target.region = guard.Region
		}
	}
	if guard != nil && !options.yes {
		return guard, c.confirm(scenario, guard)
	}
	return guard, nil
}

// carryOut carries out one run, between the servers that its target needs, and renders its folder. Interruptible derives the two contexts of the run from that of
// the servers.
func (c *cli) carryOut(ctx context.Context, scenario *scenarios.Scenario, options *runOptions, guard *awsclient.Target,
	interruptible func(context.Context) (feed, work context.Context), progress func(measure.Snapshot),
) (harness.Outcome, error) {
	if err := c.tellTimes(ctx, scenario, options.source.client()); err != nil {
		return harness.Outcome{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	servers, endpoint, err := c.startTarget(ctx, scenario, &options.target)
	if err != nil {
		return harness.Outcome{}, err
	}
	visibility := time.Duration(0)
	if servers.faults == nil {
		visibility = scenarios.VisibilityAWS // nobody here knows how late records show up there
	}
	feed, work := interruptible(servers.ctx)
	outcome, err := harness.Run(feed, work, harness.Config{
		Scenario: scenario,
		Target:   awsclient.Config{Endpoint: endpoint, Region: options.target.region, Profile: options.target.profile},
		Source:   options.source.client(), Guard: guard,
		Stdin: c.stdin, Out: options.out, Required: options.required, Version: buildVersion(),
		Progress: progress, Faults: servers.faults, LatencyBy: options.by, Visibility: visibility,
	})
	cancel()
	if broken := servers.Wait(); err == nil {
		err = broken
	}
	if outcome.Folder == "" {
		return outcome, err
	}
	return outcome, errors.Join(err, render(outcome.Folder))
}

// render renders the folder of a run, where the run left a result.
func render(folder string) error {
	_, err := report.Again(folder)
	if err == nil || errors.Is(err, report.ErrNothing) {
		return nil
	}
	return fmt.Errorf("report: %w", err)
}

// confirm prints what a run beyond this machine would do, and asks. Without a terminal there is nobody to ask.
func (c *cli) confirm(scenario *scenarios.Scenario, guard *awsclient.Target) error {
	if err := c.printPlan(scenario, true); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "target          account %s, region %s: weir makes streams and a table whose names begin with weir-, and removes them\n", guard.Account, guard.Region)
	if !c.terminal {
		return hinted("--yes confirms it", errors.New("the plan of a target beyond this machine has to be confirmed"))
	}
	fmt.Fprint(c.stdout, "go on? [y/N] ")
	answer, err := bufio.NewReader(c.stdin).ReadString('\n')
	if err != nil || !strings.EqualFold(strings.TrimSpace(answer), "y") {
		return usage("not confirmed")
	}
	return nil
}

// targetServers are the servers that a run brings along. Their ctx ends when one of them breaks.
type targetServers struct {
	*errgroup.Group
	ctx context.Context
	// faults are those of the embedded AWS; nil where the target is none of the run's own.
	faults harness.Faults
}

// startTarget serves the embedded AWS where the target is not an endpoint that is there already.
func (c *cli) startTarget(ctx context.Context, scenario *scenarios.Scenario, target *targetFlags) (*targetServers, string, error) {
	group, ctx := errgroup.WithContext(ctx)
	servers := &targetServers{Group: group, ctx: ctx}
	if target.endpoint != "" || target.target == "aws" {
		return servers, target.endpoint, nil
	}
	listener, err := listenLoopback(0)
	if err != nil {
		return nil, "", err
	}
	// Nobody but this run's own clients knows the port.
	draws, err := scenario.Latency.Draws(scenario.Seed)
	if err != nil {
		return nil, "", fmt.Errorf("latency: %w", err)
	}
	faults := &localFaults{scenario: scenario}
	faults.server = localaws.New(localaws.Config{
		Limits: scenario.Limits == scenarios.LimitsAWS, Region: target.region, WholeBodies: true, Fault: faults.decide, Latency: localaws.Latency(draws),
	})
	servers.faults = faults
	servers.Go(func() error { return faults.server.Serve(ctx, listener) })
	return servers, fmt.Sprintf("http://%s", listener.Addr()), nil
}

// untilSignal derives a context that ends with the first signal.
func (c *cli) untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-c.signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// sameSignal is for how long a signal is taken for the one before: a terminal and a wrapper about weir may both send it.
const sameSignal = 500 * time.Millisecond

// signalled waits for a signal, and says whether it came before ctx ended.
func (c *cli) signalled(ctx context.Context) bool {
	select {
	case <-c.signals:
		return true
	case <-ctx.Done():
		return false
	}
}

// interruptible derives the two contexts of a run from the signals: the first signal ends feed, so that the run drains and
// proves what it has; the second ends work too.
func (c *cli) interruptible(ctx context.Context) (feed, work context.Context) {
	work, quit := context.WithCancel(ctx)
	feed, interrupt := context.WithCancel(work)
	go func() {
		defer quit()
		defer interrupt()
		if !c.signalled(ctx) {
			return
		}
		interrupt()
		fmt.Fprintln(c.stderr, "weir: stops feeding, and drains; a second Ctrl-C quits at once")
		first := time.Now()
		for c.signalled(ctx) {
			if time.Since(first) > sameSignal {
				return
			}
		}
	}()
	return feed, work
}
