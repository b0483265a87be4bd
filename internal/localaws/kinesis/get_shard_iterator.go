package kinesis

import (
	"context"
	"time"

	"weir/internal/localaws/wire"
)

// GetShardIterator gives a place in a shard, of each of AWS's five types. LATEST is the place behind the newest record at the time of
// the call; AT_TIMESTAMP that of the first record that arrived at or after the time, to the millisecond.
//
// A time in the future is refused, and so is a sequence number that the shard never gave. One that was trimmed stands for the oldest
// record that is kept, and the StartingSequenceNumber that ListShards tells for the beginning of the shard.
//
// Deviations: DryRun is not looked at.

type getShardIteratorInput struct {
	streamRef
	ShardId                *string
	ShardIteratorType      *string
	StartingSequenceNumber *string
	Timestamp              *wire.Time
}

type getShardIteratorOutput struct{ ShardIterator string }

// K7: A shard gives five iterators a second (API reference, GetShardIterator)
func (s *Service) getShardIterator(_ context.Context, in *getShardIteratorInput) (*getShardIteratorOutput, error) {
	if in.ShardId == nil {
		return nil, missing("shardId")
	}
	if in.ShardIteratorType == nil {
		return nil, missing("shardIteratorType")
	}
	st, err := s.findActive(in.streamRef)
	if err != nil {
		return nil, err
	}
	sh, err := s.findShard(st, *in.ShardId)
	if err != nil {
		return nil, err
	}
	now := s.now()
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.throttle != nil && !sh.throttle.iterators.Take(now.mono, 1) {
		return nil, s.rateExceeded(st, sh)
	}
	s.expire(st, sh, now.wall)
	index, err := s.place(in, st, sh, now.wall)
	if err != nil {
		return nil, err
	}
	it := newIterator(st, sh, index, now.wall)
	sh.readers.note(it.chain, index, now.wall)
	return &getShardIteratorOutput{s.token(it)}, nil
}

// place is the index that a request names. The shard is locked.
//
// K9: AT_TIMESTAMP begins at the first record that arrived at or after the time, to the millisecond; LATEST behind the newest at the time of the call (API reference, GetShardIterator)
func (s *Service) place(in *getShardIteratorInput, st *stream, sh *shard, now time.Time) (uint64, error) {
	switch kind := *in.ShardIteratorType; kind {
	case "TRIM_HORIZON":
		return sh.log.first, nil
	case "LATEST":
		return sh.log.next, nil
	case "AT_TIMESTAMP":
		if in.Timestamp == nil {
			return 0, wire.NewError("InvalidArgumentException", "Must either specify timestamp for iterator type AT_TIMESTAMP.")
		}
		ms := int64(*in.Timestamp)
		if ms > now.UnixMilli() {
			return 0, wire.NewError("InvalidArgumentException", "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: %d, currentTimestampInMillis: %d", ms, now.UnixMilli())
		}
		return sh.log.since(max(0, ms)), nil
	case "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER":
		if in.StartingSequenceNumber == nil {
			return 0, wire.NewError("InvalidArgumentException", "Must specify a sequence number for iterator type %s.", kind)
		}
		index, ok := sh.indexOf(*in.StartingSequenceNumber)
		if !ok {
			return 0, wire.NewError("InvalidArgumentException",
				"StartingSequenceNumber %s used in GetShardIterator on shard %s in stream %s under account %s is invalid because it did not come from this stream.",
				*in.StartingSequenceNumber, sh.id, st.name, s.config.Account)
		}
		if kind == "AFTER_SEQUENCE_NUMBER" {
			index++
		}
		return index, nil
	default:
		return 0, invalid("shardIteratorType", kind, "Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]")
	}
}

func (s *Service) rateExceeded(st *stream, sh *shard) *wire.Error {
	return wire.NewError(throughputExceeded, "Rate exceeded for shard %s in stream %s under account %s.", sh.id, st.name, s.config.Account)
}
