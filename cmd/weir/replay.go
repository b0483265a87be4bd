package main

import (
	"path"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/scenarios"
)

func (c *cli) replayCommand(code *int) *cobra.Command {
	var flags scenarioFlags
	var options runOptions
	command := &cobra.Command{
		Use:   "replay SOURCE",
		Short: "Run a recording through the pipeline and prove every row",
		Long: `Replay a recording (a file, a folder, s3://bucket/prefix, or - for standard input; NDJSON, plain or gzip) at its own timing
through a test stream, the aggregator and the table, and leave a run folder with the proof.

Ctrl-C stops feeding, drains and still writes the run folder; a second one quits.`,
		Args: oneArgument("SOURCE", "a file, a folder, s3://bucket/prefix, or -"),
		RunE: func(command *cobra.Command, args []string) error {
			scenario := scenarios.Default()
			scenario.Name = sourceName(args[0])
			if err := flags.fill(&scenario, args[0], command.Flags()); err != nil {
				return err
			}
			options.required = flags.required()
			var err error
			*code, err = c.runScenario(command.Context(), &scenario, &options)
			return err
		},
	}
	grouped(command, &flags, &options)
	return command
}

// fill makes a scenario of a replay out of the flags.
func (f *scenarioFlags) fill(s *scenarios.Scenario, source string, flags *pflag.FlagSet) error {
	load := &scenarios.Replay{Source: source, Order: scenarios.Order(f.order), Speed: f.speed, Rate: f.rate}
	switch {
	case f.rate != "" && flags.Changed("speed"):
		return usage("--speed and --rate exclude each other")
	case f.rate != "":
		load.Speed = ""
	}
	s.Load.Replay = load
	return f.apply(s, flags)
}

// sourceName is the part of a source that names its run: 2013-01 for testdata/2013-01.ndjson.gz.
func sourceName(source string) string {
	if source == "-" {
		return "stdin"
	}
	base := path.Base(strings.TrimRight(strings.TrimPrefix(source, "s3://"), "/"))
	if name, _, _ := strings.Cut(base, "."); name != "" {
		return name
	}
	return "replay"
}

// oneArgument asks for one argument and says what it is.
func oneArgument(name, what string) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("%s takes one %s: %s", command.CommandPath(), name, what)
		}
		return nil
	}
}
