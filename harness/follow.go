package harness

import (
	"context"
	"io"
	"time"

	"weir/capture"
	"weir/internal/awsclient"
	"weir/record"
	"weir/replay"
	"weir/stream"
)

const (
	// followPoll is the time between two reads of a shard of a live stream: one of the five a second that AWS gives all of its consumers.
	followPoll = time.Second
	// followDelay is how long after its arrival a record is due: by then it was read, unless the stream is behind.
	followDelay = 2 * followPoll
)

// followed is a load that is a live stream.
type followed struct {
	*recorded
	stop  context.CancelFunc
	ended chan struct{}
	lines *io.PipeReader
}

// follow begins to read a live stream, and waits for its first records.
func follow(ctx context.Context, c *Config, name string) (load, error) {
	clients, err := awsclient.New(ctx, c.Source)
	if err != nil {
		return nil, err
	}
	options, err := recordedOptions(c)
	if err != nil {
		clients.Close()
		return nil, &usageError{err}
	}
	reader := stream.NewReader(stream.ReaderConfig{
		Client: clients.Kinesis, Stream: name, Clock: record.NewClock(time.Now()), Poll: followPoll, Polite: true, Open: true,
	})
	if _, err := reader.Shards(ctx); err != nil {
		clients.Close()
		return nil, &usageError{err}
	}
	lines, to := io.Pipe()
	f := &followed{ended: make(chan struct{}), lines: lines}
	var following context.Context
	if lasting := c.Scenario.Load.Replay.For; lasting != nil {
		following, f.stop = context.WithTimeout(context.WithoutCancel(ctx), time.Duration(*lasting))
	} else {
		following, f.stop = context.WithCancel(context.WithoutCancel(ctx))
	}
	go f.run(following, capture.Config{Source: reader, Stream: name, From: beginning(c), Lines: to}, to)
	defer context.AfterFunc(ctx, func() { _ = to.CloseWithError(ctx.Err()) })()
	options.Source, options.Stdin, options.Format, options.Order, options.Delay = "-", lines, replay.NDJSON, replay.ByFile, followDelay
	options.Required = nil // its first records may have other fields than those behind them
	source, err := replay.Open(ctx, options)
	if err != nil {
		f.end()
		clients.Close()
		return nil, SourceError(err)
	}
	f.recorded = &recorded{Source: source, closeClients: clients.Close}
	return f, nil
}

// run writes down what comes, until it is told to stop; how it ends is how the lines do.
func (f *followed) run(ctx context.Context, config capture.Config, to *io.PipeWriter) {
	defer close(f.ended)
	_, err := capture.New(config).Run(ctx)
	_ = to.CloseWithError(err) // it never fails
}

// beginning is where the stream is followed from.
func beginning(c *Config) record.Position {
	oldest, at, _ := c.Scenario.Load.Replay.Position() // it was checked
	switch {
	case oldest:
		return record.Position{}
	case at.IsZero():
		return record.Position{Kind: record.Latest}
	}
	return record.Position{Kind: record.AtTimestamp, Timestamp: at}
}

func (f *followed) close() {
	f.Source.Close()
	f.end()
	f.closeClients()
}

// end stops the reading, and waits for it.
func (f *followed) end() {
	f.stop()
	_ = f.lines.Close()
	<-f.ended
}
