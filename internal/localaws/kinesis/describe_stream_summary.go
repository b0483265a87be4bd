package kinesis

import (
	"context"

	"weir/internal/localaws/wire"
)

// DescribeStreamSummary tells what a stream is.
//
// Deviations: there are no consumers, and neither encryption nor enhanced monitoring; the retention told is AWS's default, while
// records are kept until the memory bound (see Config).

type describeStreamSummaryOutput struct{ StreamDescriptionSummary streamSummary }

type streamSummary struct {
	StreamName              string
	StreamARN               string
	StreamStatus            string
	StreamModeDetails       streamMode
	RetentionPeriodHours    int
	StreamCreationTimestamp wire.Time
	EnhancedMonitoring      []monitoring
	EncryptionType          string
	OpenShardCount          int
	ConsumerCount           int
	MaxRecordSizeInKiB      int
}

type monitoring struct{ ShardLevelMetrics []string }

func (s *Service) describeStreamSummary(_ context.Context, in *streamRef) (*describeStreamSummaryOutput, error) {
	st, err := s.find(*in)
	if err != nil {
		return nil, err
	}
	return &describeStreamSummaryOutput{streamSummary{
		StreamName: st.name, StreamARN: st.arn, StreamStatus: st.status(), StreamModeDetails: streamMode{st.mode},
		RetentionPeriodHours: retentionHours, StreamCreationTimestamp: wire.Time(st.created.UnixMilli()),
		EnhancedMonitoring: []monitoring{{[]string{}}}, EncryptionType: "NONE", OpenShardCount: len(st.shards),
		MaxRecordSizeInKiB: maxRecordKiB,
	}}, nil
}
