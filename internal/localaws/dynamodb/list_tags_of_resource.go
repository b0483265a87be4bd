package dynamodb

import "context"

// ListTagsOfResource shows the tags that a table was created with, all in one page. TagResource and UntagResource are not
// served.

type listTagsOfResourceInput struct{ ResourceArn, NextToken string }

type listTagsOfResourceOutput struct{ Tags []tag }

func (s *Service) listTagsOfResource(_ context.Context, in *listTagsOfResourceInput) (*listTagsOfResourceOutput, error) {
	t, err := s.existing(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &listTagsOfResourceOutput{append([]tag{}, t.tags...)}, nil
}
