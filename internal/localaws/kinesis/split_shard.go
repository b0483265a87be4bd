package kinesis

import (
	"context"
	"time"

	"weir/internal/localaws/wire"
)

// SplitShard puts two shards in the place of one: the second begins at a hash key. The stream is UPDATING for Config.CreateDelay.
//
// Deviations: the parent closes, and the children open, at once. There is no quota of calls.

// K13: A shard is split at a key that leaves each child more than one, above its first plus one and below its last (API reference, SplitShard; the words are those that kinesalite's tests saw in AWS)
type splitShardInput struct {
	streamRef
	ShardToSplit       *string
	NewStartingHashKey *string
}

func (s *Service) splitShard(_ context.Context, in *splitShardInput) (*empty, error) {
	switch {
	case in.ShardToSplit == nil:
		return nil, missing("shardToSplit")
	case in.NewStartingHashKey == nil:
		return nil, missing("newStartingHashKey")
	case !hashKeyPattern.MatchString(*in.NewStartingHashKey):
		return nil, invalid("newStartingHashKey", *in.NewStartingHashKey, `Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})`)
	}
	at, err := parseHashKey(*in.NewStartingHashKey)
	if err != nil {
		return nil, err
	}
	return s.reshape(in.streamRef, func(st *stream, now time.Time) error {
		if err := s.provisioned(st, "SplitShard"); err != nil {
			return err
		}
		sh, i, err := s.openShard(st, *in.ShardToSplit)
		if err != nil {
			return err
		}
		if before(at).Cmp(sh.start) <= 0 || at.Cmp(sh.end) >= 0 {
			return wire.NewError("InvalidArgumentException",
				"NewStartingHashKey %s used in SplitShard() on shard %s in stream %s under account %s is not both greater than one plus the shard's StartingHashKey %s and less than the shard's EndingHashKey %s.",
				at, sh.id, st.name, s.config.Account, sh.start, sh.end)
		}
		s.split(st, i, at, now)
		return nil
	})
}
