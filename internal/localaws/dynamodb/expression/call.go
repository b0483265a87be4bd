package expression

import (
	"strings"

	"weir/internal/localaws/dynamodb/attribute"
)

// call reads a function and its operands in a condition.
func (p *parser) call() term {
	called := p.next().text
	p.want("(")
	operands := []term{p.primary()}
	for p.take(",") {
		operands = append(operands, p.primary())
	}
	p.want(")")
	if !p.function(called, len(operands), inCondition) {
		return term{condition: never{}, operand: literal{attribute.Null{}}, function: called}
	}
	first, second := p.functionOperand(called, operands[0]), operand(nil)
	if len(operands) > 1 {
		second = p.operand(operands[1])
	}
	return p.bind(called, first, second)
}

// functionOperand is the first operand; one that has to be a path is refused as such, whatever it is.
func (p *parser) functionOperand(called string, t term) operand {
	if t.operand == nil && strings.HasPrefix(called, "attribute_") {
		return literal{attribute.Null{}}
	}
	return p.operand(t)
}

func (p *parser) bind(called string, first, second operand) term {
	t := term{function: called}
	switch called {
	case "size":
		p.wantType(called, first, attribute.TypeString, attribute.TypeBinary, attribute.TypeList, attribute.TypeMap,
			attribute.TypeStringSet, attribute.TypeNumberSet, attribute.TypeBinarySet)
		t.operand = size{first}
	case "attribute_exists":
		t.condition = exists{p.wantPath(called, first)}
	case "attribute_not_exists":
		t.condition = negated{exists{p.wantPath(called, first)}}
	case "attribute_type":
		t.condition = p.typeIs(first, second)
	case "begins_with":
		p.distinct(called, first, second)
		p.wantType(called, first, attribute.TypeString, attribute.TypeBinary)
		p.wantType(called, second, attribute.TypeString, attribute.TypeBinary)
		t.condition = beginsWith{first, second}
	case "contains":
		p.distinct(called, first, second)
		t.condition = contains{first, second}
	}
	return t
}

func (p *parser) typeIs(of, named operand) condition {
	const called = "attribute_type"
	p.wantType(called, named, attribute.TypeString)
	l, ok := named.(literal)
	if !ok {
		p.refuse("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", called, "{NS,SS,N,BS,B,S,L,M,NULL,BOOL}")
		return never{}
	}
	text, _ := l.Value.(attribute.String)
	switch t := attribute.Type(text); t {
	case attribute.TypeString, attribute.TypeNumber, attribute.TypeBinary, attribute.TypeBool, attribute.TypeNull,
		attribute.TypeList, attribute.TypeMap, attribute.TypeStringSet, attribute.TypeNumberSet, attribute.TypeBinarySet:
		return typeIs{of, t}
	}
	p.refuse("Invalid attribute type name found; type: %s, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}", string(text))
	return never{}
}

func (p *parser) compare(operator string, left, right operand) condition {
	p.distinct(operator, left, right)
	if operator != "=" && operator != "<>" {
		p.wantType(operator, left, ordered...)
		p.wantType(operator, right, ordered...)
	}
	return comparison{operator, left, right}
}

func (p *parser) between(of, low, high operand) condition {
	for _, o := range []operand{of, low, high} {
		p.wantType("BETWEEN", o, ordered...)
	}
	p.distinct("BETWEEN", of, low, high)
	a, ok := low.(literal)
	b, ok2 := high.(literal)
	if !ok || !ok2 {
		return between{of, low, high}
	}
	order, comparable := attribute.Compare(a.Value, b.Value)
	switch {
	case a.Type() != b.Type():
		p.refuse("The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: %s, upper bound operand: %s", shown(a.Value), shown(b.Value))
	case comparable && order > 0:
		p.refuse("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: %s, upper bound operand: %s", shown(a.Value), shown(b.Value))
	}
	return between{of, low, high}
}
