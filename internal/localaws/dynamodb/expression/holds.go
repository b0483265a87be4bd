package expression

import (
	"slices"
	"strings"

	"weir/internal/localaws/dynamodb/attribute"
)

// ordered are the types that <, <=, >, >= and BETWEEN take; never written to.
var ordered = []attribute.Type{attribute.TypeString, attribute.TypeNumber, attribute.TypeBinary}

type (
	either  struct{ a, b condition }
	both    struct{ a, b condition }
	negated struct{ of condition }
	// never stands where the text was refused.
	never struct{}

	comparison struct {
		operator    string
		left, right operand
	}
	between struct{ of, low, high operand }
	oneOf   struct {
		of    operand
		among []operand
	}
	exists struct{ path Path }
	typeIs struct {
		of   operand
		want attribute.Type
	}
	beginsWith struct{ of, prefix operand }
	contains   struct{ of, member operand }
)

func (c either) holds(item attribute.Map) bool { return c.a.holds(item) || c.b.holds(item) }

func (c both) holds(item attribute.Map) bool { return c.a.holds(item) && c.b.holds(item) }

func (c negated) holds(item attribute.Map) bool { return !c.of.holds(item) }

func (never) holds(attribute.Map) bool { return false }

// holds compares two values. What is absent equals nothing, not even what is absent as well; values of two types, or of a
// type without an order, are neither less nor greater.
func (c comparison) holds(item attribute.Map) bool {
	left, right := c.left.eval(item), c.right.eval(item)
	equal := left != nil && right != nil && attribute.Equal(left, right)
	switch c.operator {
	case "=":
		return equal
	case "<>":
		return !equal
	}
	order, ok := compare(left, right)
	if !ok {
		return false
	}
	switch c.operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func (c between) holds(item attribute.Map) bool {
	v := c.of.eval(item)
	fromLow, ok := compare(v, c.low.eval(item))
	fromHigh, ok2 := compare(v, c.high.eval(item))
	return ok && ok2 && fromLow >= 0 && fromHigh <= 0
}

func (c oneOf) holds(item attribute.Map) bool {
	v := c.of.eval(item)
	return v != nil && slices.ContainsFunc(c.among, func(o operand) bool {
		other := o.eval(item)
		return other != nil && attribute.Equal(v, other)
	})
}

func (c exists) holds(item attribute.Map) bool { return c.path.in(item) != nil }

func (c typeIs) holds(item attribute.Map) bool {
	v := c.of.eval(item)
	return v != nil && v.Type() == c.want
}

func (c beginsWith) holds(item attribute.Map) bool {
	of, prefix, ok := texts(c.of.eval(item), c.prefix.eval(item))
	return ok && strings.HasPrefix(of, prefix)
}

// holds looks for a part of a string or binary, or for a member of a set or list.
func (c contains) holds(item attribute.Map) bool {
	member := c.member.eval(item)
	if member == nil {
		return false
	}
	switch v := c.of.eval(item).(type) {
	case attribute.Set:
		return v.Contains(member)
	case attribute.List:
		return slices.ContainsFunc(v, func(m attribute.Value) bool { return attribute.Equal(m, member) })
	default:
		of, part, ok := texts(v, member)
		return ok && strings.Contains(of, part)
	}
}

// texts are two strings, or two binaries.
func texts(a, b attribute.Value) (x, y string, ok bool) {
	switch a := a.(type) {
	case attribute.String:
		b, ok := b.(attribute.String)
		return string(a), string(b), ok
	case attribute.Binary:
		b, ok := b.(attribute.Binary)
		return string(a), string(b), ok
	}
	return "", "", false
}

func compare(a, b attribute.Value) (int, bool) {
	if a == nil || b == nil {
		return 0, false
	}
	return attribute.Compare(a, b)
}
