package dynamodb

import (
	"context"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/dynamodb/expression"
)

// GetItem reads an item by its key, whole or by a projection, or by AttributesToGet. Every read is consistent; ConsistentRead only sets what it
// costs.

type getItemInput struct {
	TableName                string
	Key                      attribute.Given
	ProjectionExpression     *string
	ExpressionAttributeNames map[string]string
	ConsistentRead           bool
	ReturnConsumedCapacity   string

	AttributesToGet []string
}

type getItemOutput struct {
	Item             attribute.Map     `json:",omitzero"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

func (s *Service) getItem(_ context.Context, in *getItemInput) (*getItemOutput, error) {
	projection, err := in.read()
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
	found := t.get(at)
	c, err := t.charge(at, found, in.ConsistentRead)
	if err != nil {
		return nil, err
	}
	return &getItemOutput{Item: projection.Of(found.attributes()), ConsumedCapacity: t.consume(c, in.ReturnConsumedCapacity)}, nil
}

func (in *getItemInput) read() (*expression.Projection, error) {
	if err := checkMixed(given(named{"AttributesToGet", in.AttributesToGet != nil}), given(named{"ProjectionExpression", in.ProjectionExpression != nil})); err != nil {
		return nil, err
	}
	if err := checkReturnConsumedCapacity(in.ReturnConsumedCapacity); err != nil {
		return nil, err
	}
	scope, err := expression.NewScope(in.ExpressionAttributeNames, attribute.Given{})
	if err != nil {
		return nil, err
	}
	projection, err := projectionOf(scope, in.ProjectionExpression, in.AttributesToGet)
	if err != nil {
		return nil, err
	}
	return projection, scope.Close()
}
