package kinesis

import "context"

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
	limit, err := bounded("limit", in.Limit, maxTags, maxTags)
	if err != nil {
		return nil, err
	}
	st, err := s.find(in.streamRef)
	if err != nil {
		return nil, err
	}
	tags, more := st.tags.page(in.ExclusiveStartTagKey, limit)
	return &listTagsForStreamOutput{tags, more}, nil
}
