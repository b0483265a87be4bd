package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// Set overrides one field of the scenario, named by its path in the YAML, with a value written as in the YAML:
// "drain_limit=2m", "load.rate[1].at=10k/s". The error names the path.
func (s *Scenario) Set(assignment string) error {
	path, value, ok := strings.Cut(assignment, "=")
	if !ok || path == "" {
		return fmt.Errorf("%q is not path=value", assignment)
	}
	set, err := s.with(path, value)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	*s = set
	return nil
}

// with goes through the tree of a file, so that a path and a value mean the same as in a file.
func (s *Scenario) with(path, value string) (Scenario, error) {
	found := newFindings("", nil)
	tree, leaf := encode(reflect.ValueOf(s).Elem()), parseTree([]byte(value), found)
	if leaf != nil && len(found.all) == 0 {
		if err := graft(tree, strings.Split(path, "."), leaf); err != nil {
			return Scenario{}, err
		}
		set := Scenario{Files: s.Files}
		newDecoder(found).read(tree, "", reflect.ValueOf(&set).Elem())
		if len(found.all) == 0 {
			return set, nil
		}
	}
	return Scenario{}, found.all[0].short(path)
}

// short is the mistake in a line; the path that the user wrote is not said again.
func (m *Mistake) short(written string) error {
	text := m.Text
	if m.Path != "" && m.Path != written {
		text = m.Path + ": " + text
	}
	if m.Hint != "" {
		text += " (" + m.Hint + ")"
	}
	return fmt.Errorf("%s", text)
}

// step is one part of a path: the name of a field, and of an item in it.
var step = regexp.MustCompile(`^([^\[\]]+)(?:\[([0-9]+)\])?$`)

// graft puts a value into the tree at path, making the mappings on the way that are not there.
func graft(tree *node, path []string, leaf *node) error {
	parts := step.FindStringSubmatch(path[0])
	if parts == nil {
		return fmt.Errorf("%q is no name of a field, nor one with the number of an item, as rate[0]", path[0])
	}
	if tree.kind != aMapping {
		return fmt.Errorf("%s has no fields", tree.describe())
	}
	slot, err := tree.slot(parts[1], parts[2])
	if err != nil {
		return err
	}
	if len(path) == 1 {
		*slot = leaf
		return nil
	}
	return graft(*slot, path[1:], leaf)
}

// itemsOf says which items a list has.
func itemsOf(slot **node) string {
	switch {
	case slot == nil:
		return ": it is not there"
	case (*slot).kind != aList:
		return ": it is no list"
	case len((*slot).items) == 0:
		return ": it is empty"
	}
	return fmt.Sprintf(": it has %d, from 0 to %d", len((*slot).items), len((*slot).items)-1)
}

// slot is where the value of a field is kept, or of an item in it. A field that is not there becomes an empty mapping.
func (n *node) slot(name, item string) (**node, error) {
	var slot **node
	for i := range n.fields {
		if n.fields[i].name == name {
			slot = &n.fields[i].value
		}
	}
	if item == "" && slot == nil {
		n.fields = append(n.fields, field{name: name, value: &node{kind: aMapping}})
		slot = &n.fields[len(n.fields)-1].value
	}
	if item == "" {
		return slot, nil
	}
	i, err := strconv.Atoi(item)
	if slot == nil || (*slot).kind != aList || err != nil || i >= len((*slot).items) {
		return nil, fmt.Errorf("%s has no item %s%s", name, item, itemsOf(slot))
	}
	return &(*slot).items[i], nil
}
