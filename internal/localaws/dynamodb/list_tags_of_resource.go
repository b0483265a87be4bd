package dynamodb

import "context"

// ListTagsOfResource shows the tags of a table, all in one page.

type listTagsOfResourceInput struct{ ResourceArn, NextToken string }

type listTagsOfResourceOutput struct{ Tags []tag }

func (s *Service) listTagsOfResource(_ context.Context, in *listTagsOfResourceInput) (*listTagsOfResourceOutput, error) {
	t, err := s.existing(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return &listTagsOfResourceOutput{append([]tag{}, t.tags...)}, nil
}
