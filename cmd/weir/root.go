package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

// defaultRegion is the region of the embedded AWS, and of a target that names none.
const defaultRegion = "us-east-1"

// run carries out the command line and returns the exit code.
func (c *cli) run() int {
	var code int
	root := c.rootCommand(&code)
	root.SetArgs(c.args)
	root.SetIn(c.stdin)
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	if err := root.ExecuteContext(context.Background()); err != nil {
		return c.report(err)
	}
	return code
}

// rootCommand is the tree of commands. A run's exit code is left in code.
func (c *cli) rootCommand(code *int) *cobra.Command {
	root := &cobra.Command{
		Use:   "weir",
		Short: "Replay and load-test a Kinesis pipeline, and prove every row",
		Long: `weir pushes records into a Kinesis test stream, through a stream aggregator and into DynamoDB, and says whether the
pipeline held: how late it was, what piled up, whether anything was lost, whether every row is right.
It needs no AWS account: by default it runs against the AWS that it brings along.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArguments,
		RunE:          func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return hinted(command.CommandPath()+" --help lists the flags", err)
	})
	root.AddCommand(c.runCommand(code), c.replayCommand(code), c.sizeCommand(code), c.checkCommand(), c.compareCommand(code), c.baselineCommand(code), c.captureCommand(), c.reportCommand(), c.listCommand(), c.localCommand(), c.versionCommand())
	return root
}

// noArguments refuses arguments; to the root, one is a command that does not exist.
func noArguments(command *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case !command.HasParent():
		return hinted("weir --help lists the commands", fmt.Errorf("unknown command %q", args[0]))
	}
	return usage("%s takes no argument, and there is %q", command.CommandPath(), args[0])
}
