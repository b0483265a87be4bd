package dynamodb

import (
	"context"

	"weir/internal/localaws/dynamodb/attribute"
)

// PutItem stores a whole item in place of the one with its key, under a condition if it has one.

type putItemInput struct {
	writeParameters
	Item attribute.Given
}

func (s *Service) putItem(_ context.Context, in *putItemInput) (*writeOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := in.checkReplacing(); err != nil {
		return nil, err
	}
	condition, err := in.condition()
	if err != nil {
		return nil, err
	}
	t, err := s.table(in.TableName)
	if err != nil {
		return nil, err
	}
	item, at, err := t.item(in.Item)
	if err != nil {
		return nil, err
	}
	return in.replace(t, at, condition, item)
}
