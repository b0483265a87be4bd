package record

import (
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// valueKind is what a JSON value is.
type valueKind uint8

const (
	absent valueKind = iota // null, too, counts as absent
	stringValue
	numberValue
	literalValue // true or false
	compositeValue
)

// slot is where the value of one path stands in the data: from its first byte to behind its last, a string without its quotes.
type slot struct {
	kind       valueKind
	plain      bool // a string of ASCII without escapes, a number without an exponent
	present    bool // the member is there, be it null
	numeric    bool // the string is a number of DynamoDB's, as in {"N":"1.5"}
	start, end int
}

// maxDepth is encoding/json's bound on nested objects and arrays.
const maxDepth = 10000

// scanner goes once over a JSON text (RFC 8259), checks all of it as encoding/json does, and notes where the values of the wanted
// paths stand. Every method starts at pos and leaves pos behind what it has read; it returns false at the first byte that is not
// JSON, with pos there.
type scanner struct {
	data  []byte
	pos   int
	depth int
	slots []slot
	// repeated says that a member on the way to a path came again, so that the values of an earlier one are in the data, too, and in no slot.
	repeated bool
	// barred says that a path leads into an array, where it finds nothing.
	barred bool
}

// document reads one object and nothing else.
func (s *scanner) document(root *pathNode) bool {
	s.space()
	if s.peek() != '{' || !s.object(root) {
		return false
	}
	s.space()
	return s.pos == len(s.data)
}

func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

func (s *scanner) space() {
	for s.pos < len(s.data) && s.data[s.pos] <= ' ' {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// value reads a value of any kind; at is the node of the path that leads to it, nil where no path does.
func (s *scanner) value(at *pathNode) bool {
	s.space()
	found := slot{present: true, start: s.pos}
	ok := false
	switch c := s.peek(); {
	case c == '"':
		found.kind, found.start = stringValue, s.pos+1
		found.plain, ok = s.text()
		s.note(at, found, s.pos-1)
		return ok
	case c == '{':
		found.kind, ok = compositeValue, s.object(at)
	case c == '[':
		s.barred = s.barred || at != nil && len(at.children) > 0
		found.kind, ok = compositeValue, s.array(at)
	case c == 't':
		found.kind, ok = literalValue, s.word("true")
	case c == 'f':
		found.kind, ok = literalValue, s.word("false")
	case c == 'n':
		ok = s.word("null")
	default:
		found.kind = numberValue
		found.plain, ok = s.number()
	}
	s.note(at, found, s.pos)
	return ok
}

// note keeps where the value of a path stands.
func (s *scanner) note(at *pathNode, found slot, end int) {
	if at != nil && at.slot >= 0 {
		found.end = end
		s.slots[at.slot] = found
	}
}

// object reads an object; at is the node of the path that leads to it, nil where no path goes on inside it.
func (s *scanner) object(at *pathNode) bool {
	if !s.enter() {
		return false
	}
	if s.space(); s.peek() == '}' {
		return s.leave()
	}
	for {
		if s.space(); !s.member(at) {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.pos++
		case '}':
			return s.leave()
		default:
			return false
		}
	}
}

// member reads a name and its value.
func (s *scanner) member(at *pathNode) bool {
	if s.peek() != '"' {
		return false
	}
	start := s.pos + 1
	plain, ok := s.text()
	if !ok {
		return false
	}
	var below *pathNode
	if at != nil && len(at.children) > 0 {
		below = at.child(unquote(s.data[start:s.pos-1], plain))
	}
	if s.space(); s.peek() != ':' {
		return false
	}
	s.pos++
	if below != nil {
		// The last member of a name counts, so what an earlier one held is forgotten.
		s.forget(below)
	}
	return s.value(below)
}

func (s *scanner) forget(n *pathNode) {
	if n.slot >= 0 {
		s.repeated = s.repeated || s.slots[n.slot].present
		s.slots[n.slot] = slot{}
	}
	for _, c := range n.children {
		s.forget(c)
	}
}

// array reads an array; at is the node of the path that leads to it, nil where none does. A path goes on into an element by its number, from 0.
func (s *scanner) array(at *pathNode) bool {
	if !s.enter() {
		return false
	}
	if s.space(); s.peek() == ']' {
		return s.leave()
	}
	for i := 0; ; i++ {
		if !s.value(at.element(i)) {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.pos++
		case ']':
			return s.leave()
		default:
			return false
		}
	}
}

func (s *scanner) enter() bool {
	s.pos++
	s.depth++
	return s.depth <= maxDepth
}

func (s *scanner) leave() bool {
	s.pos++
	s.depth--
	return true
}

func (s *scanner) word(word string) bool {
	if len(s.data)-s.pos < len(word) || string(s.data[s.pos:s.pos+len(word)]) != word {
		return false
	}
	s.pos += len(word)
	return true
}

// text reads a string with its quotes. Plain says that its bytes are its characters: ASCII, no escape.
func (s *scanner) text() (plain, ok bool) {
	plain = true
	for s.pos++; s.pos < len(s.data); s.pos++ {
		switch c := s.data[s.pos]; {
		case itself[c]:
		case c == '"':
			s.pos++
			return plain, true
		case c == '\\':
			plain = false
			if !s.escape() {
				return false, false
			}
		case c < ' ':
			return false, false
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	return false, false
}

// itself says of a byte that in a string it stands for itself, and for a whole character.
var itself = func() (of [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		of[c] = c != '"' && c != '\\'
	}
	return of
}()

// escape reads a backslash and what it escapes, up to the last byte of it.
func (s *scanner) escape() bool {
	s.pos++
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			s.pos++
			if !isHex(s.peek()) {
				return false
			}
		}
		return true
	}
	return false
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// number reads a number. Plain says that it has no exponent.
func (s *scanner) number() (plain, ok bool) {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else if !s.digits() {
		return false, false
	}
	if s.peek() == '.' {
		s.pos++
		if !s.digits() {
			return false, false
		}
	}
	if c := s.peek(); c != 'e' && c != 'E' {
		return true, true
	}
	s.pos++
	if c := s.peek(); c == '+' || c == '-' {
		s.pos++
	}
	return false, s.digits()
}

func (s *scanner) digits() bool {
	start := s.pos
	for '0' <= s.peek() && s.peek() <= '9' {
		s.pos++
	}
	return s.pos > start
}

// unquote is the characters of a string that the scanner has read, without its quotes. As encoding/json does, it puts U+FFFD for
// what is not UTF-8.
func unquote(raw []byte, plain bool) []byte {
	if plain || (utf8.Valid(raw) && !hasEscape(raw)) {
		return raw
	}
	quoted := make([]byte, 0, len(raw)+2)
	quoted = append(append(append(quoted, '"'), raw...), '"')
	var text string
	// The scanner has found it valid, so there is no error.
	_ = json.Unmarshal(quoted, &text)
	return []byte(text)
}

func hasEscape(raw []byte) bool {
	return slices.Contains(raw, '\\')
}
