package replay

import (
	"fmt"
	"slices"
	"strings"
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
		{
			"with elements that are none on its one line", "[" + a + `,null,"x, {y}",-1.5,true,[],[1,["]"]],[ ]` + "," + b + ", 7 ," + c + "]",
			[]string{a, b, c},
			[]string{"1 19 not a JSON object", "1 24 not a JSON object", "1 33 not a JSON object", "1 38 not a JSON object", "1 43 not a JSON object"},
		},
		{"with an empty element at its end", "[" + a + ",[]\n]", []string{a}, []string{"1 19 not a JSON object"}},
		{"in an array", "[" + a + ",[" + b + "]," + c + "]", []string{a, b, c}, nil},
		{"with one behind a bracket that is never closed", "[" + a + ",[1,\n" + c + "]", []string{a, c}, []string{"1 20 not a JSON object"}},
		{"with elements that are none", "[" + a + ",\n5,\n" + c + "]", []string{a, c}, []string{"2 20 not a JSON object"}},
	} {
		records, skips := readAs(t, AutoFormat, test.text)
		if !slices.Equal(records, test.records) || !slices.Equal(skips, test.skips) {
			t.Errorf("%s: %q, %q; want %q, %q", test.name, records, skips, test.records, test.skips)
		}
	}
}

// TestAnElementThatIsNoneCostsItselfAlone however much stands behind it in one line, and one that is broken says how much it costs.
func TestAnElementThatIsNoneCostsItselfAlone(t *testing.T) {
	const n = 40_000
	text := `[{"t":1,"key":"a"},null` + strings.Repeat(`,{"t":2,"key":"a","pad":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}`, n) + "]"
	if records, skips := readAs(t, AutoFormat, text); len(records) != n+1 || !slices.Equal(skips, []string{"1 19 not a JSON object"}) {
		t.Errorf("%d records, %q", len(records), skips)
	}
	broken := `{"t":1,"x":tru` + strings.Repeat(`}{"t":2,"key":"a"`, 100) + "}"
	_, skipped := parseAll(t, inMemory("["+broken+"]"), AutoFormat)
	if skipped.Count != 1 || !strings.HasSuffix(skipped.Samples[0].Detail, fmt.Sprintf("; it has %d bytes", len(broken)+1)) {
		t.Errorf("%+v", skipped)
	}
}
