package wire

import (
	"bytes"
	"unicode/utf8"
	"unsafe"
)

// Scan goes through JSON as clients write it: each of its methods takes one thing, and says false where something else stands, be it
// legal. What is legal and rare, as a string with an escape, is left to encoding/json.
type Scan struct {
	text []byte
	at   int
}

// NewScan begins at the start of the text.
func NewScan(text []byte) *Scan { return &Scan{text: text} }

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

// plain says that a string stands for itself.
func plain(raw []byte) bool {
	ascii := true
	for _, b := range raw {
		if b < ' ' || b == '\\' {
			return false
		}
		ascii = ascii && b < utf8.RuneSelf
	}
	return ascii || utf8.Valid(raw)
}

// Object takes an object: member is called with each name, and takes its value.
func (s *Scan) Object(member func(name string) bool) bool {
	if !s.Byte('{') {
		return false
	}
	if s.Byte('}') {
		return true
	}
	for {
		name, ok := s.Text()
		if !ok || !s.Byte(':') || !member(name) {
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
