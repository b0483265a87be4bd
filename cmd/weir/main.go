// Weir replays and generates records into a Kinesis test stream, through a stream aggregator and into DynamoDB, and says whether
// the pipeline held: how late it was, what piled up, whether anything was lost and whether every row is right.
package main

import (
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"golang.org/x/term"
)

// gcPercent lets the heap grow to five times what is live before it is collected. On two cores a collection holds the feeder's timer
// back for as long as it marks, some 10 ms: at Go's default, a run of 11,500 records a second was late by that for over 1 % of its
// records (handed p99 6.9 ms, and 2.5 ms so). GOGC overrides it.
const gcPercent = 400

// memoryLimit is from where on the collector works harder rather than let the heap grow: a little above the 4 GiB that the embedded AWS
// keeps at most. GOMEMLIMIT overrides it.
const memoryLimit = 5 << 30

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE) // who reads no further has not asked for the end of the run
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
	screen         io.Writer // stdout, where it may be controlled
	terminal       bool      // stdout is a terminal
	signals        <-chan os.Signal
}
