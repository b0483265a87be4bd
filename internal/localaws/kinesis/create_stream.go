package kinesis

import (
	"context"

	"weir/internal/localaws/wire"
)

// CreateStream makes a stream, which is CREATING for Config.CreateDelay and then ACTIVE.
//
// Deviations: an on-demand stream has four shards and keeps them; there is no quota of shards or streams; warm throughput is taken and forgotten. The tag
// weir:other-readers gives the stream other readers, see [limits.OtherReaders].

type createStreamInput struct {
	StreamName        *string
	ShardCount        *int
	StreamModeDetails *streamMode
	Tags              map[string]string

	MaxRecordSizeInKiB *int
}

func (in createStreamInput) Resource() string { return streamRef{StreamName: in.StreamName}.Resource() }

// K25: A new on-demand stream has four shards (Developer Guide, "Choose the right mode to stream in")
type streamMode struct{ StreamMode string }

type empty struct{}

const (
	onDemand       = "ON_DEMAND"
	provisioned    = "PROVISIONED"
	onDemandShards = 4
	maxShards      = 20000
)

// K24: A new stream is CREATING, and cannot be found by who puts and reads until it is ACTIVE (API reference, CreateStream)
func (s *Service) createStream(_ context.Context, in *createStreamInput) (*empty, error) {
	if in.StreamName == nil {
		return nil, missing("streamName")
	}
	name := *in.StreamName
	if !streamNamePattern.MatchString(name) {
		return nil, invalid("streamName", name, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	}
	maxRecord, err := recordBytes(in.MaxRecordSizeInKiB)
	if err != nil {
		return nil, err
	}
	mode, shards, err := in.capacity()
	if err != nil {
		return nil, err
	}
	others, err := otherReaders(in.Tags)
	if err != nil {
		return nil, err
	}
	st := s.newStream(name, mode, shards, maxRecord, others)
	if err := st.tags.add(in.Tags); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[name] != nil {
		return nil, wire.NewError("ResourceInUseException", "Stream %s under account %s already exists.", name, s.config.Account)
	}
	s.streams[name] = st
	return &empty{}, nil
}

func (in *createStreamInput) capacity() (mode string, shards int, err error) {
	mode = provisioned
	if in.StreamModeDetails != nil {
		mode = in.StreamModeDetails.StreamMode
	}
	if mode != provisioned && mode != onDemand {
		return "", 0, invalid("streamModeDetails.streamMode", mode, "Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]")
	}
	if mode == onDemand {
		if in.ShardCount != nil {
			return "", 0, wire.NewError("ValidationException", "ShardCount is not supported for streams in ON_DEMAND mode.")
		}
		return onDemand, onDemandShards, nil
	}
	if in.ShardCount == nil {
		return "", 0, wire.NewError("ValidationException", "ShardCount is required for streams in PROVISIONED mode.")
	}
	if *in.ShardCount < 1 {
		return "", 0, wire.NewError("ValidationException",
			"1 validation error detected: Value '%d' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1", *in.ShardCount)
	}
	if *in.ShardCount > maxShards {
		return "", 0, wire.NewError("LimitExceededException", "This request would exceed the shard limit of %d shards.", maxShards)
	}
	return provisioned, *in.ShardCount, nil
}
