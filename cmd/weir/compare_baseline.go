package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/measure/canary"
	"weir/measure/regression"
	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
)

func (c *cli) baselineCommand(code *int) *cobra.Command {
	var flags scenarioFlags
	var options compareOptions
	command := &cobra.Command{
		Use:   "baseline SCENARIO",
		Short: "Run a scenario several times, and keep the runs for later ones to be compared with",
		Long: `Run a scenario several times and keep the runs, and what they differ by among themselves, in a folder that weir compare --baseline holds later
runs of the same scenario on the same machine against. A run that is void is made again.`,
		Args: oneArgument("SCENARIO", scenarioArgument),
		RunE: func(command *cobra.Command, args []string) error {
			options.required = flags.required()
			comparison, err := c.newComparison(&flags, &options)
			if err != nil {
				return err
			}
			*code, err = comparison.keepBaseline(command.Context(), args[0], command.Flags())
			return err
		},
	}
	flags.ofScenario(command.Flags())
	options.runOptions.register(command.Flags())
	command.Flags().Lookup("out").Usage = "the baseline's folder (default runs/<time>-baseline-<name>)"
	command.Flags().Lookup("json").Usage = "print one JSON object a line for each run"
	command.Flags().IntVar(&options.pairs, "runs", defaultPairs, "how many runs")
	options.floor = fmt.Sprintf("%g%%", 100*regression.DefaultRelative)
	return command
}

// keepBaseline makes the runs of a baseline, and its file.
func (c *comparison) keepBaseline(ctx context.Context, name string, flags *pflag.FlagSet) (int, error) {
	s, err := c.scenarioOf(name, nil, flags)
	if err != nil {
		return 0, err
	}
	made, err := c.make(ctx, map[string]*scenarios.Scenario{regression.SideA: s}, []string{regression.SideA}, "baseline-"+s.Name)
	switch {
	case err != nil && len(made.Runs) == 0:
		return 0, asUsage(s, err)
	case err != nil:
		return 0, err
	case made.Interrupted:
		return verdict.ExitInterrupted, c.noBaseline(&made, "interrupted")
	case made.Void != "":
		return verdict.ExitVoid, c.noBaseline(&made, made.Void)
	}
	baseline := c.baselineOf(s, made.A)
	if err := c.folder.WriteFile(result.ScenarioFile, func(w io.Writer) error {
		_, err := s.WriteTo(w)
		return err
	}); err != nil {
		return 0, err
	}
	if err := c.folder.WriteBaseline(baseline); err != nil {
		return 0, err
	}
	if c.options.json {
		return verdict.ExitPass, nil
	}
	fmt.Fprintln(c.stdout)
	for i := range c.gates {
		if noise, ok := baseline.Noise[c.gates[i].Metric]; ok {
			fmt.Fprintf(c.stdout, "%-22s spread %.3g %%\n", c.gates[i].Metric, noise)
		}
	}
	fmt.Fprintf(c.stdout, "\nbaseline: %s\n", c.folder.Path())
	return verdict.ExitPass, nil
}

func (c *comparison) noBaseline(made *regression.Made, why string) error {
	fmt.Fprintf(c.stderr, "weir: no baseline: %s; %s whole in %s\n", why, counted(len(made.A), "run"), c.folder.Path())
	return nil
}

func (c *comparison) baselineOf(s *scenarios.Scenario, runs []regression.Run) *result.Baseline {
	first := runs[0].Result
	b := &result.Baseline{
		Version: result.BaselineVersion, Weir: c.result.Weir, Made: c.result.Started, ResultVersion: first.Version, Scenario: s.Name, Target: first.Target,
		Host:  result.Host{OS: first.Host.OS, Arch: first.Host.Arch, CPUs: first.Host.CPUs, CPU: first.Host.CPU, Go: first.Host.Go},
		Noise: make(map[string]float64),
	}
	for i := range runs {
		b.Runs = append(b.Runs, filepath.Base(runs[i].Folder))
	}
	for name, noise := range regression.NoiseOf(c.gates, runs) {
		b.Noise[name] = 100 * math.Expm1(noise)
	}
	return b
}

// withBaseline holds a scenario, or runs that were made before, against a baseline.
func (c *comparison) withBaseline(ctx context.Context, name string, made bool, flags *pflag.FlagSet) (int, error) {
	baseline, a, err := c.readBaseline(c.options.baseline)
	if err != nil {
		return 0, err
	}
	noise := make(map[string]float64, len(baseline.Noise))
	for metric, percent := range baseline.Noise {
		noise[metric] = math.Log1p(percent / 100)
	}
	nameA := "baseline " + c.options.baseline
	if made {
		b, err := c.readSide(regression.SideB, name)
		if err != nil {
			return 0, err
		}
		for i := range b.counted {
			if err := baselineSuits(c.options.baseline, baseline, &b.counted[i]); err != nil {
				return 0, err
			}
		}
		return c.unpaired(nameA, name, a, b, noise, regression.Facts{Void: a.void(b)})
	}
	s, err := c.scenarioOf(name, c.options.onlyB, flags)
	if err != nil {
		return 0, err
	}
	if err := c.baselineSuitsScenario(baseline, s); err != nil {
		return 0, err
	}
	c.noteTooFew("run", regression.MinRuns(len(a.counted), len(c.gates)))
	runs, err := c.make(ctx, map[string]*scenarios.Scenario{regression.SideB: s}, []string{regression.SideB}, "compare-"+s.Name)
	if err != nil && len(runs.Runs) == 0 {
		return 0, asUsage(s, err)
	}
	return c.unpaired(nameA, name, a, &runsOfSide{counted: runs.B}, noise, runs.Facts(err))
}

const hintBaseline = "weir baseline SCENARIO makes one, and names its folder at the end"

// readBaseline reads a baseline with its runs.
func (c *comparison) readBaseline(path string) (*result.Baseline, *runsOfSide, error) {
	folder, err := result.Open(path)
	if err != nil {
		return nil, nil, hinted(hintBaseline, fmt.Errorf("--baseline %w", err))
	}
	baseline, err := folder.ReadBaseline()
	if errors.Is(err, result.ErrNoBaseline) {
		return nil, nil, hinted(hintBaseline, fmt.Errorf("--baseline %w", err))
	}
	if err == nil {
		err = baseline.CheckCurrent(path)
	}
	if err != nil {
		return nil, nil, asNoRun(err)
	}
	runs := &runsOfSide{}
	for _, name := range baseline.Runs {
		run, err := readRunFolder(filepath.Join(path, name))
		if err != nil {
			return nil, nil, asNoRun(err)
		}
		if err := baselineSuits(path, baseline, &run); err != nil {
			return nil, nil, err
		}
		runs.counted = append(runs.counted, run)
		c.result.Runs = append(c.result.Runs, result.ComparedRun{Side: regression.SideA, Folder: run.Folder, Verdict: run.Result.Verdict, Counted: true})
	}
	return baseline, runs, nil
}

// baselineSuits refuses a run that is of another scenario, machine or target than a baseline.
func baselineSuits(path string, baseline *result.Baseline, run *regression.Run) error {
	r := run.Result
	if err := sameMachine(baseline, run.Folder, r.Target, &r.Host); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(run.Folder, result.ScenarioFile))
	if err != nil {
		return fmt.Errorf("scenario: %w", err)
	}
	return sameScenario(path, run.Folder, text)
}

// baselineSuitsScenario does the same for runs that are to be made.
func (c *comparison) baselineSuitsScenario(baseline *result.Baseline, s *scenarios.Scenario) error {
	host, target := result.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), CPU: canary.CPUModel(os.DirFS("/"))}, c.options.target.target
	if err := sameMachine(baseline, "this run", target, &host); err != nil {
		return err
	}
	var text bytes.Buffer
	if _, err := s.WriteTo(&text); err != nil {
		return err
	}
	return sameScenario(c.options.baseline, s.Name, text.Bytes())
}

func sameMachine(baseline *result.Baseline, run, target string, host *result.Host) error {
	if is, was := machine(host), machine(&baseline.Host); is != was {
		return usage("the baseline is of another machine, %s, and %s of %s", was, run, is)
	}
	if target != baseline.Target {
		return usage("the baseline's target is %s, and that of %s %s", baseline.Target, run, target)
	}
	return nil
}

// sameScenario compares a resolved scenario with a baseline's, and names the first line that differs.
func sameScenario(baseline, name string, text []byte) error {
	path := filepath.Join(baseline, result.ScenarioFile)
	want, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	if bytes.Equal(text, want) {
		return nil
	}
	is, was := strings.Split(string(text), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(is), len(was)) {
		if is[i] != was[i] {
			return usage("the baseline is of another scenario: %s:%d is %q, and of %s it is %q", path, i+1, strings.TrimSpace(was[i]), name, strings.TrimSpace(is[i]))
		}
	}
	return usage("the baseline is of another scenario: %s and that of %s are not equally long", path, name)
}
