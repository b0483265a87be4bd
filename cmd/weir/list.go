package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (c *cli) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the shipped scenarios",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(c.stdout, "no scenario is shipped with this version; weir replay SOURCE runs a recording without one")
			return err
		},
	}
}
