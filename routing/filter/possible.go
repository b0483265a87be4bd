package filter

import (
	"errors"
	"fmt"
	"slices"
)

// Shape is what the JSON objects of a stream look like, by the names of their members. They have no others.
type Shape map[string]Member

// Member is what is known of a member.
type Member struct {
	// Number says that it is a number. Otherwise it is a string, or an array of strings.
	Number bool
	// Values are the only ones that a string has; nil is any.
	Values []string
	// Optional says that an object may lack it.
	Optional bool
}

// Possible says whether any object of the shape could get through. The error says of each pattern why none does. What is possible need not happen:
// that two fields of a pattern never hold together is not looked for.
func (f *Filter) Possible(shape Shape) error {
	if f == nil || len(f.patterns) == 0 {
		return nil
	}
	var all []error
	for i := range f.patterns {
		err := f.patterns[i].possible("data", shape)
		if err == nil {
			return nil
		}
		all = append(all, fmt.Errorf("pattern %d: %w", i+1, err))
	}
	return errors.Join(all...)
}

func (o *object) possible(at string, shape Shape) error {
	for i := range o.fields {
		if err := o.fields[i].possible(at, shape); err != nil {
			return err
		}
	}
	for _, alternatives := range o.ors {
		var last error
		if !slices.ContainsFunc(alternatives, func(o object) bool { last = o.possible(at, shape); return last == nil }) {
			return last
		}
	}
	return nil
}

func (f *field) possible(at string, shape Shape) error {
	at += "." + f.name
	member, there := shape[f.name]
	if f.object != nil {
		return f.object.possible(at, nil) // no member is an object
	}
	if slices.ContainsFunc(f.tests, func(t test) bool { return t.possible(member, there) }) {
		return nil
	}
	switch {
	case !there:
		return fmt.Errorf("%s is nothing that the records have", at)
	case member.Values != nil:
		return fmt.Errorf("%s is one of %q, and none of them matches", at, member.Values)
	case member.Number:
		return fmt.Errorf("%s is a number, and no test is for one", at)
	}
	return fmt.Errorf("%s is a string, and no test is for one", at)
}

func (t *test) possible(m Member, there bool) bool {
	switch {
	case t.operator == absence:
		return !there || m.Optional
	case !there:
		return false
	case t.operator == existence:
		return true
	case m.Values != nil:
		return slices.ContainsFunc(m.Values, func(s string) bool { return t.match(value{text, []byte(s)}) })
	case t.operator == numeric:
		return m.Number
	case t.operator == equals:
		return t.kind == number && m.Number || t.kind == text && !m.Number
	case t.operator == anythingBut, t.operator == anythingButPrefix, t.operator == anythingButSuffix, t.operator == anythingButIgnoreCase:
		return true
	}
	return !m.Number
}
