package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/measure"
	"weir/replay"
	"weir/report"
	"weir/result"
	"weir/scenarios"
	"weir/sizing"
	"weir/sizing/trace"
)

func (c *cli) sizeCommand(code *int) *cobra.Command {
	flags := scenarioFlags{shards: number{ranges: true}, parallelism: number{ranges: true}}
	var options runOptions
	var sizes sizeFlags
	command := &cobra.Command{
		Use:   "size SCENARIO",
		Short: "Find how many shards, what parallelism and what write capacity hold a scenario's load, or how much load they hold",
		Long: `Find the least that holds a scenario's load: shards, parallelism, shards of the output, write capacity; or with --find load the most load that the
scenario's pipeline holds. Holding is that every expectation is met and no backlog grows.

A model and a simulation narrow it down, and then runs try the answer and the next step beyond it: at most 8 for each number. Ctrl-C keeps what was
found; --resume goes on with it. A range, as --shards 4..16, has every configuration in it simulated, and the two best run.`,
		Args: oneArgument("SCENARIO", scenarioArgument),
		RunE: func(command *cobra.Command, args []string) error {
			scenario, err := flags.read(args[0], command.Flags())
			if err != nil {
				return err
			}
			options.required = flags.required()
			*code, err = c.size(command.Context(), scenario, &options, &sizes, flags.ranges(&sizes))
			return err
		},
	}
	flags.ofScenario(command.Flags())
	grouped(command, &options, &sizes)
	command.Flags().Lookup("out").Usage = "the search's folder (default runs/<time>-size-<name>)"
	return command
}

// size answers the question, prints what was found, and gives the exit code.
func (c *cli) size(ctx context.Context, scenario *scenarios.Scenario, options *runOptions, sizes *sizeFlags, ranges *sizing.Ranges) (int, error) {
	prices, err := sizes.list(options.target.region)
	if err != nil {
		return 0, err
	}
	guard, err := c.admitted(scenario, options)
	if err != nil {
		return 0, err
	}
	previous, folder, err := sizes.folder(scenario, options.out)
	if err != nil {
		return 0, err
	}
	feed, work := c.interruptible(ctx)
	found, err := sizing.Size(feed, sizing.Config{
		Scenario: scenario, Find: sizes.sought(), Ranges: ranges, Folder: folder, MaxRuns: sizes.runs, Headroom: sizes.headroom(),
		Prices: prices, Previous: previous, Version: buildVersion(), Target: options.target.target,
		Run: c.sizingRun(work, guard, options),
		Load: func(ctx context.Context, s *scenarios.Scenario) (*trace.Trace, error) {
			return c.trace(ctx, s, options)
		},
		Say: func(format string, args ...any) { c.say(options.json, fmt.Sprintf(format, args...)) },
	})
	if mistake, ok := errors.AsType[*sizing.Mistake](err); ok {
		return 0, errors.Join(hinted(mistake.Hint, err), sizes.discard(folder))
	}
	if found == nil {
		return 0, asUsage(scenario, err)
	}
	if broken := report.WriteSizing(folder); broken != nil {
		err = errors.Join(err, fmt.Errorf("report: %w", broken))
	}
	if options.json {
		_ = json.NewEncoder(c.stdout).Encode(map[string]any{"sizing": found, "folder": folder.Path()})
	} else if broken := report.WriteSizingText(c.stdout, found); broken == nil {
		fmt.Fprintf(c.stdout, "\nfolder: %s\n", folder.Path())
	}
	return found.ExitCode, err
}

// say prints what goes on, in a line.
func (c *cli) say(jsonLines bool, line string) {
	if jsonLines {
		_ = json.NewEncoder(c.stdout).Encode(map[string]any{"progress": line})
		return
	}
	fmt.Fprintln(c.stdout, line)
}

// sizingRun carries out the runs of a search. Each has servers of its own, so that none begins with what another has left: the table of each is new, and has
// a second's worth of its capacity.
func (c *cli) sizingRun(work context.Context, guard *awsclient.Target, options *runOptions) sizing.Run {
	return func(feed context.Context, s *scenarios.Scenario, folder string) (result.Result, error) {
		own := *options
		own.out = folder
		outcome, err := c.carryOut(work, s, &own, guard, func(ctx context.Context) (context.Context, context.Context) {
			of, end := context.WithCancel(ctx)
			context.AfterFunc(feed, end)
			return of, ctx
		}, func(measure.Snapshot) {})
		if outcome.Folder == "" {
			return result.Result{}, err
		}
		return outcome.Result, err
	}
}

// trace is the load of a scenario, record by record: a recording is read to its end.
func (c *cli) trace(ctx context.Context, s *scenarios.Scenario, options *runOptions) (*trace.Trace, error) {
	if s.Load.Replay == nil {
		return trace.Of(s)
	}
	if source := s.Load.Replay.Source; replay.Once(source) {
		return nil, &sizing.Mistake{Text: replay.SourceText(source) + " can be read only once, and sizing goes through the load several times", Hint: "write it into a file"}
	}
	if err := c.tellTimes(ctx, s, options.source.client()); err != nil {
		return nil, err
	}
	read, closeSource, err := harness.SourceOptions(ctx, &harness.Config{Scenario: s, Source: options.source.client(), Required: options.required})
	if err != nil {
		return nil, err
	}
	defer closeSource()
	source, err := replay.Open(ctx, read)
	if err != nil {
		return nil, harness.SourceError(err)
	}
	defer source.Close()
	ran := make(chan error, 1)
	go func() { ran <- source.Run(ctx) }()
	recorder := trace.NewRecorder(s.Pipeline.Input.Shards)
	if err := recorder.Drain(source); err != nil {
		source.Close()
		return nil, errors.Join(err, <-ran)
	}
	return recorder.Trace(), <-ran
}

// number is a flag that is a number; on weir size it may be a range.
type number struct {
	sizing.Range
	ranges bool
}

// String is the number, or the range.
func (n *number) String() string {
	if n.From == n.To {
		return fmt.Sprint(n.From)
	}
	return fmt.Sprintf("%d..%d", n.From, n.To)
}

// Type is how the help calls it.
func (n *number) Type() string {
	if n.ranges {
		return "int or range"
	}
	return "int"
}

// Set reads it.
func (n *number) Set(text string) error {
	isRange := strings.Contains(text, "..")
	if isRange && !n.ranges {
		return errors.New("a range is for weir size alone, and this command takes one number")
	}
	if !isRange {
		one, err := strconv.Atoi(text)
		n.Range = sizing.Range{From: one, To: one}
		return err
	}
	r, err := sizing.ParseRange(text)
	if err == nil {
		n.Range = r
	}
	return err
}

// ranges are what was given as one, nil where nothing was.
func (f *scenarioFlags) ranges(sizes *sizeFlags) *sizing.Ranges {
	var r sizing.Ranges
	for _, of := range []struct {
		given *number
		to    *sizing.Range
	}{{&f.shards, &r.Shards}, {&f.parallelism, &r.Parallelism}, {&sizes.outputShards, &r.OutputShards}} {
		if of.given.To > of.given.From {
			*of.to = of.given.Range
		}
	}
	if r == (sizing.Ranges{}) {
		return nil
	}
	return &r
}

// folder is where the search keeps what it finds: a new one, or that of the search that is resumed, with what it has found.
func (f *sizeFlags) folder(s *scenarios.Scenario, out string) (*result.Sizing, *result.Folder, error) {
	if f.resume == "" {
		if out == "" {
			out = result.DefaultPath("size-"+s.Name, time.Now())
		}
		folder, err := result.Create(out)
		if errors.Is(err, result.ErrNotEmpty) {
			return nil, nil, hinted("--resume "+out+" goes on with a search that is there", err)
		}
		if err != nil {
			return nil, nil, err
		}
		return nil, folder, f.keep(folder, s)
	}
	if out != "" {
		return nil, nil, usage("--resume and --out exclude each other: a search goes on in its own folder")
	}
	folder, err := result.Open(f.resume)
	if err != nil {
		return nil, nil, &usageError{err: err}
	}
	previous, err := folder.ReadSizing()
	if err != nil {
		return nil, nil, &usageError{err: fmt.Errorf("resume: %w", err)}
	}
	if err := previous.CheckCurrent(f.resume); err != nil {
		return nil, nil, &usageError{err: err}
	}
	return previous, folder, f.sameQuestion(folder, s)
}

// register adds the flags of weir size.
func (f *sizeFlags) register(flags *pflag.FlagSet) {
	f.outputShards.ranges = true
	flags.StringSliceVar(&f.find, "find", nil, "what is looked for: shards, parallelism, output, table; or load alone (default what the scenario says, else the least of all it has)")
	flags.IntVar(&f.runs, "runs", sizing.MostRuns, "the most runs for each number; 0 for none, so that the simulation answers")
	flags.Var(&f.outputShards, "output-shards", "shards of the output stream, or a range of them to sweep")
	flags.StringVar(&f.resume, "resume", "", "go on with the search in this folder")
	flags.StringVar(&f.prices, "prices", "", "a price file instead of the one that comes with weir")
	flags.StringVar(&f.priceRegion, "price-region", "", "the region of the prices (default the target's, else "+defaultRegion+")")
	flags.Float64Var(&f.utilisation, "utilisation", 0.7, "how busy a subtask or a shard is to be at most, in what is advised with headroom")
	flags.DurationVar(&f.restart, "restart", 5*time.Minute, "how long a restart of the aggregator takes, in what is advised with headroom")
	flags.DurationVar(&f.catchUp, "catch-up", 30*time.Minute, "how long it may take to catch up with it")
}

// scenarioFile is the scenario of a search in its folder, as it was asked.
func scenarioFile(folder *result.Folder) string {
	return filepath.Join(folder.Path(), result.ScenarioFile)
}
