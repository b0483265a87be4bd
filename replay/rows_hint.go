package replay

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"weir/survey"
)

// rowsHint says of a file that is taken for NDJSON that it may be CSV, and how it is read so; it is empty where the file begins as none does.
func rowsHint(file string, text []byte) string {
	text = text[skipBlank(text, 0):]
	if len(text) == 0 || text[0] == '{' || text[0] == '[' {
		return ""
	}
	file = survey.Printable(file)
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	if comments := commentLines(text); comments > 0 {
		return fmt.Sprintf("%s may be CSV below a comment: tail -n +%d takes that away", file, comments+1)
	}
	if start, _, more := bytes.Cut(line, []byte{'\r'}); more && len(bytes.TrimLeft(line[len(start):], "\r")) > 0 && isSeparated(start) {
		return file + ` may be CSV whose lines end with \r alone: tr '\r' '\n' makes line ends of them`
	}
	switch {
	case isSeparated(text):
		return file + " may be CSV whose first row has not as many fields as its header: --format csv reads it so"
	case isSingle(text):
		return file + " may be CSV of a single column: --format csv reads it so"
	}
	return ""
}

// commentLines is how many lines in front of a header are comments; 0 where what follows them is no CSV.
func commentLines(text []byte) (n int) {
	for len(text) > 0 && (text[0] == '#' || bytes.HasPrefix(text, []byte("//"))) {
		_, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		n++
	}
	if format, ok := sniffRows(text, true); n > 0 && len(text) > 0 && ok && format == CSV {
		return n
	}
	return 0
}

// isSeparated says that the first row of a text has what separates fields.
func isSeparated(text []byte) bool {
	_, separated := delimiterOf(firstRow(text))
	return separated
}

// isSingle says that the first two lines of a text are each a value: a name, and what has no blank and no bracket.
func isSingle(text []byte) bool {
	name, rest, _ := bytes.Cut(text, []byte{'\n'})
	value, _, _ := bytes.Cut(skipBlankLines(rest), []byte{'\n'})
	name, value = bytes.TrimRight(name, " \r"), bytes.TrimRight(value, " \r")
	return len(name) > 0 && len(value) > 0 && utf8.Valid(name) && !bytes.ContainsAny(name, " {}[]:") && !bytes.ContainsAny(value, "{}[]")
}
