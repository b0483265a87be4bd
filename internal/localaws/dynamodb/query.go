package dynamodb

import (
	"context"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/dynamodb/expression"
)

// Query reads the items with one hash key, in the order of their sort keys or against it, in pages: by a key condition, a
// filter and a projection, or by the parameters that these replaced. A page ends at Limit items or at 1 MB, both counted before the filter.

type queryInput struct {
	readParameters
	KeyConditionExpression *string
	ScanIndexForward       *bool

	KeyConditions, QueryFilter map[string]attributeCondition
}

func (s *Service) query(_ context.Context, in *queryInput) (*readOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := in.checkMixed(named{"QueryFilter", in.QueryFilter != nil}, in.KeyConditions != nil, in.KeyConditionExpression != nil); err != nil {
		return nil, err
	}
	if in.KeyConditionExpression == nil && in.KeyConditions == nil {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	t, err := s.table(in.TableName)
	if err != nil {
		return nil, err
	}
	v, err := t.view(in.IndexName)
	if err != nil {
		return nil, err
	}
	if err := v.checkReading(&in.readParameters); err != nil {
		return nil, err
	}
	condition, r, err := in.expressions(v)
	if err != nil {
		return nil, err
	}
	asked, err := v.schema.span(condition)
	if err != nil {
		return nil, err
	}
	forward := in.ScanIndexForward == nil || *in.ScanIndexForward
	left, err := in.after(v, asked, forward)
	if err != nil {
		return nil, err
	}
	return in.answer(v, left, forward, r)
}

func (in *queryInput) expressions(v view) (*expression.KeyCondition, reader, error) {
	scope, err := expression.NewScope(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return nil, reader{}, err
	}
	condition, err := in.keyCondition(scope, v.schema)
	if err != nil {
		return nil, reader{}, err
	}
	r, err := in.readParameters.expressions(scope, "queryFilter", in.QueryFilter)
	if err != nil {
		return nil, reader{}, err
	}
	for _, k := range v.schema.attributes() {
		if r.filter.Uses(k.name) {
			filter := "Filter Expression"
			if in.FilterExpression == nil {
				filter = "QueryFilter"
			}
			return nil, reader{}, invalid("%s can only contain non-primary key attributes: Primary key attribute: %s", filter, k.name)
		}
	}
	return condition, r, scope.Close()
}

// keyCondition reads the request's, by either of its parameters.
func (in *queryInput) keyCondition(scope *expression.Scope, keys schema) (*expression.KeyCondition, error) {
	c, err := scope.KeyCondition("KeyConditionExpression", in.KeyConditionExpression, keys.hash.name, keys.sort.name)
	if c != nil || err != nil {
		return c, err
	}
	return legacyKeyCondition(in.KeyConditions, keys)
}

// after is what is left of a span after the request's ExclusiveStartKey, which has to lie in it.
func (in *queryInput) after(v view, s span, forward bool) (span, error) {
	at, ok, err := in.start(v)
	if !ok || err != nil {
		return s, err
	}
	if at.pk != s.from.pk {
		return s, invalid("The provided starting key is outside query boundaries based on provided conditions")
	}
	if !s.holds(at) {
		return s, invalid("The provided starting key does not match the range key predicate")
	}
	if forward {
		s.from = at.next()
	} else {
		s.to = at
	}
	return s, nil
}

// span is the range of places that a key condition asks for. It needs no comparison of values: a place's order sorts as
// the sort key does.
func (s schema) span(c *expression.KeyCondition) (span, error) {
	pk, err := conditionText(s.hash, c.Hash)
	if err != nil {
		return span{}, err
	}
	asked := span{from: startOf(pk), to: endOf(pk)}
	if c.Sort.Operator == "" {
		return asked, nil
	}
	low, err := conditionText(s.sort, c.Sort.Value)
	if err != nil {
		return span{}, err
	}
	at := asked.from
	at.order = low
	switch c.Sort.Operator {
	case "=":
		asked.from, asked.to = at, at.next()
	case "<":
		asked.to = at
	case "<=":
		asked.to = at.next()
	case ">":
		asked.from = at.next()
	case ">=":
		asked.from = at
	case "BETWEEN":
		upper := at
		if upper.order, err = conditionText(s.sort, c.Sort.Upper); err != nil {
			return span{}, err
		}
		asked.from, asked.to = at, upper.next()
	case "begins_with":
		asked.from = at
		if end, ok := afterPrefix(low); ok {
			at.order = end
			asked.to = at
		}
	}
	return asked, nil
}

func conditionText(k keyAttribute, v attribute.Value) (string, error) {
	if v.Type() != k.kind {
		return "", invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
	}
	text, _ := attribute.SortKey(v)
	if text == "" {
		return "", invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: %s", k.name)
	}
	return text, nil
}

// afterPrefix is the first text after all those with a prefix; there is none if the prefix is all 0xFF.
func afterPrefix(prefix string) (string, bool) {
	end := []byte(prefix)
	for len(end) > 0 && end[len(end)-1] == 0xFF {
		end = end[:len(end)-1]
	}
	if len(end) == 0 {
		return "", false
	}
	end[len(end)-1]++
	return string(end), true
}
