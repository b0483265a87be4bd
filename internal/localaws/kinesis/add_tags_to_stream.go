package kinesis

import "context"

// AddTagsToStream gives a stream tags, in place of those of the same keys.

type addTagsToStreamInput struct {
	streamRef
	Tags map[string]string
}

func (s *Service) addTagsToStream(_ context.Context, in *addTagsToStreamInput) (*empty, error) {
	if len(in.Tags) == 0 {
		return nil, missing("tags")
	}
	st, err := s.find(in.streamRef)
	if err != nil {
		return nil, err
	}
	return &empty{}, st.tags.add(in.Tags)
}
