package main

import (
	"context"
	"errors"
	"fmt"

	"weir/harness"
	"weir/measure/verdict"
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

// asUsage makes a mistake that the harness has found a usageError.
func asUsage(err error) error {
	if errors.Is(err, harness.ErrUsage) {
		return &usageError{err: err}
	}
	return err
}

// report prints an error as the user sees it and returns its exit code.
func (c *cli) report(err error) int {
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(c.stderr, "weir: interrupted")
		return verdict.ExitInterrupted
	}
	fmt.Fprintf(c.stderr, "weir: %v\n", err)
	mistake, ok := errors.AsType[*usageError](err)
	if !ok {
		return verdict.ExitError
	}
	if mistake.hint != "" {
		fmt.Fprintf(c.stderr, "hint: %s\n", mistake.hint)
	}
	return verdict.ExitUsage
}
