package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"weir/internal/localaws"
	"weir/scenarios"
)

// localPort is where `weir local` listens unless told otherwise.
const localPort = 4567

func (c *cli) localCommand() *cobra.Command {
	port, limits := localPort, string(scenarios.LimitsAWS)
	command := &cobra.Command{
		Use:   "local",
		Short: "Serve the embedded AWS on loopback until stopped",
		Long: `Serve the embedded AWS (Kinesis, DynamoDB and S3 on one port) on loopback until Ctrl-C, and print the variables that
point any AWS client at it. Nothing is kept when it stops.`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if limits != string(scenarios.LimitsAWS) && limits != string(scenarios.LimitsOff) {
				return usage("--limits %q is neither aws nor off", limits)
			}
			return c.serveLocal(command.Context(), port, limits == string(scenarios.LimitsAWS))
		},
	}
	command.Flags().IntVar(&port, "port", port, "port to listen on; 0 takes any that is free")
	command.Flags().StringVar(&limits, "limits", limits, "aws: AWS's own limits; off: none")
	return command
}

func (c *cli) serveLocal(ctx context.Context, port int, limits bool) error {
	listener, err := listenLoopback(port)
	if err != nil {
		return err
	}
	// The SDK of Python and version 1 of the AWS command line know the region by its second name alone.
	fmt.Fprintf(c.stdout, `# weir local serves Kinesis, DynamoDB and S3, until Ctrl-C
export AWS_ENDPOINT_URL=http://%[1]s
export AWS_ACCESS_KEY_ID=weir
export AWS_SECRET_ACCESS_KEY=weir
export AWS_REGION=%[2]s
export AWS_DEFAULT_REGION=%[2]s
`, listener.Addr(), defaultRegion)
	ctx, cancel := c.untilSignal(ctx)
	defer cancel()
	return localaws.New(localaws.Config{Limits: limits, Region: defaultRegion}).Serve(ctx, listener)
}

func listenLoopback(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use by another program; --port 0 takes any that is free", port)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on loopback: %w", err)
	}
	return listener, nil
}
