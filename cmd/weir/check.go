package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"weir/harness"
	"weir/replay"
	"weir/scenarios"
)

func (c *cli) checkCommand() *cobra.Command {
	var flags scenarioFlags
	var source sourceFlags
	command := &cobra.Command{
		Use:   "check SOURCE",
		Short: "Read a recording without running it: what it holds, and what its replay would ask of the stream",
		Long: `Read a recording to its end without sending anything, and say what it holds, what would be skipped and why, how much its replay
would bring to each shard in its busiest second, and which of AWS's limits that would break.`,
		Args: oneArgument("SOURCE", "a file, a folder, s3://bucket/prefix, or -"),
		RunE: func(command *cobra.Command, args []string) error {
			scenario := scenarios.Default()
			scenario.Name = sourceName(args[0])
			if err := flags.fill(&scenario, args[0], command.Flags()); err != nil {
				return err
			}
			options, closeSource, err := harness.SourceOptions(command.Context(), &harness.Config{
				Scenario: &scenario, Source: source.client(), Stdin: c.stdin, Required: flags.required(),
			})
			if err != nil {
				return asUsage(err)
			}
			defer closeSource()
			survey, err := replay.TakeSurvey(command.Context(), options, scenario.Pipeline.Input.Shards)
			if err != nil {
				return asUsage(harness.SourceError(err))
			}
			if err := survey.WriteText(c.stdout); err != nil {
				return fmt.Errorf("print the survey: %w", err)
			}
			return nil
		},
	}
	grouped(command, &flags, &source)
	return command
}
