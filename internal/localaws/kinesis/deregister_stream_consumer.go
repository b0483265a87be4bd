package kinesis

import (
	"context"
	"slices"
)

// DeregisterStreamConsumer takes a consumer from its stream, and ends its subscriptions.
//
// Deviations: it is gone at once, and never DELETING. There is no quota of calls.

func (s *Service) deregisterStreamConsumer(_ context.Context, in *consumerRef) (*empty, error) {
	c, err := s.findConsumer(*in)
	if err != nil {
		return nil, err
	}
	all := &c.stream.consumers
	all.mu.Lock()
	defer all.mu.Unlock()
	if i := slices.Index(all.all, c); i >= 0 {
		all.all = slices.Delete(all.all, i, i+1)
		c.end()
	}
	return &empty{}, nil
}
