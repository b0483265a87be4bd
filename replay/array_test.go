package replay

import (
	"slices"
	"testing"
)

func TestArraysOfObjects(t *testing.T) {
	const a, b, c = `{"t":1,"key":"a"}`, `{"t":2,"key":"b","x":[{"t":9,"key":"z"}]}`, `{"t":3,"key":"c"}`
	for _, test := range []struct {
		name, text     string
		records, skips []string
	}{
		{"on one line", "[" + a + "," + b + "]", []string{a, b}, nil},
		{"over several lines", "[\n  " + a + ",\n  " + b + "\n]\n", []string{a, b}, nil},
		{"one behind another", "[" + a + "]\n[" + b + "," + c + "]\n", []string{a, b, c}, nil},
		{"with a comma too many", "[" + a + "," + b + ",]", []string{a, b}, nil},
		{"with nothing in it, and then something", "[]\n[" + a + "]", []string{a}, nil},
		{"that breaks off", "[\n" + a + ",\n" + b[:20], []string{a}, []string{"3 21 not a JSON object"}},
		{"with a broken element on a line", "[\n" + a + ",\n" + b[:30] + ",\n" + c + "\n]", []string{a, c}, []string{"3 21 not a JSON object"}},
		{"whose broken element has an object in it", "[" + a + `,{"t":2,"x":[` + c + "]", []string{a}, []string{"1 19 not a JSON object"}},
		{"with elements that are none", "[" + a + ",\n5,\n" + c + "]", []string{a, c}, []string{"2 20 not a JSON object"}},
	} {
		records, skips := readAs(t, AutoFormat, test.text)
		if !slices.Equal(records, test.records) || !slices.Equal(skips, test.skips) {
			t.Errorf("%s: %q, %q; want %q, %q", test.name, records, skips, test.records, test.skips)
		}
	}
}
