package expression

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"weir/internal/localaws/dynamodb/attribute"
)

// operand is what a condition compares.
type operand interface {
	// eval is the operand's value for an item, nil if it has none.
	eval(item attribute.Map) attribute.Value
}

// literal is a value that the request gives.
type literal struct{ attribute.Value }

// size is the function of that name: characters of a string, bytes of a binary, members of anything else that has some.
type size struct{ of operand }

func (p Path) eval(item attribute.Map) attribute.Value { return p.in(item) }

func (l literal) eval(attribute.Map) attribute.Value { return l.Value }

func (s size) eval(item attribute.Map) attribute.Value {
	n := 0
	switch v := s.of.eval(item).(type) {
	case attribute.String:
		n = utf8.RuneCountInString(string(v))
	case attribute.Binary:
		n = len(v)
	case attribute.List:
		n = len(v)
	case attribute.Map:
		n = len(v)
	case attribute.Set:
		n = v.Len()
	default:
		return nil
	}
	return attribute.Number(strconv.Itoa(n))
}

// literal reads the value that a placeholder stands for.
func (p *parser) literal() literal {
	t := p.expect(value)
	if t.kind != value {
		return literal{attribute.Null{}}
	}
	p.scope.usedValues[t.text] = true
	v, ok := p.scope.values[t.text]
	if !ok {
		p.refuse("An expression attribute value used in expression is not defined; attribute value: %s", t.text)
		return literal{attribute.Null{}}
	}
	return literal{v}
}

// staticType is the type that an operand has whatever the item is, empty where it depends on the item.
func staticType(o any) attribute.Type {
	switch o := o.(type) {
	case literal:
		return o.Type()
	case size, sum:
		return attribute.TypeNumber
	case listAppend:
		return attribute.TypeList
	}
	return ""
}

// wantType refuses an operand whose type is known and is none of those that an operator or function takes.
func (p *parser) wantType(operator string, o any, types ...attribute.Type) {
	static := staticType(o)
	if static == "" {
		return
	}
	if slices.Contains(types, static) {
		return
	}
	p.refuse("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", operator, static)
}

// wantPath gives the document path that an operand is, and refuses any other.
func (p *parser) wantPath(function string, o any) Path {
	path, ok := o.(Path)
	if !ok {
		p.refuse("Operator or function requires a document path; operator or function: %s", function)
	}
	return path
}

// distinct refuses an operand that is compared with itself.
func (p *parser) distinct(operator string, first operand, rest ...operand) {
	path, ok := first.(Path)
	if !ok {
		return
	}
	for _, o := range rest {
		if other, ok := o.(Path); ok && path.String() == other.String() {
			p.refuse("The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %s", operator, path)
		}
	}
}

// Where a function may be used.
const (
	inCondition = "a condition expression"
	inUpdate    = "an update expression"
)

// function checks a function's name, the place of its use and the number of its operands.
func (p *parser) function(called string, operands int, in string) bool {
	arity, where := 0, inCondition
	switch called {
	case "size", "attribute_exists", "attribute_not_exists":
		arity = 1
	case "attribute_type", "begins_with", "contains":
		arity = 2
	case "if_not_exists", "list_append":
		arity, where = 2, inUpdate
	default:
		p.refuse("Invalid function name; function: %s", called)
		return false
	}
	if where != in {
		p.refuse("The function is not allowed in %s; function: %s", in, called)
		return false
	}
	if arity != operands {
		p.refuse("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", called, operands)
		return false
	}
	return true
}

// shown is a value as AWS's errors show it.
func shown(v attribute.Value) string {
	if s, ok := v.(attribute.String); ok {
		return fmt.Sprintf("AttributeValue: {S:%s}", string(s))
	}
	return fmt.Sprintf("AttributeValue: {%s:%v}", v.Type(), v)
}
