package kinesis

import (
	"context"
	"math/rand/v2"
	"time"

	"weir/internal/localaws/wire"
)

// SubscribeToShard sends a consumer the records of a shard as they arrive, for five minutes or to the end of a closed shard. Each consumer gets 2 MiB
// a second of each shard. A second subscription within five seconds of the last is refused; a later one ends the last, which hears ResourceInUseException.
//
// Deviations: an event holds up to 1 MiB. Where nothing arrives, an empty event comes every five seconds, which AWS does not say.

type subscribeToShardInput struct {
	ConsumerARN      *string
	ShardId          *string
	StartingPosition *startingPosition
}

type startingPosition struct {
	Type           *string
	SequenceNumber *string
	Timestamp      *wire.Time
}

// Resource is the name of the stream.
func (in subscribeToShardInput) Resource() string {
	return consumerRef{ConsumerARN: in.ConsumerARN}.Resource()
}

func (s *Service) subscribeToShard(_ context.Context, in *subscribeToShardInput) (wire.Send, error) {
	switch {
	case in.ConsumerARN == nil:
		return nil, missing("consumerARN")
	case in.ShardId == nil:
		return nil, missing("shardId")
	case in.StartingPosition == nil:
		return nil, missing("startingPosition")
	case in.StartingPosition.Type == nil:
		return nil, missing("startingPosition.type")
	}
	c, err := s.findConsumer(consumerRef{ConsumerARN: in.ConsumerARN})
	if err != nil {
		return nil, err
	}
	sh, err := s.findShard(c.stream, *in.ShardId)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if c.status(now.wall) != active {
		return nil, wire.NewError("ResourceInUseException", "Consumer %s is not ACTIVE, instead in state %s", c.arn, creating)
	}
	push := &push{service: s, consumer: c, shard: sh, chain: rand.Uint64(), propagation: drawn(s.config.FanOut)}
	if push.index, err = s.begin(c.stream, sh, in.StartingPosition, now.wall); err != nil {
		return nil, err
	}
	var what outcome
	switch push.subscription, what = c.subscribe(sh, now.wall, s.config.Limits); what {
	case throttled:
		return nil, wire.NewError("ResourceInUseException", "Another active subscription exists for this consumer: %s", c.arn)
	case gone:
		return nil, wire.NewError("ResourceNotFoundException", "Consumer %s under account %s not found.", c.arn, s.config.Account)
	}
	return push.run, nil
}

// begin is the index at which a subscription begins.
func (s *Service) begin(st *stream, sh *shard, at *startingPosition, now time.Time) (uint64, error) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	s.expire(st, sh, now)
	return s.place(&getShardIteratorInput{ShardIteratorType: at.Type, StartingSequenceNumber: at.SequenceNumber, Timestamp: at.Timestamp}, st, sh, now)
}
