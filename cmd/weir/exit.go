package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"weir/harness"
	"weir/measure/verdict"
	"weir/replay"
	"weir/result"
	"weir/scenarios"
	"weir/survey"
)

// usageError is a mistake in what the user asked for: nothing was started. The hint, if any, says what to do instead.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(format string, args ...any) error { return &usageError{err: fmt.Errorf(format, args...)} }

func hinted(hint string, err error) error { return &usageError{err: err, hint: hint} }

// asUsage makes a mistake that the harness has found in a scenario a usageError.
func asUsage(s *scenarios.Scenario, err error) error {
	switch {
	case !errors.Is(err, harness.ErrUsage):
		return err
	case errors.Is(err, replay.ErrNotFound) && s.Load.Replay != nil:
		return hinted(hintSource(s.Load.Replay.Source), err)
	case errors.Is(err, replay.ErrUnreadTime):
		return hinted("--time-format says how event times are written, as --time-format '%d.%m.%Y %H:%M:%S', and --time-zone in which zone they are; --field event_time=path says where a record has its own", err)
	case errors.Is(err, replay.ErrNoSuchField):
		return hinted("--field name=path says where a record has its kind, event_time, key, value or partition_key, as --field key=customer", err)
	case errors.Is(err, result.ErrNotEmpty):
		return hinted(hintOut, err)
	}
	return &usageError{err: err}
}

// hintOut is what to do where the folder that a command would write holds something.
const hintOut = "--out names another folder; without it there is a new one in runs/"

// report prints an error as the user sees it and returns its exit code.
func (c *cli) report(err error) int {
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(c.stderr, "weir: interrupted")
		return verdict.ExitInterrupted
	}
	fmt.Fprintf(c.stderr, "weir: %s\n", printable(err.Error()))
	mistake, ok := errors.AsType[*usageError](err)
	if !ok {
		return verdict.ExitError
	}
	if mistake.hint != "" {
		fmt.Fprintf(c.stderr, "hint: %s\n", mistake.hint)
	}
	return verdict.ExitUsage
}

// printable is a text of several lines in which nothing but their ends controls the terminal.
func printable(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = survey.Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
