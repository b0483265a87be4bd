package dynamodb

import (
	"cmp"
	"context"
	"slices"
)

// UntagResource takes tags from a table.

type untagResourceInput struct {
	ResourceArn string
	TagKeys     []string
}

func (s *Service) untagResource(_ context.Context, in *untagResourceInput) (*nothing, error) {
	return &nothing{}, s.retag(in.ResourceArn, func(tags map[string]string) {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
	})
}

// retag changes a table's tags.
func (s *Service) retag(arn string, change func(tags map[string]string)) error {
	t, err := s.existing(arn)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	tags := make(map[string]string)
	for _, given := range t.tags {
		tags[given.Key] = given.Value
	}
	change(tags)
	t.tags = nil
	for key, value := range tags {
		t.tags = append(t.tags, tag{key, value})
	}
	slices.SortFunc(t.tags, func(a, b tag) int { return cmp.Compare(a.Key, b.Key) })
	return nil
}
