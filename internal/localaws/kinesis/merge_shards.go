package kinesis

import (
	"context"
	"time"

	"weir/internal/localaws/wire"
)

// MergeShards puts one shard in the place of two whose hash ranges are adjacent. The stream is UPDATING for Config.CreateDelay.
//
// Deviations: the parents close, and the child opens, at once. There is no quota of calls.

// K14: Two shards are merged if their ranges of hash keys are adjacent (API reference, MergeShards)
type mergeShardsInput struct {
	streamRef
	ShardToMerge         *string
	AdjacentShardToMerge *string
}

func (s *Service) mergeShards(_ context.Context, in *mergeShardsInput) (*empty, error) {
	switch {
	case in.ShardToMerge == nil:
		return nil, missing("shardToMerge")
	case in.AdjacentShardToMerge == nil:
		return nil, missing("adjacentShardToMerge")
	}
	return s.reshape(in.streamRef, func(st *stream, now time.Time) error {
		if err := s.provisioned(st, "MergeShards"); err != nil {
			return err
		}
		_, i, err := s.openShard(st, *in.ShardToMerge)
		if err != nil {
			return err
		}
		_, j, err := s.openShard(st, *in.AdjacentShardToMerge)
		if err != nil {
			return err
		}
		if i-j != 1 && j-i != 1 {
			return wire.NewError("InvalidArgumentException", "Shards %s and %s in stream %s under account %s are not an adjacent pair of shards eligible for merging",
				*in.ShardToMerge, *in.AdjacentShardToMerge, st.name, s.config.Account)
		}
		s.merge(st, min(i, j), now)
		return nil
	})
}
