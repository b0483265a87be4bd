package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/scenarios"
)

func (c *cli) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the shipped scenarios",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
			for _, s := range scenarios.Names() {
				fmt.Fprintf(table, "%s\t%s\n", s.Name, s.About)
			}
			return table.Flush()
		},
	}
}
