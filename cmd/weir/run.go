package main

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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
	grouped(command, &flags, &options)
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
	var mistakes *scenarios.Mistakes
	switch {
	case err == nil:
		return s, nil
	case errors.Is(err, scenarios.ErrNotShipped):
		return nil, hinted("weir list lists the shipped scenarios; a file's name ends in .yaml", err)
	case errors.As(err, &mistakes), errors.Is(err, os.ErrNotExist):
		return nil, &usageError{err: err}
	}
	return nil, err
}
