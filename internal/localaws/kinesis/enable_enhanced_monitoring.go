package kinesis

import (
	"context"
	"slices"
	"strings"
	"time"
)

// EnableEnhancedMonitoring has metrics of a stream's shards told by DescribeStream. The stream is UPDATING for Config.CreateDelay.
//
// Deviations: there is no CloudWatch to send them to.

type monitoringInput struct {
	streamRef
	ShardLevelMetrics []string
}

type monitoringOutput struct {
	StreamName, StreamARN                              string
	CurrentShardLevelMetrics, DesiredShardLevelMetrics []string
}

const allMetrics = "ALL"

var shardMetrics = []string{
	"IncomingBytes", "IncomingRecords", "IteratorAgeMilliseconds", "OutgoingBytes", "OutgoingRecords",
	"ReadProvisionedThroughputExceeded", "WriteProvisionedThroughputExceeded",
}

func (s *Service) enableEnhancedMonitoring(_ context.Context, in *monitoringInput) (*monitoringOutput, error) {
	return s.monitor(in, func(now, named []string) []string {
		all := slices.Concat(now, named)
		slices.Sort(all)
		return slices.Compact(all)
	})
}

// monitor changes which metrics of its shards a stream is asked for.
func (s *Service) monitor(in *monitoringInput, change func(now, named []string) []string) (*monitoringOutput, error) {
	if len(in.ShardLevelMetrics) == 0 {
		return nil, missing("shardLevelMetrics")
	}
	named := in.ShardLevelMetrics
	for _, metric := range named {
		if metric == allMetrics {
			named = shardMetrics
		} else if !slices.Contains(shardMetrics, metric) {
			return nil, invalid("shardLevelMetrics", "["+strings.Join(in.ShardLevelMetrics, ", ")+"]",
				"Member must satisfy constraint: [Member must satisfy enum value set: ["+strings.Join(shardMetrics, ", ")+", "+allMetrics+"]]")
		}
	}
	var out *monitoringOutput
	_, err := s.reshape(in.streamRef, func(st *stream, _ time.Time) error {
		out = &monitoringOutput{StreamName: st.name, StreamARN: st.arn, CurrentShardLevelMetrics: st.metrics, DesiredShardLevelMetrics: change(st.metrics, named)}
		st.metrics = out.DesiredShardLevelMetrics
		return nil
	})
	return out, err
}
