package attribute

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// maxNesting is how deep lists and maps may nest (developer guide, "Service, account, and table quotas": nested attribute
// depth).
const maxNesting = 32

// Values that DynamoDB does not accept.
const (
	errNoType      = Invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	errManyTypes   = Invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	errNullFalse   = Invalid("One or more parameter values were invalid: Null attribute value types must have the value of true")
	errNoName      = Invalid("Empty attribute name")
	errNesting     = Invalid("Nesting Levels have exceeded supported limits")
	errEmptySS     = Invalid("One or more parameter values were invalid: An string set  may not be empty")
	errEmptyNS     = Invalid("One or more parameter values were invalid: An number set  may not be empty")
	errEmptyBS     = Invalid("One or more parameter values were invalid: Binary sets should not be empty")
	errDuplicateNS = Invalid("Input collection contains duplicates")
)

// decoder reads attribute values from JSON in one pass. Its functions return an error where the JSON has the wrong shape;
// a value of the right shape that DynamoDB does not accept is kept in problem, the first one of the attribute at hand.
type decoder struct {
	jsonReader

	problem error
}

// value reads {"type": content}. Types that are null count as not given, and unknown types as well, as in AWS.
func (d *decoder) value(depth int) (Value, error) {
	var v Value = Null{}
	if d.null() {
		d.refuse(errNoType)
		return v, nil
	}
	types := 0
	err := d.object(func(name string) error {
		if d.null() {
			return nil
		}
		content, known, err := d.content(Type(name), depth)
		if known {
			v = content
			types++
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case types == 0:
		d.refuse(errNoType)
	case types > 1:
		d.refuse(errManyTypes)
	}
	return v, nil
}

func (d *decoder) content(t Type, depth int) (v Value, known bool, err error) {
	switch t {
	case TypeString:
		text, err := d.text()
		return String(text), true, err
	case TypeNumber:
		text, err := d.text()
		return d.number(text), true, err
	case TypeBinary:
		binary, err := d.binary()
		return Binary(binary), true, err
	case TypeBool:
		flag, err := d.flag()
		return Bool(flag), true, err
	case TypeNull:
		flag, err := d.flag()
		if !flag {
			d.refuse(errNullFalse)
		}
		return Null{}, true, err
	case TypeList, TypeMap:
		v, err := d.collection(t, depth)
		return v, true, err
	case TypeStringSet, TypeNumberSet, TypeBinarySet:
		v, err := d.set(t)
		return v, true, err
	}
	return nil, false, d.skip()
}

func (d *decoder) collection(t Type, depth int) (Value, error) {
	if depth >= maxNesting {
		d.refuse(errNesting)
		return Null{}, d.skip()
	}
	if t == TypeList {
		list := List{}
		err := d.array(func() error {
			v, err := d.value(depth + 1)
			list = append(list, v)
			return err
		})
		return list, err
	}
	members := Map{}
	err := d.object(func(name string) error {
		d.named(name)
		v, err := d.value(depth + 1)
		members[name] = v
		return err
	})
	return members, err
}

func (d *decoder) set(t Type) (Value, error) {
	var members []string
	err := d.array(func() error {
		var member string
		var err error
		if t == TypeBinarySet {
			member, err = d.binary()
		} else {
			member, err = d.text()
		}
		if t == TypeNumberSet {
			member = string(d.number(member))
		}
		members = append(members, member)
		return err
	})
	if err != nil {
		return nil, err
	}
	set := NewSet(t[:1], members)
	switch {
	case len(members) == 0:
		d.refuse(map[Type]error{TypeStringSet: errEmptySS, TypeNumberSet: errEmptyNS, TypeBinarySet: errEmptyBS}[t])
	case set.Len() < len(members):
		d.refuse(duplicates(t, members))
	}
	return set, nil
}

func duplicates(t Type, members []string) error {
	if t == TypeNumberSet {
		return errDuplicateNS
	}
	shown := slices.Clone(members)
	if t == TypeBinarySet {
		for i, m := range shown {
			shown[i] = base64.StdEncoding.EncodeToString([]byte(m))
		}
	}
	return Invalid(fmt.Sprintf("One or more parameter values were invalid: Input collection [%s] contains duplicates.", strings.Join(shown, ", ")))
}

func (d *decoder) number(text string) Number {
	n, err := ParseNumber(text)
	if err != nil {
		d.refuse(err)
		return "0"
	}
	return n
}

// named refuses the name that no attribute may have.
func (d *decoder) named(name string) {
	if name == "" {
		d.refuse(errNoName)
	}
}

func (d *decoder) refuse(problem error) {
	if d.problem == nil {
		d.problem = problem
	}
}
