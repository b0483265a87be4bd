package replay

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"weir/record"
)

// FuzzLines reads arbitrary bytes as a file, between two good ones. Every line that is not empty must become a record or a skip, the
// other files' lines must be unharmed, and a record's data must be its line, byte for byte.
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
		const good = `{"t":0,"key":"good"}`
		content := io.Reader(bytes.NewReader(file))
		if small {
			content = iotest.HalfReader(content)
		}
		m := inMemory(good)
		m.add("fuzzed", content)
		m.add("last", strings.NewReader(good))
		records, skipped := parseAll(t, m, NDJSON)
		if len(records) < 2 || records[0] != good || records[len(records)-1] != good {
			t.Fatalf("the good files' lines are not the first and the last of %q", records)
		}
		least, most, lines := countLines(file)
		if got := int64(len(records)-2) + skipped.Count; got < least || got > most {
			t.Errorf("%d records and %d skips of %d to %d lines", len(records)-2, skipped.Count, least, most)
		}
		for _, data := range records[1 : len(records)-1] {
			if !lines[data] {
				t.Errorf("%q is no line of the file", data)
			}
		}
	})
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

// countLines counts a file's lines in the plainest way. A file that breaks off counts once more, unless its last line is
// part of the break.
func countLines(file []byte) (least, most int64, lines map[string]bool) {
	text, broken := file, false
	var c content
	if c.reset(bytes.NewReader(file)) != nil || c.parquet {
		return 1, 1, nil
	}
	if len(c.Names()) > 0 {
		var err error
		text, err = io.ReadAll(&c)
		broken = err != nil
	}
	lines = make(map[string]bool)
	for line := range strings.SplitSeq(string(text), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line != "" {
			lines[line] = true
			least++
		}
	}
	most = least
	if broken {
		most++
		least = max(least, 1)
	}
	return least, most, lines
}
