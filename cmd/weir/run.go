package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/spelling"
	"weir/result"
	"weir/scenarios"
)

func (c *cli) runCommand(code *int) *cobra.Command {
	var flags scenarioFlags
	var options runOptions
	command := &cobra.Command{
		Use:   "run SCENARIO",
		Short: "Run a scenario: feed its load through the pipeline, prove every row, judge what it expects",
		Long: `Run a scenario, which says what is sent, through which pipeline, and what is expected of it: one that comes with weir, by its name
(weir list), or one of yours, by its file. The run folder holds all that was measured, and the exit code is the verdict.
What no flag says is as the scenario has it.

Ctrl-C stops feeding, drains and still writes the run folder; a second one quits.`,
		Args: oneArgument("SCENARIO", scenarioArgument),
		RunE: func(command *cobra.Command, args []string) error {
			scenario, err := flags.read(args[0], command.Flags())
			if err != nil {
				return err
			}
			options.required = flags.required()
			*code, err = c.runScenario(command.Context(), scenario, &options)
			return err
		},
	}
	flags.ofScenario(command.Flags())
	grouped(command, &options)
	return command
}

const scenarioArgument = "the name of a shipped scenario (weir list), or a YAML file"

// isFile says that a name is that of a scenario's file, and not that of a shipped one.
func isFile(name string) bool {
	return strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// read reads the scenario of a name or a file, with what the flags change in it.
func (f *scenarioFlags) read(name string, flags *pflag.FlagSet) (*scenarios.Scenario, error) {
	from := scenarios.Shipped
	if isFile(name) {
		from = scenarios.ReadFile
	}
	s, err := from(name, func(s *scenarios.Scenario) error { return f.change(s, flags) })
	if err == nil {
		return s, nil
	}
	info, missing := os.Stat(name)
	_, mistaken := errors.AsType[*usageError](err)
	_, mistakes := errors.AsType[*scenarios.Mistakes](err)
	switch {
	case mistaken:
		return nil, err
	case mistakes:
		return nil, &usageError{err: err}
	case missing == nil && info.IsDir():
		return nil, hinted(hintFolder(name), fmt.Errorf("%s is a folder, and a scenario is a file", name))
	case missing != nil:
		return nil, hinted(hintScenario(name), err)
	}
	return nil, &usageError{err: err}
}

// hintScenario says what may have been meant by the name of a scenario that is not there.
func hintScenario(name string) string {
	base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	return spelling.Hint(base, shippedNames()) + " (weir list), and a scenario of yours is a file that ends in .yaml"
}

// hintFolder says what may have been meant by a folder that stands for a scenario.
func hintFolder(name string) string {
	if file := filepath.Join(name, result.ScenarioFile); isThere(file) {
		return "the scenario of that run is " + file
	}
	return "weir replay replays a folder of recordings"
}

func isThere(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// shippedNames are the names of the shipped scenarios.
func shippedNames() []string {
	var names []string
	for _, s := range scenarios.Names() {
		names = append(names, s.Name)
	}
	return names
}
