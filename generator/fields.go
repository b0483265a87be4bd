package generator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"weir/record"
)

// slot is what a record has of its own at a place of its payload.
type slot uint8

const (
	noSlot slot = iota
	idSlot
	kindSlot
	keySlot
	timeSlot
	valueSlot
)

// member is a name in a JSON object, with what stands there: a slot, or an object with members of its own.
type member struct {
	name    string
	slot    slot
	members []*member
}

func (m *member) child(name string) *member {
	for _, c := range m.members {
		if c.name == name {
			return c
		}
	}
	return nil
}

// add puts a slot at a path. A path that has one already keeps it: a key may be made of the kind, say.
func (m *member) add(names []string, s slot) error {
	if len(names) == 0 {
		if len(m.members) > 0 {
			return fmt.Errorf("another path goes on behind it")
		}
		if m.slot == noSlot {
			m.slot = s
		}
		return nil
	}
	if m.slot != noSlot {
		return fmt.Errorf("another path ends at %q, on its way", m.name)
	}
	next := m.child(names[0])
	if next == nil {
		next = &member{name: names[0]}
		m.members = append(m.members, next)
	}
	return next.add(names[1:], s)
}

// without is the object without a slot, and without the objects that held nothing else; nil if nothing is left.
func (m *member) without(s slot) *member {
	left := &member{name: m.name, slot: m.slot}
	for _, c := range m.members {
		if c.slot == s {
			continue
		}
		if c = c.without(s); c != nil {
			left.members = append(left.members, c)
		}
	}
	if left.slot == noSlot && len(left.members) == 0 {
		return nil
	}
	return left
}

// fields are where a payload has what, and what the keys are made of.
type fields struct {
	paths record.Fields // the partition key's are never nil
	// root is the payload's outermost object, and valueless the same for a kind without a value.
	root, valueless *member
	// key and partition are the parts of the row's key and of the partition key.
	key, partition []slot
	// alike says that the two are the same, and that none of them can be missing.
	alike bool
}

// newFields checks the paths. It is nil where they cannot be used.
func newFields(from record.Fields, p *problems) *fields {
	f := &fields{paths: from, root: &member{}}
	if from.PartitionKey == nil {
		f.paths.PartitionKey = from.Key
	}
	before := len(p.all)
	if from.EventTime == "" {
		p.add("fields.event_time", "it is empty")
	}
	if len(from.Key) == 0 {
		p.add("fields.key", "there is none")
	}
	refuseEmpty("fields.key", from.Key, p)
	refuseEmpty("fields.partition_key", from.PartitionKey, p)
	if len(p.all) > before {
		return nil
	}
	if _, err := record.NewDecoder(f.paths); err != nil {
		p.add("fields", "%w", err)
		return nil
	}
	own := []field{{"kind", from.Kind, kindSlot}, {"event_time", from.EventTime, timeSlot}, {"value", from.Value, valueSlot}}
	all := own
	for _, path := range from.Key {
		all = append(all, field{"key", path, keySlot})
	}
	for _, path := range from.PartitionKey {
		all = append(all, field{"partition_key", path, keySlot})
	}
	for _, field := range all {
		f.add(field, p)
	}
	for _, field := range own {
		if len(p.all) == before && field.path != "" && f.root.slots([]string{field.path})[0] != field.slot {
			p.add("fields."+field.name, "path %q is that of another field, too", field.path)
		}
	}
	if len(p.all) > before {
		return nil
	}
	f.key, f.partition = f.root.slots(f.paths.Key), f.root.slots(f.paths.PartitionKey)
	f.alike = slices.Equal(f.key, f.partition) && !slices.Contains(f.key, valueSlot)
	f.addID()
	f.valueless = f.root.without(valueSlot)
	return f
}

func refuseEmpty(name string, paths []string, p *problems) {
	for i, path := range paths {
		if path == "" {
			p.add(fmt.Sprintf("%s[%d]", name, i), "it is empty")
		}
	}
}

// field is a path and what stands there.
type field struct {
	name, path string
	slot       slot
}

func (f *fields) add(field field, p *problems) {
	if field.path == "" {
		return
	}
	names, err := record.SplitPath(field.path)
	if err == nil {
		err = f.root.add(names, field.slot)
	}
	if err != nil {
		p.add("fields."+field.name, "path %q: %w", field.path, err)
	}
}

// addID puts the id first, unless a field has its name.
func (f *fields) addID() {
	if f.root.child("id") == nil {
		f.root.members = append([]*member{{name: "id", slot: idSlot}}, f.root.members...)
	}
}

// slots are what stands at the paths, none where a path is empty.
func (m *member) slots(paths []string) []slot {
	slots := make([]slot, len(paths))
	for i, path := range paths {
		names, err := record.SplitPath(path)
		at := m
		for _, name := range names {
			if at = at.child(name); at == nil || err != nil {
				break
			}
		}
		if at != nil {
			slots[i] = at.slot
		}
	}
	return slots
}

// quote is a text as a JSON string, with nothing escaped that need not be.
func quote(text string) string {
	var quoted strings.Builder
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	// A string has no error.
	_ = encoder.Encode(text)
	return strings.TrimSuffix(quoted.String(), "\n")
}
