package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/measure/regression"
	"weir/replay"
	"weir/report"
	"weir/result"
	"weir/scenarios"
)

// defaultPairs are enough for a change of twice the floor, in seven metrics, where the pairs spread by 5 %.
const defaultPairs = 10

// compareOptions are the flags of `weir compare`, beside the scenarios' own.
type compareOptions struct {
	runOptions
	pairs        int
	gates        []string
	floor        string
	onlyA, onlyB []string
	baseline     string
}

func (o *compareOptions) register(flags *pflag.FlagSet) {
	o.runOptions.register(flags)
	flags.Lookup("out").Usage = "the comparison's folder, with the runs in it (default of scenarios runs/<time>-compare-<name>, of run folders none)"
	flags.Lookup("json").Usage = "print one JSON object a line: each run, and at the end the comparison"
	flags.IntVar(&o.pairs, "pairs", defaultPairs, "how many pairs of runs; with --baseline, how many runs of B")
	flags.StringArrayVar(&o.gates, "gate", nil, "METRIC or METRIC=FLOOR%: compare this metric, and no others than those given; repeat it for several")
	flags.StringVar(&o.floor, "floor", fmt.Sprintf("%g%%", 100*regression.DefaultRelative), "the least change that counts")
	flags.StringArrayVar(&o.onlyA, "set-a", nil, "path=value: as --set, for the scenario A alone")
	flags.StringArrayVar(&o.onlyB, "set-b", nil, "path=value: as --set, for the scenario B alone")
	flags.StringVar(&o.baseline, "baseline", "", "the folder of a baseline (weir baseline), which stands for A")
}

func (c *cli) compareCommand(code *int) *cobra.Command {
	var flags scenarioFlags
	var options compareOptions
	command := &cobra.Command{
		Use:   "compare A B | compare --baseline DIR B",
		Short: "Say whether B is slower than A: two scenarios run in pairs, or run folders",
		Long: `Hold B against A: same, improved, regressed or inconclusive, each with how sure it is.

Two scenarios, by name or file, are run in pairs, A B B A, so that what else goes on on the machine strikes both alike; a run that is void is made again. Two
run folders, or two folders of run folders, are compared as they are. One run of each can tell nothing, for nobody knows how much runs differ by themselves.
With --baseline, A is a baseline that was kept, and B a scenario, a run folder, or a folder of them.

Ctrl-C ends it, and what is complete by then is kept and compared.`,
		Args: func(command *cobra.Command, args []string) error {
			switch {
			case options.baseline != "" && len(args) != 1:
				return usage("%s --baseline DIR takes one argument, B: a scenario, or a folder of runs", command.CommandPath())
			case options.baseline == "" && len(args) != 2:
				return usage("%s takes two arguments, A and B: two scenarios, or two run folders", command.CommandPath())
			}
			return nil
		},
		RunE: func(command *cobra.Command, args []string) error {
			options.required = flags.required()
			comparison, err := c.newComparison(&flags, &options)
			if err != nil {
				return err
			}
			*code, err = comparison.between(command.Context(), args, command.Flags())
			return err
		},
	}
	flags.ofScenario(command.Flags())
	grouped(command, &options)
	return command
}

// comparison is one that is going on.
type comparison struct {
	*cli
	flags   *scenarioFlags
	options *compareOptions
	gates   []regression.Gate
	folder  *result.Folder // nil where nobody wants one
	result  result.Comparison
}

func (c *cli) newComparison(flags *scenarioFlags, options *compareOptions) (*comparison, error) {
	relative, err := regression.ParseFloor(options.floor)
	if err != nil {
		return nil, usage("--floor %w", err)
	}
	gates := regression.Defaults(relative)
	if len(options.gates) > 0 {
		gates = nil
	}
	for _, text := range options.gates {
		gate, err := regression.ParseGate(text, relative)
		if err != nil {
			return nil, usage("--gate %w", err)
		}
		gates = append(gates, gate)
	}
	if options.pairs < 1 || options.pairs > mostPairs {
		return nil, usage("--pairs %d is not between 1 and %d", options.pairs, mostPairs)
	}
	return &comparison{
		cli: c, flags: flags, options: options, gates: gates,
		result: result.Comparison{Weir: buildVersion(), Started: time.Now().UTC(), Method: result.Unpaired},
	}, nil
}

// mostPairs bounds the time that the exact distributions take.
const mostPairs = 200

// between finds out what is compared with what, and does it.
func (c *comparison) between(ctx context.Context, args []string, flags *pflag.FlagSet) (int, error) {
	folders := 0
	for _, arg := range args {
		found, err := isFolder(arg)
		if err != nil {
			return 0, err
		}
		if found {
			folders++
		}
	}
	switch {
	case c.options.baseline != "":
		return c.withBaseline(ctx, args[0], folders == 1, flags)
	case folders == 2:
		return c.folders(args[0], args[1])
	case folders == 1:
		return 0, hinted("a run folder is compared with another, or, if it is a baseline, by --baseline", fmt.Errorf("%s and %s: one is a folder, and one a scenario", args[0], args[1]))
	}
	return c.scenarios(ctx, args[0], args[1], flags)
}

// isFolder says that an argument is a folder, and not a scenario.
func isFolder(name string) (bool, error) {
	if isScenario(name) {
		return false, nil
	}
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return true, nil
	}
	if errors.Is(err, os.ErrNotExist) || err == nil {
		err = errors.New("neither a folder nor a scenario")
	}
	return false, hinted(scenarioArgument, fmt.Errorf("%s: %w", name, err))
}

// scenarioOf reads a scenario that is to be run several times.
func (c *comparison) scenarioOf(name string, only []string, flags *pflag.FlagSet) (*scenarios.Scenario, error) {
	with := *c.flags
	with.sets = append(append([]string(nil), with.sets...), only...)
	s, err := with.read(name, flags)
	if err != nil {
		return nil, err
	}
	if from := s.Load.Replay; from != nil {
		if _, live := replay.OnStream(from.Source); live || replay.Once(from.Source) {
			return nil, usage("%s: %s cannot be read twice, and a comparison runs it several times: capture it first", name, from.Source)
		}
	}
	return s, nil
}

// makeFolder makes the comparison's folder; path is where, unless the user says.
func (c *comparison) makeFolder(path string) error {
	if c.options.out != "" {
		path = c.options.out
	}
	folder, err := result.Create(path)
	if errors.Is(err, result.ErrNotEmpty) {
		return hinted(hintOut, err)
	}
	c.folder = folder
	return err
}

// finish gives the verdict, writes it down and shows it.
func (c *comparison) finish(facts regression.Facts) (int, error) {
	c.result.A.Runs, c.result.B.Runs = len(facts.A), len(facts.B)
	regression.Decide(&c.result, facts)
	shown := report.Comparison{Comparison: c.result.Complete()}
	var kept error
	if c.folder != nil {
		kept = shown.WriteAll(c.folder)
	}
	if c.options.json {
		line := map[string]any{"comparison": shown.Comparison}
		if c.folder != nil {
			line["folder"] = c.folder.Path()
		}
		return c.result.ExitCode, errors.Join(kept, json.NewEncoder(c.stdout).Encode(line))
	}
	fmt.Fprintln(c.stdout)
	if err := shown.WriteText(c.stdout); err != nil {
		return 0, errors.Join(kept, err)
	}
	if c.folder != nil {
		fmt.Fprintf(c.stdout, "\ncomparison: %s\n", filepath.Join(c.folder.Path(), result.ComparisonFile))
	}
	return c.result.ExitCode, kept
}
