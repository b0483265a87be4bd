// Weir replays and generates records into a Kinesis test stream, through a stream aggregator and into DynamoDB, and says whether
// the pipeline held: how late it was, what piled up, whether anything was lost and whether every row is right.
package main

import (
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	c := &cli{
		args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		terminal: term.IsTerminal(int(os.Stdout.Fd())), signals: signals,
	}
	os.Exit(c.run())
}

// cli is everything that a command touches outside the process, so that a whole command runs in a test.
type cli struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       bool // stdout is a terminal
	signals        <-chan os.Signal
}
