package dynamodb

import (
	"context"

	"weir/internal/localaws/dynamodb/attribute"
)

// DeleteItem removes the item with a key, under a condition if it has one. An item that is not there is removed as well,
// for one unit.

type deleteItemInput struct {
	writeParameters
	Key attribute.Given
}

func (s *Service) deleteItem(_ context.Context, in *deleteItemInput) (*writeOutput, error) {
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
	_, at, err := t.key(in.Key)
	if err != nil {
		return nil, err
	}
	return in.replace(t, at, condition, nil)
}
