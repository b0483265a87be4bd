package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"weir/internal/spelling"
)

// decoder fills a value of Go from a tree, by the types and their yaml tags, and goes on after a mistake. What is not in the tree
// keeps its value.
//
// A [unit] reads its own word. A type with setDefaults gets them before it is read. A type with bare may stand as one word. All
// else goes by the kind of the type.
type decoder struct {
	found *findings
	// places says where each path stands in the file: a value, or the name of its field.
	places map[string]place
	// texts says where the text of a word begins, for what can tell a column within it.
	texts map[string]place
}

func newDecoder(found *findings) *decoder {
	return &decoder{found: found, places: map[string]place{}, texts: map[string]place{}}
}

func (d *decoder) mistake(at place, path, hint, format string, args ...any) {
	d.found.add(at, path, fmt.Sprintf(format, args...), hint)
}

func (d *decoder) read(n *node, path string, into reflect.Value) {
	d.places[path] = n.place
	if n.kind == unread {
		return
	}
	target := into.Addr().Interface()
	if target, ok := target.(unit); ok {
		d.unit(n, path, target)
		return
	}
	if target, ok := target.(interface{ setDefaults() }); ok {
		target.setDefaults()
	}
	if target, ok := target.(interface{ bare() any }); ok && n.word() {
		d.read(n, path, reflect.ValueOf(target.bare()).Elem())
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		value := reflect.New(into.Type().Elem())
		d.read(n, path, value.Elem())
		into.Set(value)
	case reflect.Struct:
		d.fields(n, path, into)
	case reflect.Map:
		d.entries(n, path, into)
	case reflect.Slice:
		d.items(n, path, into)
	case reflect.Interface:
		if value := n.value(); value != nil {
			into.Set(reflect.ValueOf(value))
		}
	default:
		d.word(n, path, into)
	}
}

// is notes a mistake if the node is not of the kind that the field takes.
func (d *decoder) is(n *node, path string, kind nodeKind, hint string) bool {
	switch {
	case n.kind == kind:
		return true
	case n.kind == empty:
		d.mistake(n.place, path, "leave the line out, or give it a value", "is empty")
	default:
		d.mistake(n.place, path, hint, "is %s, not %s", n.describe(), kind)
	}
	return false
}

func (d *decoder) unit(n *node, path string, into unit) {
	if !n.word() {
		d.is(n, path, aText, "")
		return
	}
	if _, plain := into.(*Number); plain && n.kind == aText && n.inText != 0 {
		d.is(n, path, aNumber, "leave the quotes out")
		return
	}
	if err := into.Set(n.text); err != nil {
		d.mistake(n.place, path, "", "%v", err)
	}
}

func (d *decoder) fields(n *node, path string, into reflect.Value) {
	known := fieldsOf(into.Type())
	names := namesOf(known)
	if !d.is(n, path, aMapping, "its fields are "+strings.Join(names, ", ")) {
		return
	}
	for _, f := range n.fields {
		i := slices.Index(names, f.name)
		if i < 0 {
			d.mistake(f.place, join(path, f.name), spelling.Hint(f.name, names), "there is no such field")
			if near := spelling.Nearest(f.name, names); near != "" {
				d.found.meant = append(d.found.meant, join(path, near))
			}
			continue
		}
		d.read(f.value, join(path, f.name), into.FieldByIndex(known[i].index))
	}
}

func (d *decoder) entries(n *node, path string, into reflect.Value) {
	if !d.is(n, path, aMapping, "") {
		return
	}
	if into.IsNil() {
		into.Set(reflect.MakeMap(into.Type()))
	}
	for _, f := range n.fields {
		value := reflect.New(into.Type().Elem()).Elem()
		d.read(f.value, join(path, f.name), value)
		into.SetMapIndex(reflect.ValueOf(f.name), value)
	}
}

func (d *decoder) items(n *node, path string, into reflect.Value) {
	if !d.is(n, path, aList, "a list stands in brackets, or has a line with a dash for each item") {
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		d.read(item, index(path, i), into.Index(i))
	}
}

func (d *decoder) word(n *node, path string, into reflect.Value) {
	if into.Kind() == reflect.String {
		hint := ""
		if n.kind == aNumber || n.kind == aBool {
			hint = fmt.Sprintf("put it in quotes: %q", n.text)
		}
		if d.is(n, path, aText, hint) {
			into.SetString(n.text)
			if n.inText >= 0 {
				d.texts[path] = place{n.line, n.column + n.inText}
			}
		}
		return
	}
	if into.Kind() == reflect.Bool {
		if d.is(n, path, aBool, "") {
			into.SetBool(n.text == "true")
		}
		return
	}
	if !d.is(n, path, aNumber, "") {
		return
	}
	var err error
	switch into.Kind() {
	case reflect.Int:
		var x int64
		if x, err = strconv.ParseInt(n.text, 10, 0); err == nil {
			into.SetInt(x)
		}
	case reflect.Uint64:
		var x uint64
		if x, err = strconv.ParseUint(n.text, 10, 64); err == nil {
			into.SetUint(x)
		}
	}
	if err != nil {
		d.mistake(n.place, path, "", "%s is not a whole number that fits", n.text)
	}
}

// describe shows a word, and names what is none.
func (n *node) describe() string {
	if n.kind == aText {
		return strconv.Quote(n.text)
	}
	if n.word() {
		return n.text
	}
	return string(n.kind)
}

// value is the node as JSON would have it, for fields that take anything.
func (n *node) value() any {
	switch n.kind {
	case aMapping:
		m := make(map[string]any, len(n.fields))
		for _, f := range n.fields {
			m[f.name] = f.value.value()
		}
		return m
	case aList:
		items := make([]any, len(n.items))
		for i, item := range n.items {
			items[i] = item.value()
		}
		return items
	case aText:
		return n.text
	case aBool:
		return n.text == "true"
	case aNumber:
		return number(n.text)
	}
	return nil
}

// number is a whole number if it can be, as the YAML library has it.
func number(text string) any {
	if x, err := strconv.ParseUint(text, 10, 64); err == nil {
		return x
	}
	if x, err := strconv.ParseInt(text, 10, 64); err == nil {
		return x
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		return x
	}
	return text
}
