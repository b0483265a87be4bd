package expression

import (
	"fmt"

	"weir/internal/localaws/dynamodb/attribute"
)

// KeyCondition is a key condition expression: a condition that names one value of the hash key, and at most one range of
// the sort key.
//
//	key condition = hash [ AND sort ] | sort AND hash
//	hash          = name "=" :value
//	sort          = name ( "=" | "<" | "<=" | ">" | ">=" ) :value | name BETWEEN :value AND :value
//	              | begins_with "(" name "," :value ")"
//
// Parts may stand in parentheses, and a comparison may have its value first.
type KeyCondition struct {
	Hash attribute.Value
	// Sort is the condition on the sort key; its operator is empty where there is none.
	Sort SortCondition
}

// SortCondition compares the sort key with one value, or with two.
type SortCondition struct {
	// Operator is one of =, <, <=, >, >=, BETWEEN and begins_with.
	Operator string
	// Value is what it compares with, the lower bound for BETWEEN.
	Value attribute.Value
	// Upper is the upper bound for BETWEEN, included.
	Upper attribute.Value
}

// keyPart is a condition on one attribute.
type keyPart struct {
	name string
	SortCondition
}

// KeyCondition reads the key condition in a request's parameter, for a table with these keys; sort is empty where the
// table has no sort key.
func (s *Scope) KeyCondition(parameter string, text *string, hash, sort string) (*KeyCondition, error) {
	c, err := s.Condition(parameter, text)
	if c == nil || err != nil {
		return nil, err
	}
	parts, err := keyParts(c.root)
	if err != nil {
		return nil, err
	}
	return keyCondition(parts, hash, sort)
}

// keyCondition is what its parts are together.
func keyCondition(parts []keyPart, hash, sort string) (*KeyCondition, error) {
	byName := map[string]SortCondition{}
	for _, part := range parts {
		if _, twice := byName[part.name]; twice {
			return nil, attribute.Invalid("KeyConditionExpressions must only contain one condition per key")
		}
		byName[part.name] = part.SortCondition
	}
	onHash, ok := byName[hash]
	if !ok {
		return nil, attribute.Invalid("Query condition missed key schema element: " + hash)
	}
	if onHash.Operator != "=" {
		return nil, attribute.Invalid("Query key condition not supported")
	}
	onSort, ok := byName[sort]
	if len(parts) > 1 && !ok {
		return nil, attribute.Invalid("Query condition missed key schema element: " + sort)
	}
	if len(parts) > 2 {
		return nil, attribute.Invalid("Conditions can be of length 1 or 2 only")
	}
	return &KeyCondition{Hash: onHash.Value, Sort: onSort}, nil
}

func keyParts(c condition) ([]keyPart, error) {
	switch c := c.(type) {
	case both:
		left, err := keyParts(c.a)
		if err != nil {
			return nil, err
		}
		right, err := keyParts(c.b)
		return append(left, right...), err
	case comparison:
		return keyComparison(c)
	case between:
		return newKeyPart("BETWEEN", c.of, c.low, c.high)
	case beginsWith:
		return newKeyPart("begins_with", c.of, c.prefix)
	}
	return nil, attribute.Invalid("Invalid operator used in KeyConditionExpression: " + operatorOf(c))
}

func keyComparison(c comparison) ([]keyPart, error) {
	if c.operator == "<>" {
		return nil, attribute.Invalid("Invalid operator used in KeyConditionExpression: <>")
	}
	if _, valueFirst := c.left.(literal); valueFirst {
		turned := map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
		return newKeyPart(turned[c.operator], c.right, c.left)
	}
	return newKeyPart(c.operator, c.left, c.right)
}

func newKeyPart(operator string, of operand, with ...operand) ([]keyPart, error) {
	path, ok := of.(Path)
	if _, nested := of.(size); nested {
		return nil, attribute.Invalid("KeyConditionExpressions cannot contain nested operations")
	}
	if !ok {
		return nil, attribute.Invalid("Invalid condition in KeyConditionExpression: No key attribute specified")
	}
	if len(path) > 1 {
		return nil, attribute.Invalid(fmt.Sprintf("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: %s", path.Attribute()))
	}
	values := make([]attribute.Value, 2)
	for i, o := range with {
		switch o := o.(type) {
		case literal:
			values[i] = o.Value
		case Path:
			return nil, attribute.Invalid("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
		default:
			return nil, attribute.Invalid("KeyConditionExpressions cannot contain nested operations")
		}
	}
	return []keyPart{{path.Attribute(), SortCondition{operator, values[0], values[1]}}}, nil
}

// operatorOf names a condition that has no place in a key condition.
func operatorOf(c condition) string {
	switch c := c.(type) {
	case either:
		return "OR"
	case negated:
		if _, ok := c.of.(exists); ok {
			return "attribute_not_exists"
		}
		return "NOT"
	case oneOf:
		return "IN"
	case exists:
		return "attribute_exists"
	case typeIs:
		return "attribute_type"
	}
	return "contains"
}
