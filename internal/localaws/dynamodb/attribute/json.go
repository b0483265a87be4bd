package attribute

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"weir/internal/localaws/wire"
)

// malformed is why a text is not the JSON of attribute values, in AWS's words: the message of a SerializationException.
type malformed string

// Error is the message.
func (m malformed) Error() string { return string(m) }

var errShort = errors.New("unexpected end of JSON input")

// jsonReader walks through one JSON text. The codec has checked the text before; bytes that are no JSON give an error all
// the same, never a panic.
type jsonReader struct {
	data []byte
	at   int
}

func (r *jsonReader) space() {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// take consumes a byte, and white space before it, if it comes next.
func (r *jsonReader) take(c byte) bool {
	r.space()
	if r.at < len(r.data) && r.data[r.at] == c {
		r.at++
		return true
	}
	return false
}

func (r *jsonReader) literal(word string) bool {
	r.space()
	if bytes.HasPrefix(r.data[r.at:], []byte(word)) {
		r.at += len(word)
		return true
	}
	return false
}

func (r *jsonReader) null() bool { return r.literal("null") }

func (r *jsonReader) object(member func(name string) error) error {
	if !r.take('{') {
		return r.mismatch(wire.Structure)
	}
	if r.take('}') {
		return nil
	}
	for {
		name, err := r.text()
		if err != nil {
			return err
		}
		if !r.take(':') {
			return r.unexpected()
		}
		if err := member(name); err != nil {
			return err
		}
		if r.take('}') {
			return nil
		}
		if !r.take(',') {
			return r.unexpected()
		}
	}
}

func (r *jsonReader) array(element func() error) error {
	if !r.take('[') {
		return r.mismatch(wire.List)
	}
	if r.take(']') {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if r.take(']') {
			return nil
		}
		if !r.take(',') {
			return r.unexpected()
		}
	}
}

// text reads a string.
func (r *jsonReader) text() (string, error) {
	if !r.take('"') {
		return "", r.mismatch(wire.String)
	}
	start, plain := r.at, true
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; {
		case c == '"':
			r.at++
			if inside := r.data[start : r.at-1]; plain {
				return string(inside), nil
			}
			return unquote(r.data[start-1 : r.at])
		case c == '\\':
			r.at++
			plain = false
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	return "", errShort
}

// unquote leaves escapes and invalid UTF-8 to encoding/json.
func unquote(quoted []byte) (string, error) {
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return "", err
	}
	return text, nil
}

func (r *jsonReader) binary() (string, error) {
	if r.space(); r.at < len(r.data) && r.data[r.at] != '"' {
		return "", r.mismatch(wire.Blob)
	}
	text, err := r.text()
	if err != nil {
		return "", err
	}
	if len(text)%4 != 0 {
		return "", malformed(fmt.Sprintf("Base64 encoded length is expected a multiple of 4 bytes but found: %d", len(text)))
	}
	binary, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", malformed("Invalid last non-pad Base64 character dectected") // AWS's own spelling
	}
	return string(binary), nil
}

// flag reads a bool.
func (r *jsonReader) flag() (bool, error) {
	if r.literal("true") {
		return true, nil
	}
	if r.literal("false") {
		return false, nil
	}
	return false, r.mismatch(wire.Boolean)
}

// skip passes over any value.
func (r *jsonReader) skip() error {
	r.space()
	decoder := json.NewDecoder(bytes.NewReader(r.data[r.at:]))
	var value json.RawMessage
	if err := decoder.Decode(&value); err != nil {
		return fmt.Errorf("byte %d: %w", r.at, err)
	}
	r.at += int(decoder.InputOffset())
	return nil
}

// mismatch says that another kind was expected.
func (r *jsonReader) mismatch(want wire.Kind) error {
	r.space()
	if r.at >= len(r.data) {
		return errShort
	}
	return malformed(Mismatch(wire.TokenAt(r.data[r.at:]), want))
}

func (r *jsonReader) unexpected() error {
	if r.at >= len(r.data) {
		return errShort
	}
	return fmt.Errorf("byte %d: unexpected %q", r.at, r.data[r.at])
}
