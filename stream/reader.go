package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/limits"
	"weir/record"
)

// GetClient is what a reader needs of a Kinesis client whose retries are off.
type GetClient interface {
	ListClient
	GetShardIterator(context.Context, *kinesis.GetShardIteratorInput, ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error)
	GetRecords(context.Context, *kinesis.GetRecordsInput, ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error)
}

// ReaderConfig is what a reader is made with. Zero values stand for the defaults.
type ReaderConfig struct {
	Client GetClient
	Stream string
	Clock  record.Clock
	// Poll is the time from one read of a shard to the next where there was nothing more to read. Default 250 ms.
	Poll time.Duration
	// Polite keeps within AWS's five reads a second and shard even where there is more to read.
	Polite bool
	// RequestTimeout bounds one call. Default 10 s.
	RequestTimeout time.Duration
}

// minInterval keeps a polite reader within the limit of reads a second and shard.
const minInterval = time.Second / limits.ShardReadsPerSecond

// Reader reads the shards of a stream by polling.
type Reader struct{ config ReaderConfig }

// NewReader makes a reader that has read nothing.
func NewReader(c ReaderConfig) *Reader {
	c.Poll = orDefault(c.Poll, 250*time.Millisecond)
	c.RequestTimeout = orDefault(c.RequestTimeout, 10*time.Second)
	return &Reader{config: c}
}

// Shards lists the shards of the stream.
func (r *Reader) Shards(ctx context.Context) ([]record.Shard, error) {
	return Shards(ctx, r.config.Client, r.config.Stream)
}

// Read delivers the pages of a shard in their order, from a position on, until ctx ends, the shard is closed and read to its end, or
// deliver fails. Empty pages are delivered too: they say that the tip is reached. No record is passed over and none delivered
// twice, whatever becomes of a call: the next one goes on behind the last record delivered. A stream that is gone is an error.
func (r *Reader) Read(ctx context.Context, shard record.Shard, from record.Position, deliver func(context.Context, record.Page) error) error {
	c := cursor{reader: r, shard: shard.ID, position: from}
	for {
		started := r.config.Clock.Now()
		page, err := c.next(ctx)
		pause := c.backoff(err)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && pause == 0:
			return fmt.Errorf("stream %s, shard %s: %w", r.config.Stream, shard.ID, err)
		case err == nil:
			if err := deliver(ctx, page); err != nil {
				return err
			}
			if page.End {
				return nil
			}
			pause = r.interval(&page) - (r.config.Clock.Now() - started)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// interval is the time between the starts of two reads.
func (r *Reader) interval(page *record.Page) time.Duration {
	switch {
	case page.Behind == 0:
		return r.config.Poll
	case r.config.Polite:
		return min(minInterval, r.config.Poll)
	}
	return 0
}

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

// cursor is a place in a shard.
type cursor struct {
	reader   *Reader
	shard    string
	position record.Position
	iterator *string
	failed   int // calls in a row
}

// next reads the next page.
func (c *cursor) next(ctx context.Context) (record.Page, error) {
	config := &c.reader.config
	ctx, cancel := context.WithTimeout(ctx, config.RequestTimeout)
	defer cancel()
	if c.iterator == nil {
		output, err := config.Client.GetShardIterator(ctx, c.iteratorInput())
		if err != nil {
			return record.Page{}, fmt.Errorf("get a shard iterator: %w", err)
		}
		c.iterator = output.ShardIterator
	}
	asked := config.Clock.Now()
	output, err := config.Client.GetRecords(ctx, &kinesis.GetRecordsInput{
		ShardIterator: c.iterator, Limit: aws.Int32(limits.GetRecordsRecords),
	})
	if err != nil {
		return record.Page{}, fmt.Errorf("get records: %w", err)
	}
	page := record.Page{Shard: c.shard, Asked: asked, At: config.Clock.Now(), End: output.NextShardIterator == nil}
	page.Behind = time.Duration(aws.ToInt64(output.MillisBehindLatest)) * time.Millisecond
	page.Records = stored(output.Records)
	if n := len(page.Records); n > 0 {
		c.position = record.Position{Kind: record.AfterSequence, Sequence: page.Records[n-1].Sequence}
	}
	c.iterator = output.NextShardIterator
	return page, nil
}

// stored are records as they came; they keep the memory of the answer.
func stored(records []types.Record) []record.Stored {
	list := make([]record.Stored, len(records))
	for i := range records {
		r := &records[i]
		list[i] = record.Stored{
			Sequence: aws.ToString(r.SequenceNumber), PartitionKey: aws.ToString(r.PartitionKey), Data: r.Data, Due: record.NoDue,
		}
	}
	return list
}

func (c *cursor) iteratorInput() *kinesis.GetShardIteratorInput {
	input := &kinesis.GetShardIteratorInput{StreamName: &c.reader.config.Stream, ShardId: &c.shard}
	switch c.position.Kind {
	case record.TrimHorizon:
		input.ShardIteratorType = types.ShardIteratorTypeTrimHorizon
	case record.Latest:
		input.ShardIteratorType = types.ShardIteratorTypeLatest
	case record.AtTimestamp:
		input.ShardIteratorType, input.Timestamp = types.ShardIteratorTypeAtTimestamp, &c.position.Timestamp
	case record.AtSequence:
		input.ShardIteratorType, input.StartingSequenceNumber = types.ShardIteratorTypeAtSequenceNumber, &c.position.Sequence
	case record.AfterSequence:
		input.ShardIteratorType, input.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &c.position.Sequence
	}
	return input
}

const (
	// A throttled read waits minReadPause to twice that, and so does the first read after a failure; each further failure
	// doubles it up to maxReadPause.
	minReadPause = 100 * time.Millisecond
	maxReadPause = 2 * time.Second
)

// backoff is how long to wait after an error; 0 after one that will not pass. What is wrong with an iterator does not matter: a new
// one goes on behind the last record. A throttled read keeps its iterator, for getting one is limited too.
func (c *cursor) backoff(err error) time.Duration {
	if err == nil {
		c.failed = 0
		return 0
	}
	if isThrottle(err) {
		return jitter(minReadPause)
	}
	if isFinal(err) {
		return 0
	}
	c.iterator = nil
	pause := min(maxReadPause, minReadPause<<min(c.failed, 10))
	c.failed++
	return jitter(pause)
}

func isThrottle(err error) bool {
	return classify(err) == record.Throttled
}

// isFinal says that an error will not pass: the stream is gone, or reading it is not allowed.
func isFinal(err error) bool {
	if _, expired := errors.AsType[*types.ExpiredIteratorException](err); expired {
		return false
	}
	return classify(err) == record.Failed
}
