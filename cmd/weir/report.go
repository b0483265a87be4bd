package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"weir/report"
	"weir/result"
)

// reportOptions are the flags of weir report.
type reportOptions struct {
	out, hgrm string
	merge     bool
}

func (c *cli) reportCommand() *cobra.Command {
	var options reportOptions
	command := &cobra.Command{
		Use:   "report FOLDER [RUN…]",
		Short: "Render the folder of a run, a comparison or a size again, export latencies, or add up those of several runs",
		Long: `Render a folder again, from what is in it. Of a run: report.html, summary.md, junit.xml and bench.txt. Of weir compare: summary.md and junit.xml. Of
weir size: sizing.html. Each of them has already done so at its end.

With --hgrm or --merge nothing is rendered: the latencies are written in HdrHistogram's percentile format, and those of several runs are added up, without
loss.`,
		Args: func(command *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 || len(args) > 1 && !options.merge:
				return usage("%s takes one run folder, and several with --merge", command.CommandPath())
			case options.out != "" && (options.merge || options.hgrm != ""):
				return usage("--out is of the page, and with --hgrm or --merge there is none")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if options.merge || options.hgrm != "" {
				return c.reportLatencies(args, &options)
			}
			if options.out != "" {
				return c.reportTo(args[0], options.out)
			}
			file, err := report.Again(args[0])
			if err != nil {
				return asNoRun(err)
			}
			fmt.Fprintln(c.stdout, file)
			return nil
		},
	}
	command.Flags().StringVar(&options.out, "out", "", "write the HTML page there instead, and nothing else; - is standard output")
	command.Flags().StringVar(&options.hgrm, "hgrm", "", "write the latencies into that folder, a file a point in time, as HdrHistogram's plotter reads them")
	command.Flags().BoolVar(&options.merge, "merge", false, "add up the latencies of several runs, and print them")
	return command
}

// reportLatencies adds up the latencies of the runs, and exports or prints them.
func (c *cli) reportLatencies(runs []string, options *reportOptions) error {
	read := report.LatenciesOf
	if options.merge {
		read = report.MergeLatencies
	}
	latencies, err := read(runs...)
	if err != nil {
		return asNoRun(err)
	}
	if options.hgrm != "" {
		paths, err := latencies.WriteHgrm(options.hgrm)
		for _, path := range paths {
			fmt.Fprintln(c.stdout, path)
		}
		if err != nil {
			return err
		}
	}
	if options.merge {
		return latencies.WriteTable(c.stdout)
	}
	return nil
}

// reportTo writes the page alone.
func (c *cli) reportTo(path, out string) error {
	var page bytes.Buffer
	if err := report.Page(path, &page); err != nil {
		return asNoRun(err)
	}
	if out == "-" {
		_, err := c.stdout.Write(page.Bytes())
		return err
	}
	if err := os.WriteFile(out, page.Bytes(), 0o644); err != nil {
		return usage("--out: %w", err)
	}
	return nil
}

// asNoRun makes a usage error of a folder that is no run folder, that is of an old version, or that lacks what was asked for.
func asNoRun(err error) error {
	switch {
	case errors.Is(err, report.ErrNothing):
		return hinted("weir compare of run folders keeps its comparison only where --out says", err)
	case errors.Is(err, report.ErrNoRun), errors.Is(err, result.ErrNoFolder):
		return hinted("a run's folder is the one that its summary names at the end, or that was given by --out", err)
	case errors.Is(err, report.ErrNoLatencies), errors.Is(err, result.ErrOld):
		return &usageError{err: err}
	}
	return err
}
