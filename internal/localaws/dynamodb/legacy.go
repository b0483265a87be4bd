package dynamodb

import (
	"maps"
	"slices"
	"strings"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/internal/localaws/dynamodb/expression"
)

// Expected and AttributeUpdates are the parameters that expressions replaced. The Kinesis Client Library writes its leases with them, in its
// versions 2 and 3 as well (DynamoDBLeaseSerializer of awslabs/amazon-kinesis-client).

// expectedAttribute is what Expected asks of one attribute: an operator with values, or a value, or that it is not there.
type expectedAttribute struct {
	Value              attribute.GivenValue
	Exists             *bool
	ComparisonOperator string
	AttributeValueList []attribute.GivenValue
}

// attributeUpdate is what AttributeUpdates does to one attribute.
type attributeUpdate struct {
	Value  attribute.GivenValue
	Action string
}

// arity is how many values an operator takes, at least and at most.
type arity struct{ least, most int }

// operators are those of Expected; never written to. IN takes 100 in expressions, and no other bound is documented here.
var operators = map[string]arity{
	"EQ": {1, 1}, "NE": {1, 1}, "LE": {1, 1}, "LT": {1, 1}, "GE": {1, 1}, "GT": {1, 1}, "CONTAINS": {1, 1}, "NOT_CONTAINS": {1, 1},
	"BEGINS_WITH": {1, 1}, "BETWEEN": {2, 2}, "IN": {1, 100}, "NULL": {0, 0}, "NOT_NULL": {0, 0},
}

// operatorTypes are the types of values of the operators that do not take all; never written to.
var operatorTypes = map[string]string{
	"LE": "S N B", "LT": "S N B", "GE": "S N B", "GT": "S N B", "BETWEEN": "S N B", "IN": "S N B", "BEGINS_WITH": "S B", "CONTAINS": "S N B", "NOT_CONTAINS": "S N B",
}

// expected reads Expected; nil where the request does not have it.
func (in *writeParameters) expected() (*expression.Condition, error) {
	if err := oneOf("conditionalOperator", in.ConditionalOperator, "AND", "OR"); err != nil {
		return nil, err
	}
	if len(in.Expected) == 0 {
		if in.ConditionalOperator != "" {
			return nil, invalid("ConditionalOperator cannot be used without Filter or Expected")
		}
		return nil, nil
	}
	if in.ConditionalOperator != "" && len(in.Expected) < 2 {
		return nil, invalid("ConditionalOperator can only be used when Filter or Expected has two or more elements")
	}
	var tests []expression.Test
	for _, name := range slices.Sorted(maps.Keys(in.Expected)) {
		test, err := in.Expected[name].test(name)
		if err != nil {
			return nil, err
		}
		tests = append(tests, test)
	}
	return expression.Legacy(tests, in.ConditionalOperator == "OR"), nil
}

// test is what is asked of the attribute of a name.
func (e expectedAttribute) test(name string) (expression.Test, error) {
	bad := func(text string) (expression.Test, error) {
		return expression.Test{}, invalid("One or more parameter values were invalid: %s for Attribute: %s", text, name)
	}
	value, err := e.Value.Value()
	if err != nil {
		return expression.Test{}, err
	}
	switch {
	case value != nil && e.AttributeValueList != nil:
		return bad("Value and AttributeValueList cannot be used together")
	case e.ComparisonOperator != "" && e.Exists != nil:
		return bad("Exists and ComparisonOperator cannot be used together")
	case e.ComparisonOperator != "":
		return e.compare(name)
	case e.AttributeValueList != nil:
		return bad("AttributeValueList can only be used with a ComparisonOperator")
	case e.Exists != nil && !*e.Exists && value != nil:
		return bad("Value cannot be used when Exists is false")
	case e.Exists != nil && !*e.Exists:
		return expression.Test{Attribute: name, Operator: "NULL"}, nil
	case value == nil && e.Exists != nil:
		return bad("Value must be provided when Exists is true")
	case value == nil:
		return bad("Value must be provided when Exists is null")
	}
	return expression.Test{Attribute: name, Operator: "EQ", Values: []attribute.Value{value}}, nil
}

func (e expectedAttribute) compare(name string) (expression.Test, error) {
	test := expression.Test{Attribute: name, Operator: e.ComparisonOperator}
	values, known := operators[test.Operator]
	if !known {
		return test, oneOf("expected."+name+".member.comparisonOperator", test.Operator, slices.Sorted(maps.Keys(operators))...)
	}
	given := e.AttributeValueList
	if given == nil && e.Value.Given() {
		given = []attribute.GivenValue{e.Value}
	}
	if given == nil && values.least > 0 {
		return test, invalid("One or more parameter values were invalid: Value or AttributeValueList must be used with ComparisonOperator: %s for Attribute: %s", test.Operator, name)
	}
	if len(given) < values.least || values.most < len(given) {
		return test, invalid("One or more parameter values were invalid: Invalid number of argument(s) for the %s ComparisonOperator", test.Operator)
	}
	for _, g := range given {
		v, err := g.Value()
		if err != nil {
			return test, err
		}
		if types, some := operatorTypes[test.Operator]; some && !slices.Contains(strings.Fields(types), string(v.Type())) {
			return test, invalid("One or more parameter values were invalid: ComparisonOperator %s is not valid for %s AttributeValue type", test.Operator, v.Type())
		}
		test.Values = append(test.Values, v)
	}
	return test, nil
}

// attributeUpdates reads AttributeUpdates.
func (in *updateItemInput) attributeUpdates() (*expression.Update, error) {
	var changes []expression.Change
	for _, name := range slices.Sorted(maps.Keys(in.AttributeUpdates)) {
		change, err := in.AttributeUpdates[name].change(name)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return expression.LegacyUpdate(changes), nil
}

func (u attributeUpdate) change(name string) (c expression.Change, err error) {
	c = expression.Change{Attribute: name, Action: u.Action}
	if c.Action == "" {
		c.Action = "PUT"
	}
	if err := oneOf("attributeUpdates."+name+".member.action", c.Action, "ADD", "DELETE", "PUT"); err != nil {
		return c, err
	}
	if c.Value, err = u.Value.Value(); err != nil {
		return c, err
	}
	if c.Value == nil {
		if c.Action != "DELETE" {
			return c, invalid("One or more parameter values were invalid: Only DELETE action is allowed when no attribute value is specified")
		}
		return c, nil
	}
	_, isSet := c.Value.(attribute.Set)
	if c.Action == "PUT" || isSet || (c.Action == "ADD" && c.Value.Type() == attribute.TypeNumber) {
		return c, nil
	}
	return c, invalid("One or more parameter values were invalid: %s action is not supported for the type %s", c.Action, c.Value.Type())
}

// checkMixed refuses expressions beside the parameters that they replaced.
func checkMixed(legacy, expressions []string) error {
	if len(legacy) == 0 || len(expressions) == 0 {
		return nil
	}
	return invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {%s} Expression parameters: {%s}",
		strings.Join(legacy, ", "), strings.Join(expressions, ", "))
}
