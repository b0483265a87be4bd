package kinesis

import "context"

// RemoveTagsFromStream takes tags from a stream. One that it does not have is passed over.

type removeTagsFromStreamInput struct {
	streamRef
	TagKeys []string
}

func (s *Service) removeTagsFromStream(_ context.Context, in *removeTagsFromStreamInput) (*empty, error) {
	if len(in.TagKeys) == 0 {
		return nil, missing("tagKeys")
	}
	st, err := s.find(in.streamRef)
	if err != nil {
		return nil, err
	}
	st.tags.remove(in.TagKeys)
	return &empty{}, nil
}
