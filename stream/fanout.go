package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/record"
	"weir/stream/kpl"
)

// SubscribeClient subscribes to shards.
type SubscribeClient interface {
	SubscribeToShard(context.Context, *kinesis.SubscribeToShardInput, ...func(*kinesis.Options)) (*kinesis.SubscribeToShardOutput, error)
}

// FanOutConfig is what a [FanOut] is made with. Everything but Observer and Open has to be set.
type FanOutConfig struct {
	Client ConsumerClient
	// Subscriber makes a client for the subscriptions of one shard. It has to be another each time: one of aws-sdk-go-v2's has one buffer for the events
	// of all of its subscriptions, and two at once corrupt each other.
	Subscriber func() SubscribeClient
	Stream     string
	// Consumer is the name that it registers.
	Consumer string
	Clock    record.Clock
	// Observer is told of subscriptions that the limits did not allow. Default: nobody is.
	Observer ReadObserver
	// Open has the records in KPL aggregates delivered, and not the aggregates.
	Open bool
}

// FanOut reads the shards of a stream by enhanced fan-out: the stream pushes what comes, at up to 2 MiB a second of each shard to each consumer. It is for
// use between [FanOut.Register] and [FanOut.Deregister].
type FanOut struct {
	config FanOutConfig
	arn    string
}

const (
	// resubscribe is for how long after a subscription began another of the same consumer to the same shard is refused (API reference, SubscribeToShard).
	resubscribe = 5 * time.Second
	// onTheWay is for how long an event can be on its way to a reader that waits for it: what the stream had before is in the events that came.
	onTheWay = time.Second
)

// NewFanOut makes a reader that is not registered.
func NewFanOut(c FanOutConfig) *FanOut {
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	return &FanOut{config: c}
}

// Shards lists the shards of the stream, closed ones too.
func (f *FanOut) Shards(ctx context.Context) ([]record.Shard, error) {
	return Shards(ctx, f.config.Client, f.config.Stream)
}

// Read is [Reader.Read], by subscriptions: each lives for five minutes, and the next one goes on from where the last has said it was. An event comes when the
// stream pushes it, so that nothing waits for room before. Where the receiver blocks, at most one more event of the shard is decoded, and what follows
// waits in the connection.
func (f *FanOut) Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error {
	s := subscription{
		config: &f.config, arn: f.arn, client: f.config.Subscriber(), to: to,
		cursor: cursor{config: &ReaderConfig{Observer: f.config.Observer}, shard: shard.ID, position: from},
	}
	for {
		began := time.Now()
		ended, err := s.run(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case ended || s.refused != nil:
			return s.refused
		}
		if err := s.again(ctx, began, err); err != nil {
			return fmt.Errorf("stream %s, shard %s: %w", f.config.Stream, shard.ID, err)
		}
	}
}

// subscription reads one shard, by one subscription after the other.
type subscription struct {
	config  *FanOutConfig
	arn     string
	client  SubscribeClient
	to      record.Receiver
	cursor  cursor // its place, and its tries
	opener  kpl.Opener
	refused error // of a delivery
}

// run reads until the subscription is over, or the shard is: ended.
func (s *subscription) run(ctx context.Context) (ended bool, err error) {
	asked, called := s.config.Clock.Now(), time.Now()
	output, err := s.client.SubscribeToShard(ctx, &kinesis.SubscribeToShardInput{
		ConsumerARN: &s.arn, ShardId: &s.cursor.shard, StartingPosition: s.cursor.starting(),
	})
	if err != nil {
		return false, fmt.Errorf("subscribe: %w", err)
	}
	if s.cursor.position.Kind == record.Latest { // the tip moves on
		s.cursor.position = record.Position{Kind: record.AtTimestamp, Timestamp: called}
	}
	s.cursor.failed = 0
	events := output.GetStream()
	for {
		waits := s.config.Clock.Now()
		select {
		case event, ok := <-events.Events():
			if !ok {
				return false, errors.Join(events.Err(), events.Close())
			}
			told, ok := event.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent)
			if !ok {
				continue // of a sort that is not known yet
			}
			asked = max(asked, waits-onTheWay)
			ended, err := s.take(ctx, &told.Value, asked)
			if ended || err != nil {
				return ended, errors.Join(err, events.Close())
			}
		case <-ctx.Done():
			return false, errors.Join(ctx.Err(), events.Close())
		}
	}
}

// take delivers an event.
func (s *subscription) take(ctx context.Context, event *types.SubscribeToShardEvent, asked time.Duration) (ended bool, err error) {
	page := record.Page{
		Shard: s.cursor.shard, Asked: asked, At: s.config.Clock.Now(), Records: stored(event.Records),
		Behind: time.Duration(aws.ToInt64(event.MillisBehindLatest)) * time.Millisecond, End: event.ContinuationSequenceNumber == nil,
	}
	if page.Children, err = children(event.ChildShards); err != nil {
		return false, err
	}
	if s.config.Open {
		page.Records = open(&s.opener, page.Records)
	}
	if s.refused = s.to.Take(ctx, page); s.refused != nil || page.End {
		return true, nil
	}
	s.cursor.position = record.Position{Kind: record.AfterSequence, Sequence: *event.ContinuationSequenceNumber}
	return false, nil
}

// again waits until another subscription can be had, or returns the error if none can. One that is refused because another is there, or the consumer is
// not active yet, can be had later; one that came to its end, at once, but for the five seconds.
func (s *subscription) again(ctx context.Context, began time.Time, err error) error {
	if err == nil {
		_ = sleep(ctx, resubscribe-time.Since(began)) // that ctx ended is seen by the next one
		return nil
	}
	if _, inUse := errors.AsType[*types.ResourceInUseException](err); inUse {
		_ = sleep(ctx, jitter(maxReadPause))
		return nil
	}
	return s.cursor.retry(ctx, err)
}

// starting is the cursor's place as a subscription names it.
func (c *cursor) starting() *types.StartingPosition {
	input := c.iteratorInput()
	return &types.StartingPosition{Type: input.ShardIteratorType, SequenceNumber: input.StartingSequenceNumber, Timestamp: input.Timestamp}
}
