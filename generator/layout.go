package generator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// layout is a payload with slots in it: what stands between them is copied, byte for byte.
type layout struct {
	// segments make up the payload up to the end of its last member.
	segments []segment
	// pad begins the member that fills the payload up to its size, and tail is the closing brace and what follows it.
	pad, tail string
	// fixed is the length of all texts and the tail.
	fixed int
	// most and mostJoined bound the memory that a record takes; see writer.bound.
	most, mostJoined int
	// value is the number that a sample brings along, where its kind has none of its own.
	value string
	// sample is the name of the sample, empty for the built-in payload.
	sample string
}

// segment is a text and the slot behind it.
type segment struct {
	text string
	slot slot
}

// newLayout compiles a sample, one JSON object: the values at the paths of root, the members that a record of the kind has, give way to
// slots, and what is missing is put in at the end of its object. The built-in payload is the empty object, of which everything is missing.
func newLayout(sample []byte, f *fields, root *member, kind string) (*layout, error) {
	c := &layoutCompiler{data: sample, kind: quote(kind), decoder: json.NewDecoder(strings.NewReader(string(sample))), names: map[string]bool{}}
	if err := c.object(root, ""); err != nil {
		return nil, err
	}
	if _, err := c.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows the object")
	}
	c.gap(noSlot)
	l := &layout{segments: c.segments, tail: string(sample[c.done:])}
	for _, s := range l.segments {
		l.fixed += len(s.text)
	}
	l.fixed += len(l.tail)
	l.pad = padMember(f, c.names)
	return l, nil
}

// padMember begins a member for padding, of a name that no other member of the outermost object has, and that no field would have.
func padMember(f *fields, taken map[string]bool) string {
	name := "pad"
	for taken[name] || f.root.child(name) != nil {
		name += "_"
	}
	return `,"` + name + `":"`
}

// layoutCompiler goes over a sample once.
type layoutCompiler struct {
	data     []byte
	kind     string // as JSON
	decoder  *json.Decoder
	done     int // bytes of data that are compiled
	text     strings.Builder
	segments []segment
	names    map[string]bool // of the outermost object's members
}

// gap ends the text so far with a slot. The kind is the same in all records of a layout, so it becomes text.
func (c *layoutCompiler) gap(s slot) {
	if s == kindSlot {
		c.text.WriteString(c.kind)
		return
	}
	c.segments = append(c.segments, segment{c.text.String(), s})
	c.text.Reset()
}

// copy takes the sample's bytes up to a place.
func (c *layoutCompiler) copy(to int) {
	c.text.Write(c.data[c.done:to])
	c.done = to
}

// object compiles an object; m are the members that it must have, path is the way to it.
func (c *layoutCompiler) object(m *member, path string) error {
	if open, err := c.decoder.Token(); err != nil {
		return fmt.Errorf("it is not JSON: %w", unexpected(err))
	} else if open != json.Delim('{') {
		return fmt.Errorf("%sthere is no JSON object", path)
	}
	seen := map[*member]bool{}
	empty := true
	for ; c.decoder.More(); empty = false {
		token, err := c.decoder.Token()
		if err != nil {
			return fmt.Errorf("it is not JSON: %w", unexpected(err))
		}
		name, _ := token.(string)
		if path == "" {
			c.names[name] = true
		}
		child := m.child(name)
		if child != nil && seen[child] {
			return fmt.Errorf("%sit has %q twice", path, name)
		}
		seen[child] = true
		if err := c.value(child, path+name+": "); err != nil {
			return err
		}
	}
	if _, err := c.decoder.Token(); err != nil {
		return fmt.Errorf("it is not JSON: %w", unexpected(err))
	}
	c.copy(int(c.decoder.InputOffset()) - 1)
	for _, child := range m.members {
		if !seen[child] {
			c.insert(child, !empty)
			empty = false
		}
	}
	return nil
}

// value compiles what stands behind a name: as it is, where m is nil.
func (c *layoutCompiler) value(m *member, path string) error {
	if m != nil && m.slot == noSlot {
		return c.object(m, path)
	}
	var raw json.RawMessage
	if err := c.decoder.Decode(&raw); err != nil {
		return fmt.Errorf("it is not JSON: %w", unexpected(err))
	}
	if m != nil {
		end := int(c.decoder.InputOffset())
		c.copy(end - len(raw))
		c.gap(m.slot)
		c.done = end
	}
	return nil
}

// insert puts in a member that the sample lacks.
func (c *layoutCompiler) insert(m *member, comma bool) {
	if comma {
		c.text.WriteByte(',')
	}
	c.text.WriteString(quote(m.name) + ":")
	if m.slot != noSlot {
		c.gap(m.slot)
		return
	}
	c.text.WriteByte('{')
	for i, child := range m.members {
		c.insert(child, i > 0)
	}
	c.text.WriteByte('}')
}

// unexpected makes an end within the object an error of its own.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
