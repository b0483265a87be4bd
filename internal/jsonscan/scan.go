// Package jsonscan reads JSON whose form is known, in one pass and without a tree: the bodies of Kinesis that hold records, and those of DynamoDB that hold
// many items. At full speed encoding/json took more of them than all the rest of their way.
package jsonscan

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"unicode/utf8"
	"unsafe"
)

// Scan goes through a text: each of its methods takes one thing, and says false where something else stands, be it legal. The caller then
// has another read the text, from its beginning.
type Scan struct {
	text []byte
	at   int
}

// New begins at the start of the text.
func New(text []byte) *Scan { return &Scan{text: text} }

// Byte takes b, and the white space before it.
func (s *Scan) Byte(b byte) bool {
	s.space()
	if s.at == len(s.text) || s.text[s.at] != b {
		return false
	}
	s.at++
	return true
}

// Next is the byte behind the white space, which it takes; 0 at the end.
func (s *Scan) Next() byte {
	s.space()
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

// End says that nothing but white space is left.
func (s *Scan) End() bool { return s.Next() == 0 && s.at == len(s.text) }

func (s *Scan) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// Text takes a string without escapes. It shares the text's memory.
func (s *Scan) Text() (string, bool) {
	raw, ok := s.Raw()
	if !ok || !plain(raw) {
		return "", false
	}
	return unsafe.String(unsafe.SliceData(raw), len(raw)), true
}

// Unescaped takes a string, escapes and all; one without them shares the text's memory.
func (s *Scan) Unescaped() (text []byte, ok bool) {
	begun := s.at
	if raw, ok := s.Raw(); ok && plain(raw) {
		return raw, true
	}
	s.at = begun
	if !s.Byte('"') {
		return nil, false
	}
	begun = s.at - 1
	for s.at < len(s.text) && s.text[s.at] != '"' {
		if s.text[s.at] == '\\' {
			s.at++ // what it escapes may be a quote
		}
		s.at++
	}
	if s.at >= len(s.text) {
		return nil, false
	}
	s.at++
	quoted := s.text[begun:s.at]
	var value string
	err := json.Unmarshal(quoted, &value)
	return []byte(value), err == nil && utf8.Valid(quoted)
}

// Texts takes an object of just these members in their order, without white space, whose values are strings that stand for themselves: the form in
// which a service writes an element a thousand times. The values share the text's memory. around is what stands around them, as in `{"a":"`, `","b":"`, `"}`. Where
// anything else stands, it takes nothing.
func (s *Scan) Texts(around []string, values [][]byte) bool {
	rest := s.text[s.at:]
	for i, before := range around {
		if len(rest) < len(before) || string(rest[:len(before)]) != before {
			return false
		}
		rest = rest[len(before):]
		if i == len(values) {
			break
		}
		n := bytes.IndexByte(rest, '"')
		if n < 0 || !plain(rest[:n]) {
			return false
		}
		values[i], rest = rest[:n], rest[n:]
	}
	s.at = len(s.text) - len(rest)
	return true
}

// Number takes what is written in the characters of a number, which the caller has to make sure of.
func (s *Scan) Number() (token []byte, ok bool) {
	s.space()
	end := s.at
	for end < len(s.text) && numeric(s.text[end]) {
		end++
	}
	token, s.at = s.text[s.at:end], end
	return token, len(token) > 0
}

func numeric(b byte) bool {
	return b >= '0' && b <= '9' || b == '+' || b == '-' || b == '.' || b == 'e' || b == 'E'
}

// Null takes null, if that is what comes next.
func (s *Scan) Null() bool {
	if s.Next() != 'n' || !bytes.HasPrefix(s.text[s.at:], []byte("null")) {
		return false
	}
	s.at += len("null")
	return true
}

// Raw takes what stands between two quotes, whatever it is: the caller has to make sure that it is legal there, and has no escapes.
func (s *Scan) Raw() ([]byte, bool) {
	if !s.Byte('"') {
		return nil, false
	}
	n := bytes.IndexByte(s.text[s.at:], '"')
	if n < 0 {
		return nil, false
	}
	raw := s.text[s.at : s.at+n]
	s.at += n + 1
	return raw, true
}

// plain says that a string stands for itself: it has no escape and no control character, and is UTF-8.
func plain(raw []byte) bool {
	rest := raw
	for ; len(rest) >= 8; rest = rest[8:] {
		eight := binary.LittleEndian.Uint64(rest)
		if below(eight, ' ') || below(eight^each*'\\', 1) {
			return false
		}
		if eight&(each*utf8.RuneSelf) != 0 {
			break
		}
	}
	for _, b := range rest {
		if b < ' ' || b == '\\' {
			return false
		}
	}
	return utf8.Valid(rest) // what comes before is ASCII
}

const each = 0x01_01_01_01_01_01_01_01

// below says that one of eight bytes is below a bound of at most 128.
func below(eight uint64, bound byte) bool {
	return (eight-each*uint64(bound))&^eight&(each*0x80) != 0
}

// Part has another take what comes next: it is given the rest of the text, and says how much of that it took.
func (s *Scan) Part(take func(rest []byte) (length int, ok bool)) bool {
	s.space()
	n, ok := take(s.text[s.at:])
	s.at += n
	return ok
}

// Object takes an object: member is called with each name, as it stands there, and takes its value. To a name that it does not know, which may be
// one with an escape, it says false.
func (s *Scan) Object(member func(name string) bool) bool {
	if !s.Byte('{') {
		return false
	}
	if s.Byte('}') {
		return true
	}
	for {
		raw, ok := s.Raw()
		if !ok || !s.Byte(':') || !member(unsafe.String(unsafe.SliceData(raw), len(raw))) {
			return false
		}
		if s.Byte('}') {
			return true
		}
		if !s.Byte(',') {
			return false
		}
	}
}

// Array takes an array: element is called before each of its elements, and takes it.
func (s *Scan) Array(element func() bool) bool {
	if !s.Byte('[') {
		return false
	}
	if s.Byte(']') {
		return true
	}
	for {
		if !element() {
			return false
		}
		if s.Byte(']') {
			return true
		}
		if !s.Byte(',') {
			return false
		}
	}
}
