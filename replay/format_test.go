package replay

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"weir/record"
)

// readAs is the data of every record of a text, and what was skipped, as "line offset reason".
func readAs(t testing.TB, format Format, text string) (records, skips []string) {
	t.Helper()
	records, skipped := parseAll(t, inMemory(text), format)
	for _, s := range skipped.Samples {
		skips = append(skips, fmt.Sprintf("%d %d %s", s.Line, s.Offset, s.Reason))
	}
	return records, skips
}

func TestFormatIsToldByContent(t *testing.T) {
	for text, want := range map[string]Format{
		"":                          NDJSON,
		"\n\n":                      NDJSON,
		`{"a":1}`:                   NDJSON,
		"{\"a\":1}\n{\"a\":2}\n":    NDJSON,
		"{\"a\":1} \r\n{\"a\":2}":   NDJSON,
		`{"a":1}{"a":2}`:            Concatenated,
		`{"a":"}{"} {"a":2}`:        Concatenated,
		"{\n \"a\": 1\n}\n{}":       Concatenated,
		"{\"a\":1\n{\"a\":2}\n":     NDJSON, // the first line is broken
		"{\"a\":1}x\n{\"a\":2}":     NDJSON,
		"a,b\n1,2\n":                CSV,
		"a;b\n1;2":                  CSV,
		"a\tb\n\"x\ny\"\t2\n":       CSV,
		"\"a,b\",c\n1,2\n":          CSV,
		"a,b\n1,2,3\n":              NDJSON,
		"a,b\n":                     NDJSON,
		"# note, this\n{\"a\":1}":   NDJSON,
		"garbage\n{\"a\":1}\n":      NDJSON,
		"[1,2]\n[3,4]\n":            NDJSON,
		"[{\"a\":1}]":               Array,
		" [\n  {\n":                 Array,
		"[]":                        Array,
		"a|b\n1|2\n":                CSV,
		"sep=;\na\n":                CSV,
		"{\"a\":1}\xf3\x89\x9a\xc2": Concatenated,
		"\xf3\x89\x9a\xc2\n\x01a":   Concatenated,
		strings.Repeat("x", 1<<17):  NDJSON,
	} {
		if got, ok := sniff([]byte(text), true); got != want || !ok {
			t.Errorf("%.20q is %s, %v; want %s", text, got, ok, want)
		}
	}
}

// TestAFormatIsToldAsSoonAsItCanBe keeps a pipe from waiting for bytes that may come in an hour.
func TestAFormatIsToldAsSoonAsItCanBe(t *testing.T) {
	for text, want := range map[string]bool{
		`{"a":1`: false, `{"a":1}`: false, "{\"a\":1}\n": true, `{"a":1}{`: true, "a,b\n": false, "a,b\n1,2\n": true, "garbage\n": true, "garbage": false,
	} {
		if _, ok := sniff([]byte(text), false); ok != want {
			t.Errorf("%q: %v, want %v", text, ok, want)
		}
	}
}

func TestConcatenatedObjectsAreRecords(t *testing.T) {
	const a, b, c = `{"t":1,"key":"a"}`, `{"t":2,"key":"}{\"{","x":[{"y":{}}]}`, `{"t":3,"key":"c"}`
	pretty := "{\n  \"t\": 4,\n  \"key\": \"d\"\n}"
	for _, test := range []struct {
		name, text     string
		records, skips []string
	}{
		{"back to back", a + b + c, []string{a, b, c}, nil},
		{"with anything blank between", a + " " + b + "\n\n" + c + "\t\r\n " + a + "\n", []string{a, b, c, a}, nil},
		{"over lines", pretty + "\n" + a + pretty, []string{pretty, a, pretty}, nil},
		{"two, and more to a line", a + "\n" + b + c + "\n" + a, []string{a, b, c, a}, nil},
		{"with something between", a + "xx" + b + "]" + c, []string{a, b, c}, []string{"1 17 not a JSON object", "1 55 not a JSON object"}},
		{"cut short behind a value", a + `{"t":2,"key":"b"` + c + a, []string{a, c, a}, []string{"1 17 not a JSON object"}},
		{"cut short in a string", a + `{"t":2,"key":"b` + c + a, []string{a, c, a}, []string{"1 17 not a JSON object"}},
		{"cut short before a value", a + `{"t":2,"key":` + c + a, []string{a, a}, []string{"1 17 not a JSON object"}},
		{"broken inside", a + `{"t":{"t":9,"key":"z"},"key":tru}` + c, []string{a, c}, []string{"1 17 not a JSON object"}},
		{"cut short at the end", a + b + `{"t":3,"k`, []string{a, b}, []string{"1 53 not a JSON object"}},
		{"over lines, one of no use", pretty + "\n{\n}\n" + a, []string{pretty, a}, []string{"5 27 no event time"}},
		{"with a byte order mark", byteOrderMark + a + b, []string{a, b}, nil},
	} {
		records, skips := readAs(t, AutoFormat, test.text)
		if diff := cmp.Diff([][]string{test.records, test.skips}, [][]string{records, skips}); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestALineLongerThanAnyRecordIsReadObjectByObject(t *testing.T) {
	t.Parallel()
	object := fmt.Sprintf(`{"t":1,"key":"a","x":%q}`, strings.Repeat("y", 4000))
	for name, n := range map[string]int{"from the start": 300, "after some time": (maxLine + maxLine/4) / len(object), "in a line that is held": (maxRecord + maxRecord/4) / len(object)} {
		text := strings.Repeat(object, n)
		if name != "from the start" {
			text = object + "\n" + text[len(object):]
		}
		records, skips := readAs(t, AutoFormat, text)
		if len(records) != n || skips != nil || slices.ContainsFunc(records, func(r string) bool { return r != object }) {
			t.Errorf("%s: %d records, %q", name, len(records), skips)
		}
	}
}

func TestAForcedFormatIsKeptTo(t *testing.T) {
	const two = `{"t":1,"key":"a"}{"t":2,"key":"b"}`
	if records, skips := readAs(t, NDJSON, two); len(records) != 0 || !slices.Equal(skips, []string{"1 0 not a JSON object"}) {
		t.Errorf("ndjson: %q, %q", records, skips)
	}
	if records, _ := readAs(t, Concatenated, "{\"t\":1,\n\"key\":\"a\"}"); len(records) != 1 {
		t.Errorf("concatenated: %q", records)
	}
	if records, skips := readAs(t, CSV, "t\n1\n\n2\n"); len(records) != 0 || len(skips) != 2 || skips[1] != "4 5 no partition key" {
		t.Errorf("csv of one column: %q, %q", records, skips)
	}
}

func TestRowsAreObjects(t *testing.T) {
	for _, test := range []struct {
		name, text     string
		records, skips []string
	}{
		{"of numbers, text and nothing", "t,key,value\n1,a,-1.5e3\n2,007,\n3,\"\",\"\"\n", []string{
			`{"t":1,"key":"a","value":-1.5e3}`, `{"t":2,"key":"007","value":null}`,
		}, []string{"4 30 no partition key"}},
		{"quoted", "t,key\r\n1,\"a \"\"b\"\", c\nd\\\t\"\r\n2,e\"f\r\n", []string{`{"t":1,"key":"a \"b\", c\nd\\\u0009"}`, `{"t":2,"key":"e\"f"}`}, nil},
		{"of tabs", "t\tkey\n1\ta,b", []string{`{"t":1,"key":"a,b"}`}, nil},
		{"below names in quotes", "\"t\",\"key\",\"a \"\"b\"\"\"\n1,k,2\n", []string{`{"t":1,"key":"k","a \"b\"":2}`}, nil},
		{
			"of another length", "t,key\n1,a\n2,b,c\n3\n4,d\n",
			[]string{`{"t":1,"key":"a"}`, `{"t":4,"key":"d"}`},
			[]string{"3 10 not a row of the CSV header's columns", "4 16 not a row of the CSV header's columns"},
		},
		{
			"with a quote that is never closed", "t,key\n1,a\n2,\"b\n3,c\n",
			[]string{`{"t":1,"key":"a"}`, `{"t":3,"key":"c"}`},
			[]string{"3 10 not a row of the CSV header's columns"},
		},
		{
			"with more behind a quote", "t,key\n1,a\n2,\"b\"c\n3,d\n",
			[]string{`{"t":1,"key":"a"}`, `{"t":3,"key":"d"}`},
			[]string{"3 10 not a row of the CSV header's columns"},
		},
		{"not of UTF-8", "t,key\n1,a\n2,\xe9\n", []string{`{"t":1,"key":"a"}`}, []string{"3 10 not a row of the CSV header's columns"}},
		{"below a header with a name twice", "t,key,t,t_2\n1,a,2,3\n", []string{`{"t":1,"key":"a","t_3":2,"t_2":3}`}, nil},
		{"below a header with two names thrice", "t,key,v,v,v_2,v,v_2\n1,a,2,3,4,5,6\n", []string{`{"t":1,"key":"a","v":2,"v_3":3,"v_2":4,"v_4":5,"v_2_2":6}`}, nil},
		{"below a header with a column that is called as one without a name", "t,key,,column_3\n1,a,2,3\n", []string{`{"t":1,"key":"a","column_3_2":2,"column_3":3}`}, nil},
		{"below a header with no name", "t,key,\n1,a,2\n", []string{`{"t":1,"key":"a","column_3":2}`}, nil},
		{"below a header that is broken", "t,\"key\"x\n1,a\n", nil, []string{"1 0 CSV header is unusable"}},
		{"with their header again", "t,key\n1,a\nt,key\n2,b\n", []string{`{"t":1,"key":"a"}`, `{"t":2,"key":"b"}`}, []string{"3 10 the CSV header once more"}},
		{"that are padded", " t , key ,\"x\" \n 1 , a b , \"q, \"\"r\"\" \" \n\t2\t,c,  \n", []string{`{"t":1,"key":"a b","x":"q, \"r\" "}`, `{"t":2,"key":"c","x":null}`}, nil},
		{"whose blanks count", "t,key\n1, a \n", []string{`{"t":1,"key":" a "}`}, nil},
		{"between blank lines", "\n\nt,key\n\n1,a\n  \n\t\r\n2,b\n\n", []string{`{"t":1,"key":"a"}`, `{"t":2,"key":"b"}`}, nil},
		{"of pipes", "t|key|x,y\n1|a|2,5\n", []string{`{"t":1,"key":"a","x,y":"2,5"}`}, nil},
		{"of Hive's", "t\x01key\n1\x01a,b\n", []string{`{"t":1,"key":"a,b"}`}, nil},
		{"of a spreadsheet that says its separator", "sep=;\r\nt;key\r\n1;a,b\r\n", []string{`{"t":1,"key":"a,b"}`}, nil},
		{"of tabs with nothing in the first", "x\tt\tkey\n\t1\ta\n", []string{`{"x":null,"t":1,"key":"a"}`}, nil},
		{"below names with line ends", "t,\"ke\ny\",key\n1,x,a\n", []string{`{"t":1,"ke\ny":"x","key":"a"}`}, nil},
	} {
		records, skips := readAs(t, AutoFormat, test.text)
		if diff := cmp.Diff([][]string{test.records, test.skips}, [][]string{records, skips}); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// TestNamesOfManyColumns are found in time in proportion to their number, which has a bound.
func TestNamesOfManyColumns(t *testing.T) {
	names := slices.Repeat([]string{"a"}, maxColumns)
	h, err := newHeader([]byte(strings.Join(names, ",")), ',')
	if err != nil || len(h.names) != maxColumns || string(h.names[maxColumns-1]) != fmt.Sprintf(`"a_%d":`, maxColumns) {
		t.Error(err)
	}
	if allocated := testing.AllocsPerRun(1, func() { _, _ = newHeader(h.row, ',') }); allocated > 20*maxColumns {
		t.Errorf("%.0f allocations", allocated)
	}
	if _, err := newHeader([]byte(strings.Join(append(names, "b"), ",")), ','); err == nil || err.Error() != "its header has over 16384 columns" {
		t.Error(err)
	}
}

func TestAByteOrderMarkBetweenFilesIsPassedOver(t *testing.T) {
	const a = `{"t":1,"key":"a"}`
	records, skips := readAs(t, AutoFormat, byteOrderMark+a+"\n"+byteOrderMark+a+"\n"+byteOrderMark+"\n")
	if !slices.Equal(records, []string{a, a}) || len(skips) != 1 {
		t.Errorf("%q, %q", records, skips)
	}
}

// TestWhatMayBeCSVIsHintedAt where it was taken for NDJSON, for its header does not fit its first row.
func TestWhatMayBeCSVIsHintedAt(t *testing.T) {
	o := textOptions("t,key\n1,a,b\n2,c\n")
	const hint = "- may be CSV whose first row has not as many fields as its header: --format csv reads it so"
	if _, err := Open(t.Context(), o); err == nil || !strings.HasSuffix(err.Error(), hint) {
		t.Error(err)
	}
	o = textOptions("t,key\n1,a,b\n" + `{"t":1,"key":"a"}` + "\n")
	found, err := TakeSurvey(t.Context(), o, 1)
	if err != nil || !strings.Contains(found.String(), hint) {
		t.Errorf("%s, %v", &found, err)
	}
}

func TestARowHasTheFieldsOfItsColumns(t *testing.T) {
	o := textOptions("when,who,what,how much\n2013-01-01T06:00:00Z,ann,order,12.50\n")
	o.Fields = record.Fields{Kind: "what", EventTime: "when", Value: "how much", Key: []string{"who"}}
	records, _ := play(t, o)
	if want := (record.Event{Kind: "order", Key: "ann", Time: 1357020000000, Value: "12.50"}); len(records) != 1 || records[0].Event != want || records[0].PartitionKey != "ann" {
		t.Errorf("%+v", records)
	}
}

func TestNumbersAreTheOnesThatJSONHas(t *testing.T) {
	for _, text := range []string{"0", "-0", "1", "10", "1.5", "-1.50", "1e5", "1E+05", "0.1e-2", "", "-", "01", "1.", ".5", "+1", "1e", "1e+", "0x1", "1_0", "NaN", "1 "} {
		if got, want := isNumber([]byte(text)), json.Valid([]byte(text)) && text == strings.TrimSpace(text) && text != ""; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func zstdOf(t testing.TB, text string) string {
	t.Helper()
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoder.EncodeAll([]byte(text), nil))
}

func TestZstdIsReadAsTheCommandWritesIt(t *testing.T) {
	const a, b = `{"t":1,"key":"a"}`, `{"t":2,"key":"b"}`
	frames := "\x50\x2a\x4d\x18\x02\x00\x00\x00!!" + zstdOf(t, a+"\n") + zstdOf(t, b)
	m := inMemory(frames, frames[:len(frames)-4], a)
	records, skipped := parseAll(t, m, AutoFormat)
	if !slices.Equal(records, []string{a, b, a, a}) || skipped.Count != 1 || skipped.ByReason[Broken] != 1 {
		t.Errorf("%q, %+v", records, skipped)
	}
	command, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("there is no zstd here")
	}
	compress := exec.CommandContext(t.Context(), command, "-c", "--long")
	compress.Stdin = strings.NewReader(a + b)
	text, err := compress.Output()
	if err != nil {
		t.Fatal(err)
	}
	if records, _ := parseAll(t, inMemory(string(text)), AutoFormat); !slices.Equal(records, []string{a, b}) {
		t.Errorf("%q", records)
	}
}

func TestFirehoseErrorObjectsAreSkippedOrReplayed(t *testing.T) {
	object := func(raw string) string {
		return `{"attemptsMade":4,"arrivalTimestamp":1700000000000,"errorCode":"Lambda.FunctionTimedOut","errorMessage":"late","attemptEndingTimestamp":1700000000001,"rawData":"` + raw + `","lambdaArn":"arn"}`
	}
	text := `{"t":1,"key":"a"}` + "\n" + object("eyJ0IjoyLCJrZXkiOiJiIn0K") + object("bm8ganNvbg==") + "\n" + object("!") + "\n" + `{"rawData":"x","errorCode":""}` + "\n"
	for errors, want := range map[FirehoseErrors]struct {
		records []string
		skipped map[Reason]int64
	}{
		"":           {[]string{`{"t":1,"key":"a"}`}, map[Reason]int64{FirehoseError: 3, NoEventTime: 1}},
		ReplayErrors: {[]string{`{"t":1,"key":"a"}`, `{"t":2,"key":"b"}` + "\n"}, map[Reason]int64{FirehoseError: 1, NotJSON: 1, NoEventTime: 1}},
	} {
		o := textOptions(text)
		o.FirehoseErrors = errors
		records, stats := play(t, o)
		if diff := cmp.Diff(want.records, dataOf(records)); diff != "" {
			t.Errorf("%s: %s", errors, diff)
		}
		if diff := cmp.Diff(want.skipped, stats.Skipped.ByReason); diff != "" {
			t.Errorf("%s: %s", errors, diff)
		}
		for _, s := range stats.Skipped.Samples {
			if s.Reason == FirehoseError && (s.Line < 2 || !strings.HasPrefix(s.Detail, "Lambda.FunctionTimedOut")) {
				t.Errorf("%+v", s)
			}
		}
	}
}

func TestADayOfFlightsIsTheSameInEveryForm(t *testing.T) {
	t.Parallel()
	records, _ := play(t, Options{Source: filepath.Join(flights, "firehose", "2013", "01", "02"), Fields: flightFields(), Pace: mustSpeed(t, "max")})
	want := dataOf(records)
	one := strings.Join(want, "")
	for name, text := range map[string]string{"concatenated": one, "concatenated gzip": zipped(t, one), "spaced": strings.Join(want, " ")} {
		if got, skipped := parseFlights(t, text); len(want) < 1000 || !slices.Equal(got, want) || skipped.Count != 0 {
			t.Errorf("%s: %d records of %d, %d skips", name, len(got), len(want), skipped.Count)
		}
	}
}

func parseFlights(t *testing.T, text string) (data []string, skipped Skipped) {
	t.Helper()
	o := Options{Source: "-", Stdin: strings.NewReader(text), Fields: flightFields(), Pace: mustSpeed(t, "max")}
	records, stats := play(t, o)
	return dataOf(records), stats.Skipped
}
