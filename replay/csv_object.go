package replay

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"weir/record"
)

var (
	errRow  = errors.New("a quote stands in the wrong place, or is never closed")
	errUTF8 = errors.New("it is not UTF-8")
)

// appendObject appends the row as a JSON object: a member for each column. A field that is a JSON number is one, an empty field without
// quotes is null, and all else is a string.
func (h *header) appendObject(to, row []byte) ([]byte, error) {
	if !utf8.Valid(row) {
		return to, errUTF8
	}
	n := 0
	for f := (fields{rest: row, dialect: h.dialect}); f.next(); n++ {
		if f.malformed {
			return to, errRow
		}
		if n >= len(h.names) {
			continue
		}
		separator := byte(',')
		if n == 0 {
			separator = '{'
		}
		to = append(append(to, separator), h.names[n]...)
		to = appendValue(to, &f)
	}
	if n != len(h.names) {
		return to, fmt.Errorf("it has %d fields, and the header %d", n, len(h.names))
	}
	return append(to, '}'), nil
}

func appendValue(to []byte, f *fields) []byte {
	switch {
	case len(f.field) == 0 && !f.quoted:
		return append(to, "null"...)
	case isNumber(f.field):
		return append(to, f.field...)
	}
	return record.AppendString(to, f.text())
}

// isNumber says whether text is a number as JSON has them (RFC 8259, section 6), so that 007 is none.
func isNumber(text []byte) bool {
	if len(text) > 0 && text[0] == '-' {
		text = text[1:]
	}
	whole := digits(text)
	if whole == 0 || whole > 1 && text[0] == '0' {
		return false
	}
	text = text[whole:]
	if len(text) > 0 && text[0] == '.' {
		fraction := digits(text[1:])
		if fraction == 0 {
			return false
		}
		text = text[1+fraction:]
	}
	if len(text) > 0 && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
			text = text[1:]
		}
		return len(text) > 0 && digits(text) == len(text)
	}
	return len(text) == 0
}

// digits is how many digits text starts with.
func digits(text []byte) (n int) {
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n
}
