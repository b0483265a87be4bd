// Package attribute holds DynamoDB's attribute values: their types, their one canonical form, their sizes, their order as
// keys, and their JSON. Source: DynamoDB developer guide, "Supported data types and naming rules", and the API reference
// of AttributeValue.
//
// A value is never changed once it is made: items share values freely, and an update builds new ones along its path.
package attribute

import (
	"maps"
	"slices"
)

// Type is the name of a value's type, as the API writes it.
type Type string

// The types of attribute values.
const (
	TypeString    Type = "S"
	TypeNumber    Type = "N"
	TypeBinary    Type = "B"
	TypeBool      Type = "BOOL"
	TypeNull      Type = "NULL"
	TypeList      Type = "L"
	TypeMap       Type = "M"
	TypeStringSet Type = "SS"
	TypeNumberSet Type = "NS"
	TypeBinarySet Type = "BS"
)

// Value is one of String, Number, Binary, Bool, Null, List, Map and Set.
type Value interface {
	// Type is the value's type.
	Type() Type
	// Size is what the value counts against the limit of an item, in bytes, without its attribute's name.
	Size() int
	appendJSON(to []byte) []byte
}

type (
	// String is text in UTF-8.
	String string
	// Number is a number in canonical form: see [ParseNumber].
	Number string
	// Binary is bytes, not base64.
	Binary string
	// Bool is true or false.
	Bool bool
	// Null is the NULL type's only value.
	Null struct{}
	// List is an ordered collection of values of any types.
	List []Value
	// Map is a collection of named values; an item is one.
	Map map[string]Value
)

// Set holds distinct strings, numbers or binaries, in order, never none.
type Set struct {
	of      Type // TypeString, TypeNumber or TypeBinary
	members []string
}

// NewSet makes a set of members of one scalar type, S, N (canonical) or B. Members that occur twice are kept once.
func NewSet(of Type, members []string) Set {
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, memberOrder(of))
	return Set{of: of, members: slices.Compact(sorted)}
}

// Len is the number of members.
func (s Set) Len() int { return len(s.members) }

// Contains says whether a scalar is a member.
func (s Set) Contains(v Value) bool {
	member, ok := scalarText(v)
	if !ok || v.Type() != s.of {
		return false
	}
	_, found := slices.BinarySearchFunc(s.members, member, memberOrder(s.of))
	return found
}

// Union is the set with the members of another one of its type.
func (s Set) Union(other Set) Set { return NewSet(s.of, slices.Concat(s.members, other.members)) }

// Minus is the set without the members of another one of its type. It may have no members left.
func (s Set) Minus(other Set) Set {
	drop := make(map[string]bool, len(other.members))
	for _, m := range other.members {
		drop[m] = true
	}
	left := slices.DeleteFunc(slices.Clone(s.members), func(m string) bool { return drop[m] })
	return Set{of: s.of, members: left}
}

// Type is TypeString.
func (String) Type() Type { return TypeString }

// Type is TypeNumber.
func (Number) Type() Type { return TypeNumber }

// Type is TypeBinary.
func (Binary) Type() Type { return TypeBinary }

// Type is TypeBool.
func (Bool) Type() Type { return TypeBool }

// Type is TypeNull.
func (Null) Type() Type { return TypeNull }

// Type is TypeList.
func (List) Type() Type { return TypeList }

// Type is TypeMap.
func (Map) Type() Type { return TypeMap }

// Type is TypeStringSet, TypeNumberSet or TypeBinarySet.
func (s Set) Type() Type { return s.of + "S" }

// Equal says whether two values are the same: of one type, numbers by value, sets and maps without regard to order.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case List:
		other, ok := b.(List)
		return ok && slices.EqualFunc(a, other, Equal)
	case Map:
		other, ok := b.(Map)
		return ok && maps.EqualFunc(a, other, Equal)
	case Set:
		other, ok := b.(Set)
		return ok && a.of == other.of && slices.Equal(a.members, other.members)
	}
	switch b.(type) {
	case List, Map, Set:
		return false
	}
	return a == b
}

// scalarText is the text of a value that can be a key or a set's member.
func scalarText(v Value) (string, bool) {
	switch v := v.(type) {
	case String:
		return string(v), true
	case Number:
		return string(v), true
	case Binary:
		return string(v), true
	}
	return "", false
}
