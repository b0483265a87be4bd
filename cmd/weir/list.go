package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/internal/spelling"
	"weir/scenarios"
)

func (c *cli) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list [SCENARIO]",
		Short: "List the shipped scenarios, or print one of them",
		Long: `List the shipped scenarios, or print the YAML of one, to be kept in a file and changed: weir list smoke > mine.yaml. What it leaves out is as weir
check and a run folder's scenario.yaml show it.`,
		Args: func(command *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%s takes one SCENARIO at most: the name of a shipped scenario", command.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return c.printScenario(args[0])
			}
			table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
			for _, s := range scenarios.Names() {
				fmt.Fprintf(table, "%s\t%s\n", s.Name, s.About)
			}
			return table.Flush()
		},
	}
}

// printScenario prints a shipped scenario as it was written.
func (c *cli) printScenario(name string) error {
	text, err := scenarios.Text(name)
	if err != nil {
		return hinted(spelling.Hint(name, shippedNames()), err)
	}
	_, err = c.stdout.Write(text)
	return err
}
