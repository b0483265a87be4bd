package expression

import (
	"slices"
	"strings"

	"weir/internal/localaws/dynamodb/attribute"
)

// Test is a condition on one attribute as the parameters write it that expressions replaced (developer guide, "Legacy conditional
// parameters"). Its operator is one of theirs, and the number of its values the operator's.
type Test struct {
	Attribute, Operator string
	Values              []attribute.Value
}

// Legacy is the condition that all tests hold, or any of them. There is at least one.
func Legacy(tests []Test, anyHolds bool) *Condition {
	c := &Condition{root: tests[0].condition()}
	for _, t := range tests[1:] {
		if anyHolds {
			c.root = either{c.root, t.condition()}
		} else {
			c.root = both{c.root, t.condition()}
		}
	}
	for _, t := range tests {
		c.paths = append(c.paths, top(t.Attribute))
	}
	return c
}

// comparators are the operators of expressions that legacy ones stand for; never written to.
var comparators = map[string]string{"EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}

func (t *Test) condition() condition {
	path := top(t.Attribute)
	values := make([]operand, len(t.Values))
	for i, v := range t.Values {
		values[i] = literal{v}
	}
	switch t.Operator {
	case "NULL":
		return negated{exists{path}}
	case "NOT_NULL":
		return exists{path}
	case "CONTAINS":
		return contains{path, values[0]}
	case "NOT_CONTAINS":
		return both{exists{path}, negated{contains{path, values[0]}}} // of what is not there it is not said
	case "BEGINS_WITH":
		return beginsWith{path, values[0]}
	case "IN":
		return oneOf{path, values}
	case "BETWEEN":
		return between{path, values[0], values[1]}
	}
	return comparison{comparators[t.Operator], path, values[0]}
}

// LegacyKeyCondition is the key condition that the tests are together, for a table with these keys; see [Scope.KeyCondition].
func LegacyKeyCondition(tests []Test, hash, sort string) (*KeyCondition, error) {
	var parts []keyPart
	for _, t := range tests {
		part, ok := t.keyPart()
		if !ok {
			return nil, attribute.Invalid("Attempted conditional constraint is not an indexable operation")
		}
		parts = append(parts, part)
	}
	return keyCondition(parts, hash, sort)
}

// keyPart is the test as a part of a key condition, if it can be one.
func (t *Test) keyPart() (part keyPart, ok bool) {
	part = keyPart{name: t.Attribute}
	switch t.Operator {
	case "EQ", "LT", "LE", "GT", "GE":
		part.Operator = comparators[t.Operator]
	case "BETWEEN":
		part.Operator, part.Upper = t.Operator, t.Values[1]
	case "BEGINS_WITH":
		part.Operator = "begins_with"
	default:
		return part, false
	}
	part.Value = t.Values[0]
	return part, true
}

// Change is what AttributeUpdates does to one attribute: PUT, ADD, or DELETE, whose value may be nil.
type Change struct {
	Attribute, Action string
	Value             attribute.Value
}

// LegacyUpdate is the update that makes all changes.
func LegacyUpdate(changes []Change) *Update {
	u := &Update{makesNone: true}
	for _, c := range slices.SortedFunc(slices.Values(changes), func(a, b Change) int { return strings.Compare(a.Attribute, b.Attribute) }) {
		path := top(c.Attribute)
		u.names = append(u.names, c.Attribute)
		u.makesNone = u.makesNone && c.Action == "DELETE"
		set, _ := c.Value.(attribute.Set)
		switch {
		case c.Action == "ADD":
			u.assignments = append(u.assignments, assignment{path, legacySource{added{path, c.Value}}})
		case c.Action == "PUT":
			u.assignments = append(u.assignments, assignment{path, literal{c.Value}})
		case c.Value != nil:
			u.assignments = append(u.assignments, assignment{path, legacySource{deleted{path, set}}})
		default:
			u.removals = append(u.removals, path)
		}
	}
	u.touched = Top(u.names)
	return u
}

// legacySource words a value of the wrong type as AttributeUpdates does.
type legacySource struct{ source }

func (s legacySource) from(item attribute.Map) (attribute.Value, error) {
	v, err := s.source.from(item)
	if err == errOperandType {
		return nil, attribute.Invalid("Type mismatch for attribute to update")
	}
	return v, err
}

func top(name string) Path { return Path{{name, notIndex}} }
