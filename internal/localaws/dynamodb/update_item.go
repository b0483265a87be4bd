package dynamodb

import (
	"context"
	"slices"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/dynamodb/expression"
)

// UpdateItem changes an item by an update expression or by AttributeUpdates, or makes one of its key and the update, under a condition if
// it has one. Without an update it makes the item if it is not there; AttributeUpdates that only delete make none. UPDATED_OLD and UPDATED_NEW
// return the parts of attributes that the expression touches. AWS does not say so: dynalite does, whose tests were run against AWS.

type updateItemInput struct {
	writeParameters
	Key              attribute.Given
	UpdateExpression *string

	AttributeUpdates map[string]attributeUpdate
}

func (s *Service) updateItem(_ context.Context, in *updateItemInput) (*writeOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	update, condition, err := in.expressions()
	if err != nil {
		return nil, err
	}
	t, err := s.table(in.TableName)
	if err != nil {
		return nil, err
	}
	key, at, err := t.key(in.Key)
	if err != nil {
		return nil, err
	}
	for _, name := range update.Names() {
		if t.schema.isKey(name) {
			return nil, invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
		}
	}
	old, now, c, err := t.write(at, func(old *stored) (*stored, error) {
		now, err := updated(old, key, update)
		if !condition.Holds(old.attributes()) {
			return now, in.conditionFailed(old)
		}
		return now, err
	})
	if err != nil {
		return nil, err
	}
	return &writeOutput{in.returned(update, old, now), t.consume(c, in.ReturnConsumedCapacity)}, nil
}

func (in *updateItemInput) expressions() (*expression.Update, *expression.Condition, error) {
	legacy, expressions := in.conditionParameters()
	if in.AttributeUpdates != nil {
		legacy = slices.Insert(legacy, 0, "AttributeUpdates")
	}
	if in.UpdateExpression != nil {
		expressions = slices.Insert(expressions, 0, "UpdateExpression")
	}
	if err := checkMixed(legacy, expressions); err != nil {
		return nil, nil, err
	}
	if legacy != nil {
		return in.beforeExpressions()
	}
	scope, err := expression.NewScope(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return nil, nil, err
	}
	update, err := scope.Update("UpdateExpression", in.UpdateExpression)
	if err != nil {
		return nil, nil, err
	}
	condition, err := scope.Condition("ConditionExpression", in.ConditionExpression)
	if err != nil {
		return nil, nil, err
	}
	return update, condition, scope.Close()
}

// beforeExpressions reads the parameters that expressions replaced.
func (in *updateItemInput) beforeExpressions() (update *expression.Update, condition *expression.Condition, err error) {
	if len(in.AttributeUpdates) > 0 {
		if update, err = in.attributeUpdates(); err != nil {
			return nil, nil, err
		}
	}
	condition, err = in.condition()
	return update, condition, err
}

func updated(old *stored, key attribute.Map, update *expression.Update) (*stored, error) {
	before := old.attributes()
	if before == nil && update.MakesNone() {
		return nil, nil
	}
	if before == nil {
		before = key
	}
	after, err := update.Apply(before)
	if err != nil {
		return nil, err
	}
	now := newStored(after)
	return now, checkSize(now.size, "to update ")
}

// returned is what ReturnValues asks for.
func (in *updateItemInput) returned(update *expression.Update, old, now *stored) attribute.Map {
	switch in.ReturnValues {
	case "ALL_OLD":
		return old.attributes()
	case "ALL_NEW":
		return now.attributes()
	case "UPDATED_OLD":
		return update.Touched(old.attributes())
	case "UPDATED_NEW":
		return update.Touched(now.attributes())
	}
	return nil
}
