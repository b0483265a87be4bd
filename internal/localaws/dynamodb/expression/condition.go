package expression

import (
	"strings"

	"weir/internal/localaws/dynamodb/attribute"
)

// Condition is a condition or filter expression.
//
//	condition  = and { OR and }
//	and        = not { AND not }
//	not        = NOT not | comparison
//	comparison = primary [ comparator primary
//	                     | BETWEEN primary AND primary
//	                     | IN "(" primary { "," primary } ")" ]
//	primary    = path | :value | function "(" primary { "," primary } ")" | "(" condition ")"
//	comparator = "=" | "<>" | "<" | "<=" | ">" | ">="
//	function   = size | attribute_exists | attribute_not_exists | attribute_type | begins_with | contains
//
// A primary is a condition, as the functions but size are, or an operand; which of them a place takes is checked after it
// was read.
type Condition struct {
	root  condition
	paths []Path
}

// Condition reads the condition in a request's parameter; nil where the request does not have it.
func (s *Scope) Condition(parameter string, text *string) (*Condition, error) {
	p, ok, err := s.parser(parameter, text)
	if !ok {
		return nil, err
	}
	root := p.condition(p.or())
	if err := p.finish(); err != nil {
		return nil, err
	}
	return &Condition{root: root, paths: p.paths}, nil
}

// Holds says whether the item meets the condition. No condition always holds; no item has no attributes.
func (c *Condition) Holds(item attribute.Map) bool { return c == nil || c.root.holds(item) }

// Uses says whether the condition looks at an attribute of the item.
func (c *Condition) Uses(name string) bool {
	if c == nil {
		return false
	}
	for _, path := range c.paths {
		if path.Attribute() == name {
			return true
		}
	}
	return false
}

// condition is a node of the tree.
type condition interface {
	holds(item attribute.Map) bool
}

// term is a primary as it was read: a condition or an operand.
type term struct {
	condition     condition
	operand       operand
	function      string // the function that it is a call of
	parenthesised bool
}

func (p *parser) or() term {
	left := p.and()
	for p.peek().is("OR") {
		first := p.condition(left)
		p.next()
		left = term{condition: either{first, p.condition(p.and())}}
	}
	return left
}

func (p *parser) and() term {
	left := p.not()
	for p.peek().is("AND") {
		first := p.condition(left)
		p.next()
		left = term{condition: both{first, p.condition(p.not())}}
	}
	return left
}

func (p *parser) not() term {
	if p.take("NOT") {
		return term{condition: negated{p.condition(p.not())}}
	}
	return p.comparison()
}

func (p *parser) comparison() term {
	left := p.primary()
	switch t := p.peek(); {
	case t.kind == punctuation && isComparator(t.text):
		first := p.operand(left)
		p.next()
		return term{condition: p.compare(t.text, first, p.operand(p.primary()))}
	case t.is("BETWEEN"):
		first := p.operand(left)
		p.next()
		low := p.operand(p.primary())
		p.want("AND")
		return term{condition: p.between(first, low, p.operand(p.primary()))}
	case t.is("IN"):
		first := p.operand(left)
		p.next()
		return term{condition: p.in(first)}
	}
	return left
}

func (p *parser) primary() term {
	t := p.peek()
	switch {
	case p.take("("):
		inner := p.or()
		p.want(")")
		if inner.parenthesised {
			p.refuse("The expression has redundant parentheses;")
		}
		inner.parenthesised = true
		return inner
	case t.kind == value:
		return term{operand: p.literal()}
	case t.kind == word && p.peekAfter().is("("):
		return p.call()
	case p.atPath():
		return term{operand: p.path()}
	}
	p.unexpected()
	return term{operand: literal{attribute.Null{}}}
}

func (p *parser) in(first operand) condition {
	p.want("(")
	among := []operand{p.operand(p.primary())}
	for p.take(",") {
		among = append(among, p.operand(p.primary()))
	}
	p.want(")")
	p.distinct("IN", first, among...)
	return oneOf{first, among}
}

// condition is the condition that a term is; an operand has no place here.
func (p *parser) condition(t term) condition {
	if t.condition != nil {
		return t.condition
	}
	if t.function != "" {
		p.refuse("The function is not allowed to be used this way in an expression; function: %s", t.function)
	} else {
		p.unexpected()
	}
	return never{}
}

// operand is the operand that a term is; a condition has no place here.
func (p *parser) operand(t term) operand {
	if t.operand != nil {
		return t.operand
	}
	if t.function != "" {
		p.refuse("The function is not allowed to be used this way in an expression; function: %s", t.function)
	} else {
		p.unexpected()
	}
	return literal{attribute.Null{}}
}

func isComparator(text string) bool {
	return strings.Contains(" = <> < <= > >= ", " "+text+" ")
}
