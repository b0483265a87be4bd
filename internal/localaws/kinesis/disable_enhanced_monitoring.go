package kinesis

import (
	"context"
	"slices"
)

// DisableEnhancedMonitoring takes back what EnableEnhancedMonitoring asked for.

func (s *Service) disableEnhancedMonitoring(_ context.Context, in *monitoringInput) (*monitoringOutput, error) {
	return s.monitor(in, func(now, named []string) []string {
		return slices.DeleteFunc(slices.Clone(now), func(metric string) bool { return slices.Contains(named, metric) })
	})
}
