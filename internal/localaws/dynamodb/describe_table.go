package dynamodb

import (
	"context"
	"time"
)

// DescribeTable shows a table in any state. Its item count and size are exact and up to date.

type describeTableInput struct{ TableName string }

type describeTableOutput struct{ Table *tableDescription }

func (s *Service) describeTable(_ context.Context, in *describeTableInput) (*describeTableOutput, error) {
	t, err := s.existing(in.TableName)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return &describeTableOutput{t.describe(time.Now())}, nil
}
