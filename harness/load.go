package harness

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"weir/generator"
	"weir/internal/awsclient"
	"weir/measure"
	"weir/replay"
	"weir/result"
	"weir/scenarios"
)

// ErrUsage marks an error that is a mistake in what was asked for: nothing was started.
var ErrUsage = errors.New("nothing was started")

// usageError is an error that is ErrUsage and says no more than what is wrong.
type usageError struct{ err error }

func (e *usageError) Error() string   { return e.err.Error() }
func (e *usageError) Unwrap() []error { return []error{e.err, ErrUsage} }

// load is what a run feeds.
type load interface {
	// begin starts the schedule at the wall-clock time start, and gives what fills the feeder's batches.
	begin(start time.Time) Source
	// extend makes a hold longer; see [generator.Stream.Extend]. It is false where there is none that may become so.
	extend(phase int, to time.Duration, then func()) bool
	// phases are those of the schedule, none of a recording.
	phases() []measure.Phase
	// Run reads ahead, until all is read or ctx ends.
	Run(ctx context.Context) error
	// fill says what of the load was not offered, and why.
	fill(res *result.Result)
	close()
}

// openLoad opens what the scenario feeds, so that whatever is wrong with it is found before anything starts. run is the run's id.
func openLoad(ctx context.Context, c *Config, run string) (load, error) {
	if c.Scenario.Load.Replay == nil {
		return newGenerated(c.Scenario, run)
	}
	if name, live := replay.OnStream(c.Scenario.Load.Replay.Source); live {
		return follow(ctx, c, name)
	}
	options, closeClients, err := SourceOptions(ctx, c)
	if err != nil {
		return nil, err
	}
	source, err := replay.Open(ctx, options)
	if err != nil {
		closeClients()
		return nil, SourceError(err)
	}
	return &recorded{Source: source, closeClients: closeClients}, nil
}

// recorded is a load that is a recording.
type recorded struct {
	*replay.Source
	closeClients func()
}

// begin gives the recording, whose event times are its own.
func (l *recorded) begin(time.Time) Source { return l.Source }

func (*recorded) phases() []measure.Phase { return nil }

func (*recorded) extend(int, time.Duration, func()) bool { return false }

func (l *recorded) close() {
	l.Source.Close()
	l.closeClients()
}

func (l *recorded) fill(res *result.Result) {
	stats := l.Stats()
	res.Records.Skipped = stats.Skipped.Count
	if u := stats.Unopened; u.Files > 0 {
		res.Unopened = &result.UnopenedFiles{Files: u.Files, First: u.First, Last: u.Last}
	}
	for _, skip := range stats.Skipped.Samples {
		res.SkippedSamples = append(res.SkippedSamples, result.SkippedLine{
			File: skip.File, Line: skip.Line, Offset: skip.Offset, Reason: string(skip.Reason), Sample: skip.Sample,
		})
		res.Warnings = append(res.Warnings, "skipped: "+skip.String())
	}
	res.Warnings = append(res.Warnings, stats.Warnings...)
	if stats.Disordered > 0 {
		res.Warnings = append(res.Warnings, fmt.Sprintf("%d records were older than the sorting reaches back, and went out at once", stats.Disordered))
	}
}

// generated is a load that is made as it comes due.
type generated struct {
	*generator.Generator
	scenario *scenarios.Scenario
	stream   atomic.Pointer[generator.Stream] // since the feed began
}

func newGenerated(s *scenarios.Scenario, run string) (load, error) {
	config, err := s.Generator(run)
	if err != nil {
		return nil, &usageError{err}
	}
	g, err := generator.New(config)
	if err != nil {
		return nil, &usageError{err}
	}
	return &generated{Generator: g, scenario: s}, nil
}

// begin gives a load whose event times count from start.
func (g *generated) begin(start time.Time) Source {
	stream := g.Stream(start)
	g.stream.Store(stream)
	return stream
}

func (g *generated) extend(phase int, to time.Duration, then func()) bool {
	stream := g.stream.Load()
	return stream != nil && stream.Extend(phase, to, then)
}

func (g *generated) phases() []measure.Phase {
	var phases []measure.Phase
	for i, span := range g.Phases() {
		rate := &g.scenario.Load.Rate[i]
		phase := measure.Phase{Name: span.Name, Start: span.Start, End: span.End, Hold: rate.Holds()}
		if rate.ExtendTo != nil {
			phase.Limit = time.Duration(*rate.ExtendTo)
		}
		phases = append(phases, phase)
	}
	return phases
}

// Run has nothing to read ahead.
func (*generated) Run(context.Context) error { return nil }

func (*generated) fill(*result.Result) {}

func (*generated) close() {}

// SourceOptions are how a scenario's recording is read; close gives back what reading it holds.
func SourceOptions(ctx context.Context, c *Config) (options replay.Options, close func(), err error) {
	load := c.Scenario.Load.Replay
	if _, live := replay.OnStream(load.Source); live {
		return options, nil, &usageError{fmt.Errorf("%s has no end that it could be read to: capture it with weir capture, and take the capture", load.Source)}
	}
	options, err = recordedOptions(c)
	if err != nil {
		return options, nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if !replay.OnS3(load.Source) {
		return options, func() {}, nil
	}
	clients, err := awsclient.New(ctx, c.Source)
	if err != nil {
		return options, nil, err
	}
	options.S3 = clients.S3
	return options, clients.Close, nil
}

func recordedOptions(c *Config) (options replay.Options, err error) {
	load := c.Scenario.Load.Replay
	options = replay.Options{
		Source: load.Source, Stdin: c.Stdin, Format: replay.Format(load.Format), FirehoseErrors: replay.FirehoseErrors(load.FirehoseErrors), Columns: load.Columns, AllFiles: load.AllFiles,
		Fields: c.Scenario.Fields.Record(), Required: c.Required, Order: replay.Order(load.Order),
		RecordBytes: int(c.Scenario.Pipeline.Input.MaxRecord), After: int64(load.After), Loop: int(load.Loop), Multiply: int(load.Multiply), Seed: c.Scenario.Seed,
	}
	if load.Sample != nil {
		options.Sample = float64(*load.Sample)
	}
	if load.EventTimes == scenarios.FromNow {
		options.ShiftTo = time.Now()
	}
	return options, setTiming(&options, load)
}

// setTiming reads how fast a recording is replayed, and which stretch of it.
func setTiming(o *replay.Options, load *scenarios.Replay) (err error) {
	parse, text := replay.ParseSpeed, load.Speed
	if load.Rate != "" {
		parse, text = replay.ParseRate, load.Rate
	}
	if o.Pace, err = parse(text); err != nil {
		return err
	}
	if load.SkipIdle != nil {
		o.SkipIdle = time.Duration(*load.SkipIdle)
	}
	for _, bound := range []struct {
		text string
		to   *time.Time
	}{{load.From, &o.From}, {load.To, &o.To}} {
		if bound.text == "" {
			continue
		}
		if *bound.to, err = replay.ParseInstant(bound.text); err != nil {
			return err
		}
	}
	return nil
}

// SourceError tells what the user named wrongly from a world that is not as it should be.
func SourceError(err error) error {
	for _, mistake := range []error{replay.ErrNotFound, replay.ErrEmpty, replay.ErrNoSuchField, replay.ErrUnreadTime, replay.ErrImpossible} {
		if errors.Is(err, mistake) {
			return &usageError{err}
		}
	}
	return err
}
