package kinesis

import "context"

// DescribeLimits tells the quota of shards and how many are open, and the same of on-demand streams.
//
// Deviations: the quotas are AWS's largest defaults ("Quotas and limits"), and nothing holds anybody to them.

type describeLimitsOutput struct {
	ShardLimit, OpenShardCount                    int
	OnDemandStreamCount, OnDemandStreamCountLimit int
}

const onDemandStreams = 50

func (s *Service) describeLimits(_ context.Context, _ *empty) (*describeLimitsOutput, error) {
	out := &describeLimitsOutput{ShardLimit: maxShards, OnDemandStreamCountLimit: onDemandStreams}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, st := range s.streams {
		st.mu.Lock()
		if st.mode == onDemand {
			out.OnDemandStreamCount++
		} else {
			out.OpenShardCount += len(st.lineage.Load().open)
		}
		st.mu.Unlock()
	}
	return out, nil
}
