package kinesis

import (
	"context"
	"time"

	"weir/internal/localaws/wire"
)

// IncreaseStreamRetentionPeriod has a stream keep its records for longer: up to a year. The stream is UPDATING for Config.CreateDelay.
//
// Deviations: records go earlier where the memory bound says so; see Config.

type retentionInput struct {
	streamRef
	RetentionPeriodHours *int
}

func (s *Service) increaseStreamRetentionPeriod(_ context.Context, in *retentionInput) (*empty, error) {
	return s.retain(in, func(st *stream, hours int) error {
		if now := int(st.retention.Load()); hours < now {
			return wire.NewError("InvalidArgumentException",
				"Requested retention period (%d hours) for stream %s can not be shorter than existing retention period (%d hours). Use DecreaseRetentionPeriod API.", hours, st.name, now)
		}
		return nil
	})
}

// retain sets a stream's retention, unless may forbids it. The stream is locked there.
func (s *Service) retain(in *retentionInput, may func(st *stream, hours int) error) (*empty, error) {
	if in.RetentionPeriodHours == nil {
		return nil, missing("retentionPeriodHours")
	}
	hours := *in.RetentionPeriodHours
	switch {
	case hours < defaultRetentionHours:
		return nil, wire.NewError("InvalidArgumentException", "Minimum allowed retention period is %d hours. Requested retention period (%d hours) is too short.", defaultRetentionHours, hours)
	case hours > mostRetentionHours:
		return nil, wire.NewError("InvalidArgumentException", "Maximum allowed retention period is %d hours. Requested retention period (%d hours) is too long.", mostRetentionHours, hours)
	}
	return s.reshape(in.streamRef, func(st *stream, _ time.Time) error {
		if err := may(st, hours); err != nil {
			return err
		}
		st.retention.Store(int64(hours))
		return nil
	})
}
