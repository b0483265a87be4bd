package replay

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"weir/record"
)

// TestATornRowIsNoRecord for its last field may lack digits; one whose line has ended is whole.
func TestATornRowIsNoRecord(t *testing.T) {
	const text = "t,key,value\n1,a,11111\n2,b,22222\n3,c,\"33\"\n"
	want := []string{`{"t":1,"key":"a","value":11111}`, `{"t":2,"key":"b","value":22222}`, `{"t":3,"key":"c","value":33}`}
	for at := len("t,key,value\n1,"); at <= len(text); at++ {
		whole := strings.Count(text[:at], "\n") - 1
		m := &memory{files: make(map[string]io.Reader)}
		m.add("file", io.MultiReader(strings.NewReader(text[:at]), iotest.ErrReader(errors.New("connection reset"))))
		records, skipped := parseAll(t, m, CSV)
		if !slices.Equal(records, want[:whole]) || skipped.ByReason[Broken] != 1 || skipped.Count != 1 {
			t.Errorf("%q: %q, %+v", text[:at], records, skipped)
		}
	}
}

// TestTheFutureIsThatOfTheRecord and not of the start: a live stream is read for hours.
func TestTheFutureIsThatOfTheRecord(t *testing.T) {
	p, err := newParser(&Options{Fields: textOptions("").Fields}, &skipLog{})
	if err != nil {
		t.Fatal(err)
	}
	p.latest = time.Now().Add(-time.Hour).UnixMilli() // a parser that was made a day and an hour ago
	p.parse(&block{data: []byte(event("a", int(time.Now().UnixMilli())))}, func(*record.Record) {})
	if warnings := p.counts.warnings(); len(warnings) > 0 {
		t.Error(warnings)
	}
}
