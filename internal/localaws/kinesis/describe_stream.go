package kinesis

import (
	"context"
	"time"

	"weir/internal/localaws/wire"
)

// DescribeStream tells what a stream is, with its shards by the page; it is what older clients ask.
//
// Deviations: as DescribeStreamSummary's. No limit of calls.

type describeStreamInput struct {
	streamRef
	Limit                 *int
	ExclusiveStartShardId *string
}

type describeStreamOutput struct{ StreamDescription streamDescription }

type streamDescription struct {
	StreamName              string
	StreamARN               string
	StreamStatus            string
	StreamModeDetails       streamMode
	Shards                  []shardDescription
	HasMoreShards           bool
	RetentionPeriodHours    int
	StreamCreationTimestamp wire.Time
	EnhancedMonitoring      []monitoring
	EncryptionType          string
}

// describeShards is how many shards a page holds at most (API reference, DescribeStream).
const describeShards = 100

func (s *Service) describeStream(_ context.Context, in *describeStreamInput) (*describeStreamOutput, error) {
	st, err := s.find(in.streamRef)
	if err != nil {
		return nil, err
	}
	limit, err := bounded("limit", in.Limit, describeShards, maxPage)
	if err != nil {
		return nil, err
	}
	after := ""
	if in.ExclusiveStartShardId != nil {
		after = *in.ExclusiveStartShardId
	}
	now := time.Now()
	shards, more := st.describe(after, min(limit, describeShards), keptSince(st.horizon(now)))
	st.mu.Lock()
	defer st.mu.Unlock()
	return &describeStreamOutput{streamDescription{
		StreamName: st.name, StreamARN: st.arn, StreamStatus: st.status(now), StreamModeDetails: streamMode{st.mode},
		Shards: shards, HasMoreShards: more, RetentionPeriodHours: int(st.retention.Load()),
		StreamCreationTimestamp: wire.Time(st.created.UnixMilli()), EnhancedMonitoring: []monitoring{{st.metrics}}, EncryptionType: "NONE",
	}}, nil
}
