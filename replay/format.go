package replay

import (
	"bytes"
	"fmt"

	"weir/stream/kpl"
)

// Format is how the records of a file stand in it.
type Format string

const (
	// AutoFormat tells the format of each file by how it starts.
	AutoFormat Format = "auto"
	// NDJSON is one JSON object a line.
	NDJSON Format = "ndjson"
	// Concatenated is JSON objects one after another, with anything blank or nothing between them, as Firehose delivers
	// what was put without line ends. An object may span lines. KPL aggregates may stand among the objects.
	Concatenated Format = "concatenated"
	// Array is JSON arrays of objects, as a rule one that is the whole file. An element that is no object is skipped.
	Array Format = "array"
	// CSV is rows below a header (RFC 4180), separated by commas, tabs, semicolons, pipes or Hive's \x01. A row is sent as a JSON object.
	CSV Format = "csv"
)

// ParseFormat reads a format as the command line and scenarios write it; the empty text stands for auto.
func ParseFormat(text string) (Format, error) {
	switch format := Format(text); format {
	case "":
		return AutoFormat, nil
	case AutoFormat, NDJSON, Concatenated, Array, CSV:
		return format, nil
	}
	return "", fmt.Errorf("format %q is none of %s, %s, %s, %s and %s", text, AutoFormat, NDJSON, Concatenated, Array, CSV)
}

// sniffBytes is how much of a file is looked at, at most, unless it starts with one object that is longer than that.
const sniffBytes = 64 << 10

// byteOrderMark is what some programs write in front of UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// sniff tells a file's format by the start of its text; ended says that there is no more of it. It is not ok where more is needed.
// A file that looks like nothing is NDJSON, so that each of its lines is named.
func sniff(text []byte, ended bool) (format Format, ok bool) {
	start := skipBlank(text, 0)
	switch {
	case start == len(text):
		return NDJSON, ended || len(text) >= sniffBytes
	case bytes.HasPrefix(text[start:], []byte(kpl.Magic)):
		return Concatenated, true
	case text[start] == '[':
		return sniffArray(text[start:], ended)
	case text[start] != '{':
		return sniffRows(text[start:], ended)
	}
	end, state := scanObject(text[start:])
	object := text[start : start+end]
	switch {
	case state == broken:
		return NDJSON, true
	case bytes.IndexByte(object, '\n') >= 0:
		return Concatenated, true
	case state == unfinished:
		return NDJSON, ended
	}
	for _, c := range text[start+end:] {
		switch c {
		case ' ', '\t', '\r':
		case '{', kpl.Magic[0]:
			return Concatenated, true
		default:
			return NDJSON, true
		}
	}
	return NDJSON, ended
}

// sniffArray tells an array of objects, or one with nothing in it, by what follows its bracket.
func sniffArray(text []byte, ended bool) (format Format, ok bool) {
	first := skipBlank(text, 1)
	switch {
	case first == len(text):
		return NDJSON, ended || len(text) >= sniffBytes
	case text[first] == '{' || text[first] == ']':
		return Array, true
	}
	return NDJSON, true
}

// sniffRows tells CSV by a header of two columns or more and a first row of as many fields.
func sniffRows(text []byte, ended bool) (format Format, ok bool) {
	if _, length, spoken := spokenDelimiter(text); spoken {
		return CSV, length > 0
	}
	header, rest, whole := bytes.Cut(text, []byte{'\n'})
	delimiter, isHeader := delimiterOf(header)
	if whole && !isHeader {
		return NDJSON, true
	}
	d := dialect{delimiter: delimiter, padded: isPadded(bytes.TrimRight(header, " \r"), delimiter)}
	rest = skipBlankLines(rest)
	end, _, state := scanRow(rest, &d)
	switch {
	case whole && (state == finished || ended && len(rest) > 0):
		if rest[0] != '{' && countFields(bytes.TrimRight(rest[:end], "\r"), d) == countFields(bytes.TrimRight(header, "\r"), d) {
			return CSV, true
		}
		return NDJSON, true
	}
	return NDJSON, ended || len(text) >= sniffBytes
}

// firstRow is the first line of a text, up to a line end outside quotes.
func firstRow(text []byte) []byte {
	quoted := false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n' && !quoted:
			return text[:i]
		}
	}
	return text
}

// skipBlankLines is a text without the lines at its start that hold nothing.
func skipBlankLines(text []byte) []byte {
	for {
		line, rest, whole := bytes.Cut(text, []byte{'\n'})
		if !whole || len(bytes.Trim(line, " \t\r")) > 0 {
			return text
		}
		text = rest
	}
}

// span is one record in a text: its bytes from start to before end.
type span struct{ start, end int }

// scanState is what became of the scan of one record.
type scanState uint8

const (
	finished   scanState = iota
	unfinished           // the text ended in the middle
	broken
)

// framer finds the records in a text that is not read by lines.
type framer interface {
	// cut appends the records that are whole in text, and says how much of it they and what is between them take. With
	// ended, no more will come: the rest, if it is not blank, is a last record, which may be broken.
	cut(text []byte, ended bool, to []span) (spans []span, used int)
}

// blank says which bytes may stand between JSON values (RFC 8259, section 2).
func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// skipBlank is the first place from at on that is not blank.
func skipBlank(text []byte, at int) int {
	for at < len(text) && blank(text[at]) {
		at++
	}
	return at
}
