package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/harness"
	"weir/internal/spelling"
	"weir/replay"
	"weir/scenarios"
	"weir/survey"
)

func (c *cli) checkCommand() *cobra.Command {
	var flags scenarioFlags
	var source sourceFlags
	var all bool
	command := &cobra.Command{
		Use:   "check SCENARIO|SOURCE",
		Short: "Read a scenario or a recording without running it: what is wrong with it, and what it would ask of the stream",
		Long: `Read a scenario, or a recording to its end, without sending anything, and say what it holds, what would be skipped and why, how much
it would bring to each shard in its busiest second, and which of AWS's limits that would break. It is about a screen; --all shows the rest.

What has the name of a shipped scenario or ends in .yaml is a scenario; anything else is a recording. What no flag says is as
the scenario has it, or as weir replay has it by default.`,
		Args: oneArgument("SCENARIO or SOURCE", scenarioArgument+"; or a recording: a file, a folder, s3://bucket/prefix, or -"),
		RunE: func(command *cobra.Command, args []string) error {
			scenario, err := c.checked(&flags, args[0], command.Flags())
			if err != nil {
				return err
			}
			if err := c.printPlan(scenario, isScenario(args[0])); err != nil || scenario.Load.Replay == nil {
				return err
			}
			ctx, cancel := c.untilSignal(command.Context())
			defer cancel()
			again := replayIt(command.Flags(), args[0])
			return c.printSurvey(ctx, &harness.Config{
				Scenario: scenario, Source: source.client(), Stdin: c.stdin, Required: flags.required(),
			}, shown{command: again, all: all})
		},
	}
	flags.ofScenario(command.Flags())
	grouped(command, &source)
	command.Flags().BoolVar(&all, allFlag, false, "show every kind, field, shard and example, where a screen has no room for them")
	return command
}

// allFlag is the one flag of check that is none of replay's.
const allFlag = "all"

// shown is how a survey is shown: in all, or as a screen has room, with the command that replays the recording.
type shown struct {
	command string
	all     bool
}

// hintSource says what may have been meant by a recording that is not there.
func hintSource(source string) string {
	if near := spelling.Nearest(source, shippedNames()); near != "" {
		return "did you mean the scenario " + near + "? weir list lists those that come with weir, and a file of yours ends in .yaml"
	}
	return "a recording is a file, a folder, s3://bucket/prefix, kinesis://stream, or - for standard input"
}

// isScenario says that an argument names a scenario, and no recording.
func isScenario(name string) bool {
	return slices.Contains(shippedNames(), name) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// checked is the scenario of the argument, or that of a replay of it.
func (c *cli) checked(flags *scenarioFlags, name string, given *pflag.FlagSet) (*scenarios.Scenario, error) {
	if isScenario(name) {
		return flags.read(name, given)
	}
	return flags.replayed(name, given)
}

// printPlan says what a scenario would do, if it is asked for: of a recording alone, the survey says all.
func (c *cli) printPlan(scenario *scenarios.Scenario, asked bool) error {
	if !asked {
		return nil
	}
	plan, err := scenario.Plan()
	if err != nil {
		return err
	}
	if _, err := plan.WriteTo(c.stdout); err != nil {
		return fmt.Errorf("print the plan: %w", err)
	}
	return nil
}

// replayIt is the command that replays what was checked, with the flags that were given.
func replayIt(flags *pflag.FlagSet, source string) string {
	if strings.HasPrefix(source, "-") && source != "-" { // which would be a flag
		source = "./" + source
	}
	command := "weir replay " + shellWord(source)
	if isScenario(source) {
		command = "weir run " + shellWord(source)
	}
	flags.Visit(func(flag *pflag.Flag) {
		if flag.Name == allFlag {
			return
		}
		values := []string{flag.Value.String()}
		if list, several := flag.Value.(pflag.SliceValue); several {
			values = list.GetSlice()
		}
		for _, value := range values {
			command += " --" + flag.Name
			if flag.Value.Type() != "bool" {
				command += " " + shellWord(value)
			}
		}
	})
	return command
}

// shellWord is a word as a shell takes it. What is not printable is written in $'…', as bash, zsh and ksh read it, so that it can be shown and pasted.
func shellWord(word string) string {
	if word != "" && word[0] != '=' && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%") == "" {
		return word
	}
	if survey.Printable(word) == word {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	var quoted strings.Builder
	for i := range len(word) {
		switch b := word[i]; {
		case b == '\'' || b == '\\':
			quoted.WriteString("\\" + string(b))
		case ' ' <= b && b <= '~':
			quoted.WriteByte(b)
		default:
			fmt.Fprintf(&quoted, `\%03o`, b) // not \x1b, which some shells go on reading into the next character
		}
	}
	return "$'" + quoted.String() + "'"
}

const (
	// checkGCPercent is Go's own. Nothing is late in a survey, so that it need not have the memory that keeps a run from being late.
	checkGCPercent = 100
	// checkMemory is the heap beyond which memory is collected more often than that says: with the program itself, a survey then has 256 MiB at most.
	checkMemory = 208 << 20
)

// saveMemory makes the program take little of it, unless its environment says how much.
func saveMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(checkGCPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(checkMemory)
	}
}

// printSurvey says what a recording holds, and by which command it is replayed.
func (c *cli) printSurvey(ctx context.Context, config *harness.Config, as shown) error {
	why, err := c.settleTimes(ctx, config.Scenario, config.Source)
	if err != nil {
		return err
	}
	config.Stdin = c.stdin
	options, closeSource, err := harness.SourceOptions(ctx, config)
	if err != nil {
		return asUsage(config.Scenario, err)
	}
	defer closeSource()
	saveMemory()
	found, err := replay.TakeSurvey(ctx, options, config.Scenario.Pipeline.Input.Shards)
	if err != nil {
		return asUsage(config.Scenario, harness.SourceError(err))
	}
	found.Guessed, found.Command, found.All = why, as.command, as.all
	if err := found.WriteText(c.stdout); err != nil {
		return fmt.Errorf("print the survey: %w", err)
	}
	return nil
}
