package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// encode makes the tree of a value of Go, by its types and their yaml tags: what decoder reads from it is the same value again. A field
// with omitempty is left out where it is zero, one with flow goes on the line of its name.
func encode(from reflect.Value) *node {
	if from.CanAddr() {
		from = from.Addr()
	} else {
		pointer := reflect.New(from.Type())
		pointer.Elem().Set(from)
		from = pointer
	}
	switch target := from.Interface().(type) {
	case *Count, *Number:
		return &node{kind: aNumber, text: target.(unit).String()}
	case *Laps:
		if *target != Forever {
			return &node{kind: aNumber, text: target.String()}
		}
		return &node{kind: aText, text: target.String()}
	case unit:
		return &node{kind: aText, text: target.String()}
	case interface{ alone() (unit, bool) }:
		if value, ok := target.alone(); ok {
			return encode(reflect.ValueOf(value).Elem())
		}
	}
	return encodeKind(from.Elem())
}

func encodeKind(from reflect.Value) *node {
	switch from.Kind() {
	case reflect.Pointer, reflect.Interface:
		if from.IsNil() {
			return &node{kind: empty}
		}
		return encode(from.Elem())
	case reflect.Struct:
		return encodeFields(from)
	case reflect.Map:
		n := &node{kind: aMapping}
		for entry := from.MapRange(); entry.Next(); {
			n.fields = append(n.fields, field{name: entry.Key().String(), value: encode(entry.Value())})
		}
		slices.SortFunc(n.fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
		return n
	case reflect.Slice:
		n := &node{kind: aList}
		for i := range from.Len() {
			n.items = append(n.items, encode(from.Index(i)))
		}
		return n
	case reflect.String:
		return &node{kind: aText, text: from.String()}
	case reflect.Bool:
		return &node{kind: aBool, text: strconv.FormatBool(from.Bool())}
	case reflect.Float64:
		return &node{kind: aNumber, text: withPoint(from.Float())}
	}
	return &node{kind: aNumber, text: fmt.Sprint(from.Interface())}
}

func encodeFields(from reflect.Value) *node {
	n := &node{kind: aMapping}
	for _, f := range fieldsOf(from.Type()) {
		value := from.FieldByIndex(f.index)
		if f.omitEmpty && isEmpty(value) {
			continue
		}
		below := encode(value)
		below.flow = f.flow
		n.fields = append(n.fields, field{name: f.name, value: below})
	}
	return n
}

// isEmpty says whether a field with omitempty is left out: a list or a mapping without anything in it is, too.
func isEmpty(value reflect.Value) bool {
	if value.Kind() == reflect.Map || value.Kind() == reflect.Slice {
		return value.Len() == 0
	}
	return value.IsZero()
}

// withPoint writes a number so that it does not read as a whole one.
func withPoint(x float64) string {
	text := formatNumber(x)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
