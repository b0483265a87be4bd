package kinesis

import (
	"context"
	"slices"
	"time"

	"weir/internal/localaws/wire"
)

// RegisterStreamConsumer registers a consumer for enhanced fan-out, which is CREATING for Config.CreateDelay and then ACTIVE.
//
// Deviations: tags are taken and forgotten. There is no quota of calls.

type registerStreamConsumerInput struct {
	StreamARN    *string
	ConsumerName *string
}

func (in registerStreamConsumerInput) Resource() string {
	return streamRef{StreamARN: in.StreamARN}.Resource()
}

type registerStreamConsumerOutput struct{ Consumer describedConsumer }

const (
	consumersAStream    = 20 // registered at once; 50 for accounts with on-demand advantage ("Quotas and limits")
	consumersInCreation = 5  // at once (API reference, RegisterStreamConsumer)
)

func (s *Service) registerStreamConsumer(_ context.Context, in *registerStreamConsumerInput) (*registerStreamConsumerOutput, error) {
	switch {
	case in.StreamARN == nil:
		return nil, missing("streamARN")
	case in.ConsumerName == nil:
		return nil, missing("consumerName")
	case !streamNamePattern.MatchString(*in.ConsumerName):
		return nil, invalid("consumerName", *in.ConsumerName, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	}
	st, err := s.findActive(streamRef{StreamARN: in.StreamARN})
	if err != nil {
		return nil, err
	}
	now := time.Now()
	c := &consumer{
		stream: st, name: *in.ConsumerName, arn: st.consumerARN(*in.ConsumerName, now), created: now, active: now.Add(s.config.CreateDelay),
		subscriptions: make(map[*shard]*subscription),
	}
	if err := s.register(c, now); err != nil {
		return nil, err
	}
	return &registerStreamConsumerOutput{c.describe(now)}, nil
}

// register adds a consumer to its stream, if it may be there.
//
// K26: A stream has up to 20 consumers, of which five are in creation at once (API reference, RegisterStreamConsumer)
func (s *Service) register(c *consumer, now time.Time) error {
	all := &c.stream.consumers
	all.mu.Lock()
	defer all.mu.Unlock()
	inCreation := 0
	for _, other := range all.all {
		if other.status(now) == creating {
			inCreation++
		}
	}
	switch {
	case slices.ContainsFunc(all.all, func(other *consumer) bool { return other.name == c.name }):
		return wire.NewError("ResourceInUseException", "Consumer %s under stream %s already exists for account %s.", c.name, c.stream.name, s.config.Account)
	case len(all.all) >= consumersAStream:
		return wire.NewError("LimitExceededException", "Stream %s under account %s has %d consumers, which is its limit.", c.stream.name, s.config.Account, consumersAStream)
	case inCreation >= consumersInCreation:
		return wire.NewError("LimitExceededException", "Stream %s under account %s has %d consumers in creation, which is its limit.", c.stream.name, s.config.Account, consumersInCreation)
	}
	all.all = append(all.all, c)
	return nil
}
