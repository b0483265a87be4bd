package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/spelling"
	"weir/result"
)

// defaultRegion is the region of the embedded AWS, and of a target that names none.
const defaultRegion = "us-east-1"

// run carries out the command line and returns the exit code.
func (c *cli) run() int {
	var code int
	c.screen = c.stdout
	c.stdout, c.stderr = result.WithoutControls(c.stdout), result.WithoutControls(c.stderr) // texts of recordings, names of files and of scenarios
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
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(c.runCommand(code), c.replayCommand(code), c.sizeCommand(code), c.checkCommand(), c.compareCommand(code), c.baselineCommand(code), c.captureCommand(), c.importCommand(), c.reportCommand(), c.listCommand(), c.localCommand(), c.versionCommand())
	return root
}

// flagError says what may have been meant by a flag that is none, and what a number is without the words of Go's parser.
func flagError(command *cobra.Command, err error) error {
	hint := command.CommandPath() + " --help lists the flags"
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		command.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
		if near := spelling.Nearest(unknown.GetSpecifiedName(), names); near != "" {
			hint = "did you mean --" + near + "? " + hint
		}
	}
	invalid, isInvalid := errors.AsType[*pflag.InvalidValueError](err)
	if number, ok := errors.AsType[*strconv.NumError](err); ok && isInvalid {
		what := "it is no number"
		if errors.Is(number, strconv.ErrRange) {
			what = "it is out of range"
		}
		err = fmt.Errorf("invalid argument %q for \"--%s\" flag: %s", invalid.GetValue(), invalid.GetFlag().Name, what)
	}
	return hinted(hint, err)
}

// noArguments refuses arguments; to the root, one is a command that does not exist.
func noArguments(command *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case !command.HasParent():
		return hinted(hintCommand(command, args[0]), fmt.Errorf("unknown command %q", args[0]))
	}
	return usage("%s takes no argument, and there is %q", command.CommandPath(), args[0])
}

// hintCommand says what may have been meant by a command that is none.
func hintCommand(root *cobra.Command, word string) string {
	const all = "weir --help lists the commands"
	if slices.Contains(shippedNames(), word) {
		return "weir run " + word + " runs the scenario of that name; " + all
	}
	var names []string
	for _, command := range root.Commands() {
		names = append(names, command.Name())
	}
	if near := spelling.Nearest(word, names); near != "" {
		return "did you mean weir " + near + "? " + all
	}
	return all
}
