package expression

import (
	"slices"

	"weir/internal/localaws/dynamodb/attribute"
)

// Why an update does not fit the item that it finds.
const (
	errNoAttribute = attribute.Invalid("The provided expression refers to an attribute that does not exist in the item")
	errOperandType = attribute.Invalid("An operand in the update expression has an incorrect data type")
	errUpdatePath  = attribute.Invalid("The document path provided in the update expression is invalid for update")
)

// source is what an assignment takes its value from. All sources see the item as it was before the update.
type source interface {
	// from is the value to assign; nil removes the place.
	from(item attribute.Map) (attribute.Value, error)
}

type (
	sum struct {
		left, right source
		minus       bool
	}
	ifNotExists struct {
		path     Path
		fallback source
	}
	listAppend struct{ head, tail source }
	// added is ADD: to a number, or to a set.
	added struct {
		path Path
		what attribute.Value
	}
	// deleted is DELETE: from a set.
	deleted struct {
		path Path
		what attribute.Set
	}
)

func (l literal) from(attribute.Map) (attribute.Value, error) { return l.Value, nil }

func (p Path) from(item attribute.Map) (attribute.Value, error) {
	v := p.in(item)
	if v == nil {
		return nil, errNoAttribute
	}
	return v, nil
}

func (s sum) from(item attribute.Map) (attribute.Value, error) {
	left, err := s.left.from(item)
	if err != nil {
		return nil, err
	}
	right, err := s.right.from(item)
	if err != nil {
		return nil, err
	}
	a, ok := left.(attribute.Number)
	b, ok2 := right.(attribute.Number)
	if !ok || !ok2 {
		return nil, errOperandType
	}
	if s.minus {
		return number(attribute.Subtract(a, b))
	}
	return number(attribute.Add(a, b))
}

func (s ifNotExists) from(item attribute.Map) (attribute.Value, error) {
	if v := s.path.in(item); v != nil {
		return v, nil
	}
	return s.fallback.from(item)
}

func (s listAppend) from(item attribute.Map) (attribute.Value, error) {
	head, err := s.head.from(item)
	if err != nil {
		return nil, err
	}
	tail, err := s.tail.from(item)
	if err != nil {
		return nil, err
	}
	a, ok := head.(attribute.List)
	b, ok2 := tail.(attribute.List)
	if !ok || !ok2 {
		return nil, errOperandType
	}
	return slices.Concat(a, b), nil
}

func (s added) from(item attribute.Map) (attribute.Value, error) {
	switch old := s.path.in(item).(type) {
	case nil:
		return s.what, nil
	case attribute.Number:
		if n, ok := s.what.(attribute.Number); ok {
			return number(attribute.Add(old, n))
		}
	case attribute.Set:
		if set, ok := s.what.(attribute.Set); ok && set.Type() == old.Type() {
			return old.Union(set), nil
		}
	}
	return nil, errOperandType
}

func (s deleted) from(item attribute.Map) (attribute.Value, error) {
	old := s.path.in(item)
	if old == nil {
		return nil, nil
	}
	set, ok := old.(attribute.Set)
	if !ok || set.Type() != s.what.Type() {
		return nil, errOperandType
	}
	left := set.Minus(s.what)
	if left.Len() == 0 { // a set is never empty: the attribute goes
		return nil, nil
	}
	return left, nil
}

// number keeps a failed calculation from becoming a value.
func number(n attribute.Number, err error) (attribute.Value, error) {
	if err != nil {
		return nil, err
	}
	return n, nil
}
