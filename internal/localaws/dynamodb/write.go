package dynamodb

import (
	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/dynamodb/expression"
)

// writeParameters are what PutItem, UpdateItem and DeleteItem share.
type writeParameters struct {
	TableName                           string
	ConditionExpression                 *string
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           attribute.Given
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
	ReturnConsumedCapacity              string
	// ReturnItemCollectionMetrics asks for figures that only tables with local secondary indexes have.
	ReturnItemCollectionMetrics string

	Expected            map[string]expectedAttribute
	ConditionalOperator string
}

// writeOutput is what PutItem, UpdateItem and DeleteItem answer.
type writeOutput struct {
	Attributes       attribute.Map     `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

func (in *writeParameters) check() error {
	if err := checkReturnConsumedCapacity(in.ReturnConsumedCapacity); err != nil {
		return err
	}
	if err := oneOf("returnItemCollectionMetrics", in.ReturnItemCollectionMetrics, "SIZE", "NONE"); err != nil {
		return err
	}
	if err := oneOf("returnValuesOnConditionCheckFailure", in.ReturnValuesOnConditionCheckFailure, "ALL_OLD", "NONE"); err != nil {
		return err
	}
	return oneOf("returnValues", in.ReturnValues, "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")
}

// checkReplacing refuses the return values that only an update has.
func (in *writeParameters) checkReplacing() error {
	if in.ReturnValues != "" && in.ReturnValues != "NONE" && in.ReturnValues != "ALL_OLD" {
		return invalid("Return values set to invalid value")
	}
	return nil
}

// condition reads the condition of a write that has no other expression.
func (in *writeParameters) condition() (*expression.Condition, error) {
	legacy, expressions := in.conditionParameters()
	if err := checkMixed(legacy, expressions); err != nil {
		return nil, err
	}
	expected, err := in.expected()
	if err != nil {
		return nil, err
	}
	scope, err := expression.NewScope(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return nil, err
	}
	condition, err := scope.Condition("ConditionExpression", in.ConditionExpression)
	if err != nil {
		return nil, err
	}
	if condition == nil {
		condition = expected
	}
	return condition, scope.Close()
}

// conditionParameters are the names of those that the request gives, of before there were expressions and of expressions.
func (in *writeParameters) conditionParameters() (legacy, expressions []string) {
	legacy = given(named{"Expected", in.Expected != nil}, named{"ConditionalOperator", in.ConditionalOperator != ""})
	return legacy, given(named{"ConditionExpression", in.ConditionExpression != nil})
}

// replace puts an item in place of the one that is there, nil to remove it, if that one meets the condition.
func (in *writeParameters) replace(t *table, at place, condition *expression.Condition, by *stored) (*writeOutput, error) {
	old, _, c, err := t.write(at, func(old *stored) (*stored, error) {
		if !condition.Holds(old.attributes()) {
			return by, in.conditionFailed(old)
		}
		return by, nil
	})
	if err != nil {
		return nil, err
	}
	out := &writeOutput{ConsumedCapacity: t.consume(c, in.ReturnConsumedCapacity)}
	if in.ReturnValues == "ALL_OLD" {
		out.Attributes = old.attributes()
	}
	return out, nil
}

// key checks the key that a request gives, and finds its place.
func (t *table) key(given attribute.Given) (attribute.Map, place, error) {
	key, err := given.Map()
	if err != nil {
		return nil, place{}, err
	}
	if given.Absent() {
		return nil, place{}, invalid("1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must not be null")
	}
	at, err := t.schema.ofKey(key)
	return key, at, err
}

// item checks the item that a request gives, and finds its place.
func (t *table) item(given attribute.Given) (*stored, place, error) {
	item, err := given.Map()
	if err != nil {
		return nil, place{}, err
	}
	if given.Absent() {
		return nil, place{}, invalid("1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null")
	}
	at, err := t.schema.ofItem(item)
	if err != nil {
		return nil, place{}, err
	}
	s := newStored(item)
	return s, at, checkSize(s.size, "")
}
