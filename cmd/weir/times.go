package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"weir/harness"
	"weir/internal/awsclient"
	"weir/replay"
	"weir/scenarios"
)

// settleTimes tells by a recording's first records how its event times are written, where the scenario does not say, and writes it into the scenario: the
// aggregator reads them by it, too. It returns the line that says what was guessed, empty where nothing was. A live stream is not looked at beforehand.
func (c *cli) settleTimes(ctx context.Context, s *scenarios.Scenario, source awsclient.Config) (why string, err error) {
	if format := s.Fields.TimeFormat; s.Load.Replay == nil || format != "" && format != "auto" {
		return "", nil
	}
	if _, live := replay.OnStream(s.Load.Replay.Source); live {
		return "", nil
	}
	ctx, cancel := c.untilSignal(ctx)
	defer cancel()
	if source := s.Load.Replay.Source; replay.Once(source) {
		stream := replay.NewLookahead(source, c.stdin)
		c.stdin = stream
		defer stream.Rewind()
	}
	options, closeSource, err := harness.SourceOptions(ctx, &harness.Config{Scenario: s, Source: source, Stdin: c.stdin})
	if err != nil {
		return "", asUsage(s, err)
	}
	defer closeSource()
	times, err := replay.GuessTimes(ctx, options, time.Now())
	if asked, ok := errors.AsType[*replay.TimesError](err); ok {
		return "", hinted(asked.Hint(), fmt.Errorf("recording %s: %w", s.Load.Replay.Source, err))
	}
	if err != nil {
		return "", err
	}
	s.Fields.TimeFormat, s.Fields.TimeZone = times.Format, times.Zone
	return times.Why, nil
}

// tellTimes settles the times of a scenario that is about to run, and says on standard error what was guessed.
func (c *cli) tellTimes(ctx context.Context, s *scenarios.Scenario, source awsclient.Config) error {
	why, err := c.settleTimes(ctx, s, source)
	if err == nil && why != "" {
		fmt.Fprintln(c.stderr, "weir: "+why)
	}
	return err
}
