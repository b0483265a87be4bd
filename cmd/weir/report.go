package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"weir/report"
)

func (c *cli) reportCommand() *cobra.Command {
	var out string
	command := &cobra.Command{
		Use:   "report RUN",
		Short: "Render a run folder again: the HTML page, and what CI reads",
		Long: `Render a run folder again: report.html, summary.md, junit.xml and bench.txt are written into it, from result.json and the other files there.
Every run has already done so at its end.`,
		Args: func(command *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("%s takes one run folder", command.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if out != "" {
				return c.reportTo(args[0], out)
			}
			if err := report.WriteAll(args[0]); err != nil {
				return asNoRun(err)
			}
			fmt.Fprintln(c.stdout, filepath.Join(args[0], report.HTMLFile))
			return nil
		},
	}
	command.Flags().StringVar(&out, "out", "", "write the HTML page there instead, and nothing else; - is standard output")
	return command
}

// reportTo writes the page alone.
func (c *cli) reportTo(path, out string) error {
	run, err := report.Read(path)
	if err != nil {
		return asNoRun(err)
	}
	if out == "-" {
		return run.WriteHTML(c.stdout)
	}
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	return errors.Join(run.WriteHTML(file), file.Close())
}

// asNoRun makes a mistake of what is no run folder.
func asNoRun(err error) error {
	if errors.Is(err, report.ErrNoRun) {
		return &usageError{err: err}
	}
	return err
}
