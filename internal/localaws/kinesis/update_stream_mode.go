package kinesis

import (
	"context"
	"time"
)

// UpdateStreamMode makes a provisioned stream on-demand, or the other way round; it keeps its shards. The stream is UPDATING for Config.CreateDelay.
//
// Deviations: as often as one likes, and not twice a day; the limits of its shards stay, and it does not grow; warm throughput is not looked at.

type updateStreamModeInput struct {
	StreamARN         *string
	StreamModeDetails *streamMode
}

func (in updateStreamModeInput) Resource() string {
	return streamRef{StreamARN: in.StreamARN}.Resource()
}

func (s *Service) updateStreamMode(_ context.Context, in *updateStreamModeInput) (*empty, error) {
	switch {
	case in.StreamARN == nil:
		return nil, missing("streamARN")
	case in.StreamModeDetails == nil:
		return nil, missing("streamModeDetails")
	case in.StreamModeDetails.StreamMode != provisioned && in.StreamModeDetails.StreamMode != onDemand:
		return nil, invalid("streamModeDetails.streamMode", in.StreamModeDetails.StreamMode, "Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]")
	}
	return s.reshape(streamRef{StreamARN: in.StreamARN}, func(st *stream, _ time.Time) error {
		st.mode = in.StreamModeDetails.StreamMode
		return nil
	})
}
