package kinesis

import (
	"context"
	"time"

	"weir/internal/localaws/wire"
)

// DescribeStreamSummary tells what a stream is.
//
// Deviations: there is no encryption, and what is monitored is told and not measured. Records are kept for the retention told or until the memory
// bound (see Config), whichever comes first.

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

	RecordDistributionStrategy string
}

type monitoring struct{ ShardLevelMetrics []string }

func (s *Service) describeStreamSummary(_ context.Context, in *streamRef) (*describeStreamSummaryOutput, error) {
	st, err := s.find(*in)
	if err != nil {
		return nil, err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return &describeStreamSummaryOutput{streamSummary{
		StreamName: st.name, StreamARN: st.arn, StreamStatus: st.status(time.Now()), StreamModeDetails: streamMode{st.mode},
		RetentionPeriodHours: int(st.retention.Load()), StreamCreationTimestamp: wire.Time(st.created.UnixMilli()),
		EnhancedMonitoring: []monitoring{{st.metrics}}, EncryptionType: "NONE", OpenShardCount: len(st.lineage.Load().open),
		ConsumerCount: len(st.consumers.list()), MaxRecordSizeInKiB: int(st.maxRecord.Load() / kib), RecordDistributionStrategy: "USER_PARTITION_KEY",
	}}, nil
}
