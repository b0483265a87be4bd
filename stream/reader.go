package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"weir/limits"
	"weir/record"
)

// GetClient is what a reader needs of a Kinesis client whose retries are off.
type GetClient interface {
	ListClient
	GetShardIterator(context.Context, *kinesis.GetShardIteratorInput, ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error)
	GetRecords(context.Context, *kinesis.GetRecordsInput, ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error)
}

// ReadObserver is told what hinders the reading. Several shards may tell at once.
type ReadObserver interface {
	// Throttled is told of a call that the shard's limits did not allow.
	Throttled(shard string)
}

// ReaderConfig is what a reader is made with. Zero stands for the default of a field that has one.
type ReaderConfig struct {
	Client GetClient
	Stream string
	Clock  record.Clock
	// Observer is told of throttled reads. Default: nobody is.
	Observer ReadObserver
	// Poll is the time from the start of one read of a shard to the start of the next, where there was nothing more to read.
	// Default 250 ms.
	Poll time.Duration
	// Limit is the most records a call. Default 10,000, the most that AWS gives.
	Limit int
	// Polite keeps within AWS's five reads a second and shard. Otherwise a reader that is behind asks again at once.
	Polite bool
	// Open has the records in KPL aggregates delivered, and not the aggregates.
	Open bool
	// RequestTimeout bounds one call. Default 10 s.
	RequestTimeout time.Duration
}

const (
	defaultPoll = 250 * time.Millisecond
	// minInterval is the least time between two reads of a shard by a polite reader.
	minInterval = time.Second / limits.ShardReadsPerSecond
)

// Reader reads the shards of a stream by polling. Several shards can be read at once.
type Reader struct{ config ReaderConfig }

// NewReader makes a reader that has read nothing.
func NewReader(c ReaderConfig) *Reader {
	c.Poll = orDefault(c.Poll, defaultPoll)
	c.Limit = orDefault(c.Limit, limits.GetRecordsRecords)
	c.RequestTimeout = orDefault(c.RequestTimeout, defaultRequestTimeout)
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	return &Reader{config: c}
}

// Throttled does nothing.
func (nobody) Throttled(string) {}

// Shards lists the shards of the stream, closed ones too.
func (r *Reader) Shards(ctx context.Context) ([]record.Shard, error) {
	return Shards(ctx, r.config.Client, r.config.Stream)
}

// Read delivers the pages of a shard in their order, from a position on, until ctx ends, a closed shard is read to its end (nil), or
// the receiver fails. Empty pages are delivered too: they say how far the tip is. No record is passed over and none is delivered twice,
// whatever becomes of a call. A stream that is gone, or that may not be read, is an error; throttles and lost connections
// are not. Each call waits for room for its page, and one that fails gives the room back before the pause.
func (r *Reader) Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error {
	c := cursor{config: &r.config, shard: shard.ID, position: from}
	for {
		if err := to.Room(ctx); err != nil {
			return err
		}
		started := r.config.Clock.Now()
		page, err := c.next(ctx)
		if err != nil || ctx.Err() != nil {
			to.Spare()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if err := c.retry(ctx, err); err != nil {
				return fmt.Errorf("stream %s, shard %s: %w", r.config.Stream, shard.ID, err)
			}
			continue
		}
		if err := to.Take(ctx, page); err != nil {
			return err
		}
		if page.End {
			return nil
		}
		if err := sleep(ctx, started+r.interval(&page, c.full)-r.config.Clock.Now()); err != nil {
			return err
		}
	}
}

// interval is the time between the starts of two reads: there is more to read after a page that is full, or behind the tip.
func (r *Reader) interval(page *record.Page, full bool) time.Duration {
	more := page.Behind > 0 || full
	switch {
	case !more && r.config.Polite:
		return max(minInterval, r.config.Poll)
	case !more:
		return r.config.Poll
	case r.config.Polite:
		return minInterval
	}
	return 0
}

// sleep sleeps until ctx ends: then the error is its.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
