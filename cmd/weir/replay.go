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
		Long: `Replay a recording (a file, a folder, s3://bucket/prefix, or - for standard input; NDJSON, JSON objects one after another or in
an array, CSV, or Parquet; plain, or compressed by gzip, zstd, bzip2, lz4, snappy or ZIP) at its own timing through a test stream, the aggregator and the table, and leave a run folder with the proof.

Ctrl-C stops feeding, drains and still writes the run folder; a second one quits.`,
		Args: oneArgument("SOURCE", "a file, a folder, s3://bucket/prefix, or -"),
		RunE: func(command *cobra.Command, args []string) error {
			scenario, err := flags.replayed(args[0], command.Flags())
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

// replayed makes the scenario of a recording out of the flags.
func (f *scenarioFlags) replayed(source string, flags *pflag.FlagSet) (*scenarios.Scenario, error) {
	s := scenarios.Default()
	s.Name = sourceName(source)
	s.Load.Replay = scenarios.NewReplay(source)
	if err := f.change(&s, flags); err != nil {
		return nil, err
	}
	s.Resolve()
	if err := s.Validate(); err != nil {
		return nil, &usageError{err: err}
	}
	return &s, nil
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
