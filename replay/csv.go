package replay

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"weir/record"
)

// header is the first row of a CSV file: the names of its columns, and how its fields are separated.
type header struct {
	dialect
	row   []byte   // as it stands
	names [][]byte // as JSON has them: in quotes, with a colon behind
	bytes int      // of all of them
}

// dialect is how the fields of a CSV file are separated.
type dialect struct {
	delimiter byte
	// padded says that blanks around a field are none of it: those in the header are so.
	padded bool
}

// headerError says why a file's header cannot be used.
type headerError struct{ why string }

func (e *headerError) Error() string { return e.why }

// delimiters are what separates fields; the last is Hive's.
const delimiters = ",\t;|\x01"

// delimiterOf is what separates the names of a header: of the delimiters that it has outside quotes, the most frequent, and of several the first. It is not ok
// where there is none.
func delimiterOf(line []byte) (delimiter byte, ok bool) {
	var counts [len(delimiters)]int
	first, best, quoted := byte(0), 0, false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		}
		if i := strings.IndexByte(delimiters, c); i >= 0 && !quoted {
			counts[i]++
			if first == 0 {
				first = c
			}
			best = max(best, counts[i])
		}
	}
	if first == 0 {
		return ',', false
	}
	if counts[strings.IndexByte(delimiters, first)] == best {
		return first, true
	}
	for i, n := range counts {
		if n == best {
			return delimiters[i], true
		}
	}
	return first, true
}

// spokenDelimiter is what a line in front of the header says of it, as spreadsheets write: sep=;
func spokenDelimiter(text []byte) (delimiter byte, length int, ok bool) {
	line, _, whole := bytes.Cut(text, []byte{'\n'})
	rest := bytes.TrimSuffix(line, []byte{'\r'})
	if !whole || len(rest) != len("sep=;") || !bytes.HasPrefix(bytes.ToLower(rest), []byte("sep=")) {
		return 0, 0, false
	}
	return rest[4], len(line) + 1, true
}

// maxColumns is the most that a header may have, as many as a spreadsheet has.
const maxColumns = 16384

// newHeader reads a header. A single column needs no delimiter.
func newHeader(line []byte, delimiter byte) (*header, error) {
	h := &header{dialect: dialect{delimiter: delimiter}, row: line}
	h.padded = isPadded(line, delimiter)
	var names []string
	for f := (fields{rest: line, dialect: h.dialect}); f.next(); {
		name := string(f.text())
		switch {
		case f.malformed:
			return nil, &headerError{"a quote in its header stands in the wrong place"}
		case !utf8.ValidString(name):
			return nil, &headerError{fmt.Sprintf("the name of column %d of its header is not UTF-8", len(names)+1)}
		case len(names) == maxColumns:
			return nil, &headerError{fmt.Sprintf("its header has over %d columns", maxColumns)}
		}
		names = append(names, name)
	}
	for _, name := range distinct(names) {
		quoted := record.AppendString(nil, name)
		h.names = append(h.names, append(quoted, ':'))
		h.bytes += len(quoted) + 1
	}
	return h, nil
}

// distinct gives each column a name of its own. One without a name is called by its number, as column_3, and one that is called as another one before it, name_2. No name that
// is written goes to another column.
func distinct(names []string) []string {
	taken := make(map[string]bool, len(names)) // whether a column has the name already
	for _, name := range names {
		taken[name] = false
	}
	numbers := make(map[string]int)
	for i, name := range names {
		if name == "" {
			name = fmt.Sprintf("column_%d", i+1)
		}
		if has, written := taken[name]; has || written && names[i] == "" {
			name = withNumber(name, taken, numbers)
		}
		taken[name] = true
		names[i] = name
	}
	return names
}

// withNumber is the next name_2, name_3 and so on that no column has, or is written with.
func withNumber(name string, taken map[string]bool, numbers map[string]int) string {
	for {
		numbers[name]++
		one := fmt.Sprintf("%s_%d", name, numbers[name]+1)
		if _, known := taken[one]; !known {
			return one
		}
	}
}

// isPadded says that a header has blanks around a name, where they stand for nothing.
func isPadded(line []byte, delimiter byte) bool {
	d := dialect{delimiter: delimiter}
	for f := (fields{rest: line, dialect: d}); f.next(); {
		if n := len(f.field); !f.quoted && n > 0 && (d.pads(f.field[0]) || d.pads(f.field[n-1])) {
			return true
		}
	}
	return false
}

// pads says that a byte may stand around a field.
func (d *dialect) pads(c byte) bool { return c == ' ' || c == '\t' && d.delimiter != '\t' }

// trim is a field without what stands around it.
func (d *dialect) trim(field []byte) []byte {
	for len(field) > 0 && d.pads(field[0]) {
		field = field[1:]
	}
	for len(field) > 0 && d.pads(field[len(field)-1]) {
		field = field[:len(field)-1]
	}
	return field
}

// rows finds the rows of a CSV file; a quoted field may hold line ends. Blank lines are none.
type rows struct{ dialect }

func (r rows) cut(text []byte, ended bool, to []span) (spans []span, used int) {
	for used < len(text) {
		end, next, state := scanRow(text[used:], &r.dialect)
		if state == unfinished && !ended {
			break
		}
		row := bytes.TrimSuffix(text[used:used+end], []byte{'\r'})
		if len(row) > 0 && (row[0] > ' ' || len(bytes.Trim(row, " \t")) > 0) {
			to = append(to, span{used, used + len(row)})
		}
		used += next
	}
	return to, used
}

// ends says that a byte may stand behind the quote that closes a field.
func (d *dialect) ends(c byte) bool {
	return c == d.delimiter || c == '\r' || c == '\n' || d.padded && d.pads(c)
}

// scanRow finds the end of the row that text starts with, and the start of the next. Where a quote is never closed, or by one in another line behind which the field goes
// on, the row is its first line, so that one quote too many costs no other row.
func scanRow(text []byte, d *dialect) (end, next int, state scanState) {
	if line := bytes.IndexByte(text, '\n'); line >= 0 && bytes.IndexByte(text[:line], '"') < 0 {
		return line, line + 1, finished
	}
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
			if bytes.IndexByte(text[i:after], '\n') >= 0 && after < len(text) && !d.ends(text[after]) {
				end, next, _ = firstLine(text)
				return end, next, finished
			}
			i, start = after-1, false
		default:
			start = c == d.delimiter || start && d.padded && d.pads(c)
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
	dialect
	rest      []byte
	ended     bool
	quoted    bool
	malformed bool // this field or one before it
	field     []byte
}

func (f *fields) next() bool {
	if f.ended {
		return false
	}
	for f.padded && len(f.rest) > 0 && f.pads(f.rest[0]) {
		f.rest = f.rest[1:]
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
		f.malformed = f.malformed || end > 0 && !(f.padded && len(f.trim(f.rest[from:from+end])) == 0)
		f.field = f.rest[1:max(from-1, 1)]
	} else if f.padded {
		f.field = f.trim(f.field)
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

func countFields(row []byte, d dialect) (n int) {
	for f := (fields{rest: row, dialect: d}); f.next(); {
		n++
	}
	return n
}
