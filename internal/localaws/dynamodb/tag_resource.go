package dynamodb

import "context"

// TagResource gives a table tags, in place of those of the same keys.

type tagResourceInput struct {
	ResourceArn string
	Tags        []tag
}

type nothing struct{}

func (s *Service) tagResource(_ context.Context, in *tagResourceInput) (*nothing, error) {
	return &nothing{}, s.retag(in.ResourceArn, func(tags map[string]string) {
		for _, t := range in.Tags {
			tags[t.Key] = t.Value
		}
	})
}
