package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// header is the first row of a CSV file: the names of its columns, and how its fields are separated.
type header struct {
	delimiter byte
	names     [][]byte // as JSON has them: in quotes, with a colon behind
	bytes     int      // of all of them
}

// headerError says why a file's header cannot be used.
type headerError struct{ why string }

func (e *headerError) Error() string { return e.why }

// delimiterOf is what separates the names of a header: the first comma, tab or semicolon outside quotes. It is not ok where there is
// none.
func delimiterOf(line []byte) (delimiter byte, ok bool) {
	quoted := false
	for _, c := range line {
		switch c {
		case '"':
			quoted = !quoted
		case ',', '\t', ';':
			if !quoted {
				return c, true
			}
		}
	}
	return ',', false
}

// newHeader reads a header. A single column needs no delimiter.
func newHeader(line []byte) (*header, error) {
	delimiter, _ := delimiterOf(line)
	h := &header{delimiter: delimiter}
	seen := make(map[string]bool)
	for f := (fields{rest: line, delimiter: delimiter}); f.next(); {
		name := string(f.text())
		switch {
		case f.malformed:
			return nil, &headerError{"a quote in its header stands in the wrong place"}
		case name == "" || !utf8.ValidString(name):
			return nil, &headerError{fmt.Sprintf("column %d of its header has no name that is text", len(h.names)+1)}
		case seen[name]:
			return nil, &headerError{fmt.Sprintf("two columns of its header are called %q", name)}
		}
		seen[name] = true
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, &headerError{err.Error()}
		}
		h.names = append(h.names, append(quoted, ':'))
		h.bytes += len(quoted) + 1
	}
	return h, nil
}

// rows finds the rows of a CSV file; a quoted field may hold line ends. Blank lines are none.
type rows struct{ delimiter byte }

func (r rows) cut(text []byte, ended bool, to []span) (spans []span, used int) {
	for used < len(text) {
		end, next, state := scanRow(text[used:], r.delimiter)
		if state == unfinished && !ended {
			break
		}
		row := bytes.TrimSuffix(text[used:used+end], []byte{'\r'})
		if len(row) > 0 {
			to = append(to, span{used, used + len(row)})
		}
		used += next
	}
	return to, used
}

// scanRow finds the end of the row that text starts with, and the start of the next. Where a quote is never closed, the row is its
// first line, so that one quote too many costs no other row.
func scanRow(text []byte, delimiter byte) (end, next int, state scanState) {
	start := true // of a field
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			return i, i + 1, finished
		case c == '"' && start:
			after := closingQuote(text, i+1)
			if after < 0 {
				return firstLine(text)
			}
			i, start = after-1, false
		default:
			start = c == delimiter
		}
	}
	return len(text), len(text), unfinished
}

func firstLine(text []byte) (end, next int, state scanState) {
	if line := bytes.IndexByte(text, '\n'); line >= 0 {
		return line, line + 1, unfinished
	}
	return len(text), len(text), unfinished
}

// closingQuote is the place behind the quote that closes a field, -1 where none does; two quotes stand for one.
func closingQuote(text []byte, at int) int {
	for {
		quote := bytes.IndexByte(text[at:], '"')
		if quote < 0 {
			return -1
		}
		at += quote + 1
		if at == len(text) || text[at] != '"' {
			return at
		}
		at++
	}
}

// fields goes through the fields of a row.
type fields struct {
	rest      []byte
	delimiter byte
	ended     bool
	quoted    bool
	malformed bool // this field or one before it
	field     []byte
}

func (f *fields) next() bool {
	if f.ended {
		return false
	}
	f.quoted = len(f.rest) > 0 && f.rest[0] == '"'
	from := 0
	if f.quoted {
		from = closingQuote(f.rest, 1)
		if from < 0 {
			f.malformed, from = true, len(f.rest)
		}
	}
	end := bytes.IndexByte(f.rest[from:], f.delimiter)
	if f.ended = end < 0; f.ended {
		end = len(f.rest) - from
	}
	if f.field = f.rest[:from+end]; f.quoted {
		f.malformed = f.malformed || end > 0
		f.field = f.rest[1:max(from-1, 1)]
	}
	if !f.ended {
		f.rest = f.rest[from+end+1:]
	}
	return true
}

// text is the field's characters.
func (f *fields) text() []byte {
	if f.quoted && bytes.IndexByte(f.field, '"') >= 0 {
		return bytes.ReplaceAll(f.field, []byte(`""`), []byte{'"'})
	}
	return f.field
}

func countFields(row []byte, delimiter byte) (n int) {
	for f := (fields{rest: row, delimiter: delimiter}); f.next(); {
		n++
	}
	return n
}
