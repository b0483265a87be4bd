package kinesis

import (
	"context"

	"weir/internal/localaws/wire"
)

// ListTagsForStream lists the tags of a stream in the order of their keys.

type listTagsForStreamInput struct {
	streamRef
	ExclusiveStartTagKey string
	Limit                *int
}

type listTagsForStreamOutput struct {
	Tags        []tag
	HasMoreTags bool
}

type tag struct{ Key, Value string }

func (s *Service) listTagsForStream(_ context.Context, in *listTagsForStreamInput) (*listTagsForStreamOutput, error) {
	limit := maxTags
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > maxTags {
		return nil, wire.NewError("ValidationException", "1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and %d", limit, maxTags)
	}
	st, err := s.find(in.streamRef)
	if err != nil {
		return nil, err
	}
	tags, more := st.tags.page(in.ExclusiveStartTagKey, limit)
	return &listTagsForStreamOutput{tags, more}, nil
}
