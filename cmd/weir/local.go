package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/localaws"
	"weir/scenarios"
)

// localPort is where `weir local` listens unless told otherwise.
const localPort = 4567

const latencyOff = "off"

// localOptions are the flags of `weir local`.
type localOptions struct {
	listen          string
	port            int
	limits          string
	memory          string
	latency         string
	account, region string
	tls             bool
	certificate     string
	log             bool
}

func (o *localOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.listen, "listen", "127.0.0.1", "address to listen on; any but loopback lets everybody in who reaches it")
	flags.IntVar(&o.port, "port", localPort, "port to listen on; 0 takes any that is free")
	flags.StringVar(&o.limits, "limits", string(scenarios.LimitsAWS), "aws: AWS's own limits; off: none")
	flags.StringVar(&o.memory, "memory", "4GiB", "the most that is kept of Kinesis records")
	flags.StringVar(&o.latency, "latency", latencyOff, "aws: what AWS states of its own, see docs/faults.md; off: none")
	flags.StringVar(&o.account, "account", localaws.Account, "the account that everything is in: twelve digits")
	flags.StringVar(&o.region, "region", defaultRegion, "the region that ARNs name")
	flags.BoolVar(&o.tls, "tls", false, "speak TLS, with a certificate that is made anew")
	flags.StringVar(&o.certificate, "tls-cert", "weir-local.pem", "the file that the certificate is written to, for clients to trust")
	flags.BoolVar(&o.log, "log", false, "print a line a request on standard error")
}

func (c *cli) localCommand() *cobra.Command {
	var options localOptions
	command := &cobra.Command{
		Use:   "local",
		Short: "Serve the embedded AWS on loopback until stopped",
		Long: `Serve the embedded AWS (Kinesis, DynamoDB and S3 on one port) on loopback until Ctrl-C, and print the variables that
point any AWS client at it. Nothing is kept when it stops.`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error { return c.serveLocal(command.Context(), &options) },
	}
	options.register(command.Flags())
	return command
}

func (c *cli) serveLocal(ctx context.Context, o *localOptions) error {
	config, err := o.config()
	if err != nil {
		return err
	}
	if o.log {
		config.Log = c.stderr
	}
	listener, err := listen(o.listen, o.port)
	if err != nil {
		return err
	}
	defer listener.Close() // once more is no harm
	scheme := "http"
	if o.tls {
		scheme = "https"
		if config.TLS, err = o.certify(); err != nil {
			return err
		}
	}
	// The SDK of Python and version 1 of the AWS command line know the region by its second name alone.
	fmt.Fprintf(c.stdout, `# weir local serves Kinesis, DynamoDB and S3, until Ctrl-C
export AWS_ENDPOINT_URL=%[3]s://%[1]s
export AWS_ACCESS_KEY_ID=weir
export AWS_SECRET_ACCESS_KEY=weir
export AWS_REGION=%[2]s
export AWS_DEFAULT_REGION=%[2]s
`, listener.Addr(), o.region, scheme)
	if o.tls {
		fmt.Fprintf(c.stdout, "export AWS_CA_BUNDLE=%s\n", o.certificate)
	}
	if !onLoopback(o.listen) {
		fmt.Fprintf(c.stderr, "weir: listens on %s, beyond this machine, and asks nobody who they are\n", listener.Addr())
	}
	ctx, cancel := c.untilSignal(ctx)
	defer cancel()
	return localaws.New(config).Serve(ctx, listener)
}

// config checks the flags.
func (o *localOptions) config() (localaws.Config, error) {
	var memory scenarios.Size
	switch err := memory.Set(o.memory); {
	case o.limits != string(scenarios.LimitsAWS) && o.limits != string(scenarios.LimitsOff):
		return localaws.Config{}, usage("--limits %q is neither aws nor off", o.limits)
	case o.latency != string(scenarios.LatencyAWS) && o.latency != latencyOff:
		return localaws.Config{}, usage("--latency %q is neither aws nor off", o.latency)
	case err != nil:
		return localaws.Config{}, usage("--memory: %w", err)
	case memory <= 0:
		return localaws.Config{}, usage("--memory %s is not above zero", o.memory)
	case o.port < 0 || o.port > math.MaxUint16:
		return localaws.Config{}, usage("--port %d is not between 0 and %d", o.port, math.MaxUint16)
	case !isAccount(o.account):
		return localaws.Config{}, usage("--account %q is not twelve digits", o.account)
	case o.region == "":
		return localaws.Config{}, usage("--region is empty")
	}
	config := localaws.Config{Limits: o.limits == string(scenarios.LimitsAWS), Region: o.region, Account: o.account, MemoryBytes: int64(memory)}
	if o.latency == latencyOff {
		return config, nil
	}
	scenario := scenarios.Scenario{Latency: &scenarios.Latency{Model: scenarios.LatencyAWS}}
	scenario.Resolve()
	draws, err := scenario.Latency.Draws(scenario.Seed)
	if err != nil {
		return localaws.Config{}, usage("--latency: %w", err)
	}
	config.Latency = localaws.Latency(draws)
	return config, nil
}

func isAccount(text string) bool {
	_, err := strconv.ParseUint(text, 10, 64)
	return err == nil && len(text) == 12
}

// certify makes a certificate, and writes it where clients look for it.
func (o *localOptions) certify() (*tls.Config, error) {
	certificate, authority, err := localaws.NewCertificate(o.listen)
	if err != nil {
		return nil, err
	}
	if o.certificate, err = filepath.Abs(o.certificate); err != nil {
		return nil, fmt.Errorf("--tls-cert: %w", err)
	}
	if err := os.WriteFile(o.certificate, authority, 0o644); err != nil {
		return nil, fmt.Errorf("--tls-cert: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, nil
}

func onLoopback(address string) bool {
	ip, err := netip.ParseAddr(address)
	return address == "localhost" || err == nil && ip.IsLoopback()
}

func listenLoopback(port int) (net.Listener, error) { return listen("127.0.0.1", port) }

func listen(address string, port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use by another program; --port 0 takes any that is free", port)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}
