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

// operators are those of all conditions before there were expressions; never written to. IN takes 100 in expressions, and no other bound is documented here.
var operators = map[string]arity{
	"EQ": {1, 1}, "NE": {1, 1}, "LE": {1, 1}, "LT": {1, 1}, "GE": {1, 1}, "GT": {1, 1}, "CONTAINS": {1, 1}, "NOT_CONTAINS": {1, 1},
	"BEGINS_WITH": {1, 1}, "BETWEEN": {2, 2}, "IN": {1, 100}, "NULL": {0, 0}, "NOT_NULL": {0, 0},
}

// operatorTypes are the types of values of the operators that do not take all; never written to.
var operatorTypes = map[string]string{
	"LE": "S N B", "LT": "S N B", "GE": "S N B", "GT": "S N B", "BETWEEN": "S N B", "IN": "S N B", "BEGINS_WITH": "S B", "CONTAINS": "S N B BOOL", "NOT_CONTAINS": "S N B BOOL",
}

// expected reads Expected; nil where the request does not have it.
func (in *writeParameters) expected() (*expression.Condition, error) {
	return legacyCondition(in.Expected, in.ConditionalOperator, expectedAttribute.test)
}

// legacyCondition is the one on all of the attributes that a parameter names, or on any of them; nil where it names none.
func legacyCondition[T any](given map[string]T, operator string, test func(given T, name string) (expression.Test, error)) (*expression.Condition, error) {
	if err := oneOf("conditionalOperator", operator, "AND", "OR"); err != nil {
		return nil, err
	}
	switch {
	case operator != "" && len(given) == 0:
		return nil, invalid("ConditionalOperator cannot be used without Filter or Expected")
	case operator != "" && len(given) < 2:
		return nil, invalid("ConditionalOperator can only be used when Filter or Expected has two or more elements")
	case len(given) == 0:
		return nil, nil
	}
	tests, err := legacyTests(given, test)
	if err != nil {
		return nil, err
	}
	return expression.Legacy(tests, operator == "OR"), nil
}

// legacyTests is what a parameter asks of each attribute, in the order of their names.
func legacyTests[T any](given map[string]T, test func(given T, name string) (expression.Test, error)) (tests []expression.Test, err error) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if name == "" {
			return nil, invalid("Empty attribute name")
		}
		t, err := test(given[name], name)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	return tests, nil
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
	given := e.AttributeValueList
	if given == nil && e.Value.Given() {
		given = []attribute.GivenValue{e.Value}
	}
	if values, known := operators[e.ComparisonOperator]; known && given == nil && values.least > 0 {
		return expression.Test{}, invalid("One or more parameter values were invalid: Value or AttributeValueList must be used with ComparisonOperator: %s for Attribute: %s", e.ComparisonOperator, name)
	}
	return compare("expected", name, e.ComparisonOperator, given)
}

// compare is the test of an attribute that a parameter asks for by an operator with values.
func compare(parameter, name, operator string, given []attribute.GivenValue) (expression.Test, error) {
	test := expression.Test{Attribute: name, Operator: operator}
	values, known := operators[operator]
	if !known {
		return test, oneOf(parameter+"."+name+".member.comparisonOperator", operator, slices.Sorted(maps.Keys(operators))...)
	}
	if len(given) < values.least || values.most < len(given) {
		return test, invalid("One or more parameter values were invalid: Invalid number of argument(s) for the %s ComparisonOperator", operator)
	}
	for _, g := range given {
		v, err := g.Value()
		if err != nil {
			return test, err
		}
		if types, some := operatorTypes[operator]; some && !slices.Contains(strings.Fields(types), string(v.Type())) {
			return test, invalid("One or more parameter values were invalid: ComparisonOperator %s is not valid for %s AttributeValue type", operator, v.Type())
		}
		if len(test.Values) > 0 && v.Type() != test.Values[0].Type() {
			return test, invalid("One or more parameter values were invalid: AttributeValues inside AttributeValueList must be of same type")
		}
		test.Values = append(test.Values, v)
	}
	if operator == "BETWEEN" {
		if order, _ := attribute.Compare(test.Values[0], test.Values[1]); order > 0 {
			return test, invalid("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
		}
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

// named is a parameter of a request, and whether it has it.
type named struct {
	name  string
	given bool
}

// given is the names of those that the request has.
func given(parameters ...named) (names []string) {
	for _, p := range parameters {
		if p.given {
			names = append(names, p.name)
		}
	}
	return names
}

// checkMixed refuses expressions beside the parameters that they replaced.
func checkMixed(legacy, expressions []string) error {
	if len(legacy) == 0 || len(expressions) == 0 {
		return nil
	}
	return invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {%s} Expression parameters: {%s}",
		strings.Join(legacy, ", "), strings.Join(expressions, ", "))
}
