package filter

import (
	"bytes"
	"encoding/json"
	"io"

	"weir/record"
)

// match goes once over the data. Only where a field that a pattern names holds an array does it make a tree.
func (m *matcher) match(data []byte) Answer {
	if !m.finder.Find(data) {
		if json.Valid(data) {
			return Missed
		}
		return NotJSON
	}
	if m.finder.Arrays() {
		return matchTree(m.patterns, data)
	}
	for i := range m.patterns {
		if m.object(&m.patterns[i]) {
			return Through
		}
	}
	return Missed
}

func (m *matcher) object(o *object) bool {
	for i := range o.fields {
		if !m.field(&o.fields[i]) {
			return false
		}
	}
	for _, or := range o.ors {
		if !m.any(or) {
			return false
		}
	}
	return true
}

func (m *matcher) any(objects []object) bool {
	for i := range objects {
		if m.object(&objects[i]) {
			return true
		}
	}
	return false
}

// field needs not ask whether there is an object for what is below it: if not, nothing is found there.
func (m *matcher) field(f *field) bool {
	if f.object != nil {
		return m.object(f.object)
	}
	kind, text := m.finder.Value(f.place)
	leaf := value{kind: kinds[kind], text: text}
	for i := range f.tests {
		if f.tests[i].match(leaf) {
			return true
		}
	}
	return false
}

// kinds are what a finder's values are to a test.
var kinds = [...]kind{
	record.FoundNothing: absent, record.FoundObject: absent, record.FoundArray: absent,
	record.FoundNull: null, record.FoundBool: boolean, record.FoundNumber: number, record.FoundText: text,
}

// matchTree matches data with arrays in it.
func matchTree(patterns []object, data []byte) Answer {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // a number matches by its text
	var root any
	if err := decoder.Decode(&root); err != nil {
		return NotJSON
	}
	if _, err := decoder.Token(); err != io.EOF {
		return NotJSON
	}
	members, ok := root.(map[string]any)
	if !ok {
		return Missed
	}
	t := &tree{root: members}
	for i := range patterns {
		if t.object(&patterns[i], members) {
			return Through
		}
	}
	return Missed
}

type tree struct{ root map[string]any }

func (t *tree) object(o *object, members map[string]any) bool {
	for i := range o.fields {
		if !t.field(&o.fields[i], members) {
			return false
		}
	}
	for _, or := range o.ors {
		matches := false
		for i := range or {
			matches = matches || t.object(&or[i], members)
		}
		if !matches {
			return false
		}
	}
	return true
}

// field matches a member. All of an array's elements, and theirs, are its values.
func (t *tree) field(f *field, members map[string]any) bool {
	var values []any
	if member, there := members[f.name]; there {
		values = flatten(nil, member)
	}
	if f.object == nil {
		return t.leaf(f, values)
	}
	if len(values) == 0 {
		return t.object(f.object, nil)
	}
	for _, value := range values {
		below, _ := value.(map[string]any)
		if t.object(f.object, below) {
			return true
		}
	}
	return false
}

// leaf tests each value of a field. That it is absent, it is in the whole of the data: not in one element of an array.
func (t *tree) leaf(f *field, values []any) bool {
	for i := range f.tests {
		if f.tests[i].operator == absence {
			if !hasLeaf(t.root, f.path) {
				return true
			}
			continue
		}
		for _, value := range values {
			if leaf, ok := valueOf(value); ok && f.tests[i].match(leaf) {
				return true
			}
		}
	}
	return false
}

// flatten are the elements of arrays in arrays; a member that is no array is its own.
func flatten(into []any, member any) []any {
	elements, ok := member.([]any)
	if !ok {
		return append(into, member)
	}
	for _, element := range elements {
		into = flatten(into, element)
	}
	return into
}

// hasLeaf says whether a value that is no object stands at the path, in whichever element of the arrays on the way.
func hasLeaf(from any, path []string) bool {
	if elements, ok := from.([]any); ok {
		for _, element := range elements {
			if hasLeaf(element, path) {
				return true
			}
		}
		return false
	}
	members, isObject := from.(map[string]any)
	if len(path) == 0 {
		return !isObject
	}
	member, there := members[path[0]]
	return there && hasLeaf(member, path[1:])
}
