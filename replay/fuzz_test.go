package replay

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"weir/record"
)

// FuzzLines reads arbitrary bytes as a file, between two good ones, whose lines must be unharmed. Of a file that is text, every line that is not empty must become a record or
// a skip, and a record's data must be its line, byte for byte.
func FuzzLines(f *testing.F) {
	text := "{\"t\":1,\"key\":\"a\"}\n\n{\"t\":2}\r\nbroken\n{\"t\":3,\"key\":\"b\"}"
	whole := zipped(f, text, text)
	f.Add([]byte(text), false)
	f.Add([]byte(whole), true)
	f.Add([]byte(whole[:len(whole)*2/3]), true)
	f.Add([]byte(whole[:len(whole)-3]), false)
	f.Add([]byte("PAR1"), true)
	f.Add([]byte("\r\n\r"), true)
	f.Fuzz(func(t *testing.T, file []byte, small bool) {
		records, skipped := between(t, file, small)
		if !isText(file) {
			return
		}
		lines := linesOf(file)
		if len(records)+int(skipped.Count) != len(lines) {
			t.Errorf("%d records and %d skips of %d lines", len(records), skipped.Count, len(lines))
		}
		for _, data := range records {
			if !slices.Contains(lines, data) {
				t.Errorf("%q is no line of the file", data)
			}
		}
	})
}

// FuzzCompressedLines reads what encoders make of a text, whole or cut: all lines of the whole, of the cut none but those that were there, and then it says so.
func FuzzCompressedLines(f *testing.F) {
	text := "{\"t\":1,\"key\":\"a\"}\n\n{\"t\":2}\r\nbroken\n{\"t\":3,\"key\":\"b\"}"
	for form := range byte(4) {
		f.Add([]byte(text), form, uint16(0), true)
		f.Add([]byte(text), form, uint16(9), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, form byte, cut uint16, small bool) {
		if !isText(text) {
			return
		}
		encode := []func(string) string{
			func(s string) string { return zipped(t, s) },
			func(s string) string { return zipped(t, s[:len(s)/2], s[len(s)/2:]) },
			func(s string) string { return zstdOf(t, s) },
			func(s string) string { return zipOf(t, "member", s) },
		}[form%4]
		file, lines := encode(string(text)), linesOf(text)
		const told = 10 // bytes by which each form is told
		isCut := cut > 0 && int(cut) < len(file)-told
		if isCut {
			file = file[:len(file)-int(cut)]
		}
		records, skipped := between(t, []byte(file), small)
		for _, data := range records {
			if !slices.Contains(lines, data) {
				t.Errorf("%q is no line of the text", data)
			}
		}
		// A ZIP's directory, which is not needed, may be what is cut, and only a start of that.
		if n := len(records) + int(skipped.Count); !isCut && n != len(lines) || n > len(lines)+1 || n < len(lines) && skipped.ByReason[Broken] == 0 {
			t.Errorf("%d records and %d skips of %d lines, cut by %d", len(records), skipped.Count, len(lines), cut)
		}
	})
}

// between reads a file between two good ones, and gives what is of the file.
func between(t *testing.T, file []byte, small bool) (records []string, skipped Skipped) {
	t.Helper()
	const good = `{"t":0,"key":"good"}`
	content := io.Reader(bytes.NewReader(file))
	if small {
		content = iotest.HalfReader(content)
	}
	m := inMemory(good)
	m.add("fuzzed", content)
	m.add("last", strings.NewReader(good))
	records, skipped = parseAll(t, m, NDJSON)
	if len(records) < 2 || records[0] != good || records[len(records)-1] != good {
		t.Fatalf("the good files' lines are not the first and the last of %q", records)
	}
	return records[1 : len(records)-1], skipped
}

// isText says that a file is nothing but text: UTF-8 without control characters, and nothing that begins with the letters of bzip2.
func isText(file []byte) bool {
	control := func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != '\n' || r == 0x7f }
	return utf8.Valid(file) && !bytes.ContainsFunc(file, control) && !bytes.HasPrefix(file, []byte("BZh"))
}

// linesOf are the lines of a text that are not empty, in the plainest way. A mark in front of the text is none of it.
func linesOf(text []byte) (lines []string) {
	for line := range strings.SplitSeq(strings.TrimPrefix(string(text), byteOrderMark), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// parseAll is the data of every record of some files.
func parseAll(t testing.TB, f files, format Format) (data []string, skipped Skipped) {
	t.Helper()
	fields := record.DefaultFields()
	fields.EventTime = "t"
	return parseFields(t, f, format, fields)
}

// parseFields is the same with fields of one's own.
func parseFields(t testing.TB, f files, format Format, fields record.Fields) (data []string, skipped Skipped) {
	t.Helper()
	var skips skipLog
	p, err := newParser(&Options{Fields: fields}, &skips)
	if err != nil {
		t.Fatal(err)
	}
	l := &lines{open: oneByOne(f), format: format}
	defer l.close()
	for {
		b, err := l.next(t.Context())
		if err == io.EOF {
			return data, skips.snapshot()
		}
		if err != nil {
			t.Fatal(err)
		}
		p.parse(&b, func(r *record.Record) { data = append(data, string(r.Data)) })
	}
}
