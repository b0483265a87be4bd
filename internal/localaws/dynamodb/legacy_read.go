package dynamodb

import (
	"slices"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/dynamodb/expression"
)

// KeyConditions, QueryFilter, ScanFilter and AttributesToGet are the parameters that expressions replaced in reads (API reference, Query and Scan;
// developer guide, "Legacy conditional parameters"). They become the same conditions and projections.

// attributeCondition is what KeyConditions or a filter asks of one attribute.
type attributeCondition struct {
	ComparisonOperator string
	AttributeValueList []attribute.GivenValue
}

// testOf makes tests of the conditions in a parameter.
func testOf(parameter string) func(attributeCondition, string) (expression.Test, error) {
	return func(c attributeCondition, name string) (expression.Test, error) {
		if c.ComparisonOperator == "" {
			return expression.Test{}, invalid("1 validation error detected: Value null at '%s.%s.member.comparisonOperator' failed to satisfy constraint: Member must not be null", parameter, name)
		}
		return compare(parameter, name, c.ComparisonOperator, c.AttributeValueList)
	}
}

// legacyKeyCondition reads KeyConditions.
func legacyKeyCondition(given map[string]attributeCondition, keys schema) (*expression.KeyCondition, error) {
	if len(given) < 1 || len(given) > 2 {
		return nil, invalid("Conditions can be of length 1 or 2 only")
	}
	tests, err := legacyTests(given, testOf("keyConditions"))
	if err != nil {
		return nil, err
	}
	return expression.LegacyKeyCondition(tests, keys.hash.name, keys.sort.name)
}

// attributesToGet reads AttributesToGet; nil where the request does not have it.
func attributesToGet(names []string) (*expression.Projection, error) {
	if names == nil {
		return nil, nil
	}
	if len(names) == 0 {
		return nil, invalid("1 validation error detected: Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length greater than or equal to 1")
	}
	for i, name := range names {
		if name == "" {
			return nil, invalid("Empty attribute name")
		}
		if slices.Contains(names[:i], name) {
			return nil, invalid("One or more parameter values were invalid: Duplicate value in attribute name: %s", name)
		}
	}
	return expression.Top(names), nil
}

// projectionOf reads that of a request, by either of its parameters.
func projectionOf(scope *expression.Scope, text *string, names []string) (*expression.Projection, error) {
	p, err := scope.Projection("ProjectionExpression", text)
	if p != nil || err != nil {
		return p, err
	}
	return attributesToGet(names)
}
