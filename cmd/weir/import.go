package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"weir/scenarios"
	"weir/scenarios/foreign"
	"weir/survey"
)

// maxImport bounds what is imported: a template or a command line has a few kilobytes.
const maxImport = 1 << 20

func (c *cli) importCommand() *cobra.Command {
	var o foreign.Options
	command := &cobra.Command{
		Use:   "import FILE",
		Short: "Make a scenario of a Kinesis Data Generator template or an amazon-kinesis-replay command line",
		Long: `Make a scenario of a template of the Kinesis Data Generator, or of a command line of amazon-kinesis-replay, and print it:
weir import template.json > mine.yaml. What is not as it was, and what was chosen, is named on standard error with its line. What cannot be
taken over at all is a mistake, with each of its places.`,
		Args: oneArgument("FILE", "a template or a command line, or - for standard input"),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := c.readImport(args[0])
			if err != nil {
				return err
			}
			if o.Name == "" {
				o.Name = sourceName(args[0])
			}
			return c.printImport(args[0], text, o)
		},
	}
	flags := command.Flags()
	flags.StringVar(&o.Name, "name", "", "the scenario's name (default that of the file)")
	flags.StringVar(&o.Rate, "rate", "100/s", "the rate of a template's records, which the generator has in its page: 1000/s")
	flags.StringVar(&o.For, "for", "1m", "for how long a template's records are sent")
	flags.StringVar(&o.Key, "key", "", "the path of the key that rows are made for (default chosen among the template's members)")
	return command
}

func (c *cli) readImport(name string) ([]byte, error) {
	from := c.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, &usageError{err: err}
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, maxImport+1))
	if err == nil && len(text) > maxImport {
		return nil, usage("%s: a template or a command line has at most 1 MiB", name)
	}
	return text, err
}

// printImport prints the scenario, if it is one that can be run.
func (c *cli) printImport(name string, text []byte, o foreign.Options) error {
	made, err := foreign.Import(text, o)
	if refused, ok := errors.AsType[*foreign.RefusedError](err); ok {
		return usage("%s cannot be taken over:\n%w", name, refused)
	}
	if err != nil {
		return err
	}
	for _, note := range made.Notes {
		fmt.Fprintf(c.stderr, "weir: %s: %s\n", name, survey.Printable(note.String()))
	}
	if _, err := scenarios.Parse(o.Name+".yaml", made.YAML); err != nil {
		return usage("%s becomes a scenario that cannot be run: %w", name, err)
	}
	if _, err := c.stdout.Write(made.YAML); err != nil {
		return fmt.Errorf("print the scenario: %w", err)
	}
	return nil
}
