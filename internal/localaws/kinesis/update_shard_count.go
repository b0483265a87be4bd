package kinesis

import (
	"context"
	"slices"
	"strconv"
	"time"

	"weir/internal/localaws/wire"
	"weir/limits"
)

// UpdateShardCount gives a stream another number of shards, of equal ranges: at most double, at least half, and ten times a day. The stream is
// UPDATING for Config.CreateDelay.
//
// Deviations: the shards change at once. They are split at the new bounds and then merged, which gives equal ranges always; AWS does not say which
// shards it makes in between, and may make others. There is no quota of shards an account.

type updateShardCountInput struct {
	streamRef
	TargetShardCount *int
	ScalingType      *string
}

type updateShardCountOutput struct {
	StreamName, StreamARN               string
	CurrentShardCount, TargetShardCount int
}

const (
	uniformScaling = "UNIFORM_SCALING"
	scalingsADay   = 10 // a rolling day and stream (API reference, UpdateShardCount)
)

func (s *Service) updateShardCount(_ context.Context, in *updateShardCountInput) (*updateShardCountOutput, error) {
	switch {
	case in.TargetShardCount == nil:
		return nil, missing("targetShardCount")
	case in.ScalingType == nil:
		return nil, missing("scalingType")
	case *in.ScalingType != uniformScaling:
		return nil, invalid("scalingType", *in.ScalingType, "Member must satisfy enum value set: ["+uniformScaling+"]")
	case *in.TargetShardCount < 1:
		return nil, invalid("targetShardCount", strconv.Itoa(*in.TargetShardCount), "Member must have value greater than or equal to 1")
	}
	var out *updateShardCountOutput
	_, err := s.reshape(in.streamRef, func(st *stream, now time.Time) error {
		current := len(st.lineage.Load().open)
		if err := s.mayScale(st, current, *in.TargetShardCount, now); err != nil {
			return err
		}
		s.scale(st, *in.TargetShardCount, now)
		st.scaled = append(st.scaled, now)
		out = &updateShardCountOutput{StreamName: st.name, StreamARN: st.arn, CurrentShardCount: current, TargetShardCount: *in.TargetShardCount}
		return nil
	})
	return out, err
}

// mayScale is what forbids to scale a stream. It is locked.
//
// K15: A stream is scaled to double at most, to half at least, and ten times in a rolling day (API reference, UpdateShardCount)
func (s *Service) mayScale(st *stream, current, target int, now time.Time) error {
	if err := s.provisioned(st, "UpdateShardCount"); err != nil {
		return err
	}
	st.scaled = slices.DeleteFunc(st.scaled, func(t time.Time) bool { return now.Sub(t) >= 24*time.Hour })
	refused := func(why string) error {
		return wire.NewError("LimitExceededException", "UpdateShardCount cannot %s. Current open shard count: %d, Target shard count: %d", why, current, target)
	}
	switch {
	case target > limits.ScaledShards:
		return refused("scale a stream over " + strconv.Itoa(limits.ScaledShards) + " shards")
	case target > 2*current:
		return refused("scale up over double your current open shard count")
	case 2*target < current:
		return refused("scale down below half your current open shard count")
	case len(st.scaled) >= scalingsADay:
		return wire.NewError("LimitExceededException",
			"Operation UpdateShardCount for stream %s under account %s was called %d times in the last 24 hours, which is its limit.", st.name, s.config.Account, scalingsADay)
	}
	return nil
}
