package kinesis

import (
	"context"

	"weir/internal/localaws/wire"
)

// DecreaseStreamRetentionPeriod has a stream keep its records for less long: for a day at least. What is older can be read no more. The stream
// is UPDATING for Config.CreateDelay.

func (s *Service) decreaseStreamRetentionPeriod(_ context.Context, in *retentionInput) (*empty, error) {
	return s.retain(in, func(st *stream, hours int) error {
		if now := int(st.retention.Load()); hours > now {
			return wire.NewError("InvalidArgumentException",
				"Requested retention period (%d hours) for stream %s can not be longer than existing retention period (%d hours). Use IncreaseRetentionPeriod API.", hours, st.name, now)
		}
		return nil
	})
}
