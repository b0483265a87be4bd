package filter

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// parse reads patterns as JSON, with numbers as they are written.
func parse(t testing.TB, texts ...string) []map[string]any {
	t.Helper()
	patterns := make([]map[string]any, len(texts))
	for i, text := range texts {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&patterns[i]); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return patterns
}

func TestMatch(t *testing.T) {
	const kind = `{"data":{"kind":["order"]}}`
	for _, c := range []struct {
		name     string
		patterns []string
		data     string
		want     bool
	}{
		{"exact string", []string{kind}, `{"kind":"order","x":1}`, true},
		{"case matters", []string{kind}, `{"kind":"Order"}`, false},
		{"no prefix", []string{kind}, `{"kind":"orders"}`, false},
		{"a field that the data lacks", []string{kind}, `{"x":"order"}`, false},
		{"at its place only", []string{kind}, `{"data":{"kind":"order"}}`, false},
		{"a trailing newline", []string{kind}, `{"kind":"order"}` + "\n", true},
		{"two objects in one record", []string{kind}, `{"kind":"order"}{"kind":"order"}`, false},
		{"trailing garbage", []string{kind}, `{"kind":"order"}x`, false},
		{"data that is not JSON", []string{kind}, `kind=order`, false},
		{"no data", []string{kind}, ``, false},
		{"null data", []string{kind}, `null`, false},
		{"data that is a scalar", []string{kind}, `"order"`, false},
		{"data that is an array", []string{kind}, `[{"kind":"order"}]`, false},
		{"an escaped character is the character", []string{kind}, `{"kind":"\u006frder"}`, true},
		{"the last of two names counts", []string{kind}, `{"kind":"order","kind":"refund"}`, false},

		{"one of several values", []string{`{"data":{"kind":["a","b"]}}`}, `{"kind":"b"}`, true},
		{"all fields", []string{`{"data":{"a":["1"],"b":["2"]}}`}, `{"a":"1","b":"2"}`, true},
		{"not all fields", []string{`{"data":{"a":["1"],"b":["2"]}}`}, `{"a":"1","b":"3"}`, false},
		{"the second pattern", []string{kind, `{"data":{"kind":["refund"]}}`}, `{"kind":"refund"}`, true},
		{"none of the patterns", []string{kind, `{"data":{"kind":["refund"]}}`}, `{"kind":"other"}`, false},
		{"nested", []string{`{"data":{"a":{"b":["x"]}}}`}, `{"a":{"b":"x","c":0}}`, true},
		{"nested, missing", []string{`{"data":{"a":{"b":["x"]}}}`}, `{"a":"x"}`, false},
		{"an object is no value", []string{`{"data":{"a":["x"]}}`}, `{"a":{"x":"x"}}`, false},

		{"number as written", []string{`{"data":{"n":[300]}}`}, `{"n":300}`, true},
		{"number written otherwise", []string{`{"data":{"n":[300]}}`}, `{"n":300.0}`, false},
		{"number with exponent", []string{`{"data":{"n":[300]}}`}, `{"n":3e2}`, false},
		{"number with a fraction", []string{`{"data":{"n":[300.0]}}`}, `{"n":300.0}`, true},
		{"a string is no number", []string{`{"data":{"n":[12]}}`}, `{"n":"12"}`, false},
		{"nor a number a string", []string{`{"data":{"n":["12"]}}`}, `{"n":12}`, false},
		{"true", []string{`{"data":{"b":[true]}}`}, `{"b":true}`, true},
		{"true is not the string", []string{`{"data":{"b":[true]}}`}, `{"b":"true"}`, false},
		{"false", []string{`{"data":{"b":[true]}}`}, `{"b":false}`, false},
		{"null", []string{`{"data":{"b":[null]}}`}, `{"b":null}`, true},
		{"null is not missing", []string{`{"data":{"b":[null]}}`}, `{}`, false},
		{"null is not the empty string", []string{`{"data":{"b":[null]}}`}, `{"b":""}`, false},
		{"the empty string", []string{`{"data":{"b":[""]}}`}, `{"b":""}`, true},

		{"one element of an array", []string{`{"data":{"a":["x"]}}`}, `{"a":["y","x"]}`, true},
		{"no element of an array", []string{`{"data":{"a":["x"]}}`}, `{"a":["y"]}`, false},
		{"an empty array", []string{`{"data":{"a":[null]}}`}, `{"a":[]}`, false},
		{"an array in an array", []string{`{"data":{"a":["x"]}}`}, `{"a":[["x"]]}`, true},
		{"fields in one element", []string{`{"data":{"a":{"b":["1"],"c":["2"]}}}`}, `{"a":[{"b":"0"},{"b":"1","c":"2"}]}`, true},
		{"fields in different elements", []string{`{"data":{"a":{"b":["1"],"c":["2"]}}}`}, `{"a":[{"b":"1"},{"c":"2"}]}`, false},

		{"an array of objects and scalars", []string{`{"data":{"a":{"b":["1"]}}}`}, `{"a":["x",{"b":"1"}]}`, true},
		{"null in an array", []string{`{"data":{"a":[null]}}`}, `{"a":["x",null]}`, true},

		{"prefix", []string{`{"data":{"a":[{"prefix":"us-"}]}}`}, `{"a":"us-east-1"}`, true},
		{"another prefix", []string{`{"data":{"a":[{"prefix":"us-"}]}}`}, `{"a":"eu-us-1"}`, false},
		{"a prefix of characters", []string{`{"data":{"a":[{"prefix":"é"}]}}`}, `{"a":"\u00e9t\u00e9"}`, true},
		{"a prefix is of strings", []string{`{"data":{"a":[{"prefix":"1"}]}}`}, `{"a":12}`, false},
		{"suffix", []string{`{"data":{"a":[{"suffix":".png"}]}}`}, `{"a":"x.png"}`, true},
		{"another suffix", []string{`{"data":{"a":[{"suffix":".png"}]}}`}, `{"a":"x.jpg"}`, false},
		{"ignore case", []string{`{"data":{"a":[{"equals-ignore-case":"Straße"}]}}`}, `{"a":"STRAßE"}`, true},
		{"ignore case of another", []string{`{"data":{"a":[{"equals-ignore-case":"alice"}]}}`}, `{"a":"alicia"}`, false},

		{"anything but", []string{`{"data":{"a":[{"anything-but":["x"]}]}}`}, `{"a":"y"}`, true},
		{"anything but a bare value", []string{`{"data":{"a":[{"anything-but":"x"}]}}`}, `{"a":"x"}`, false},
		{"anything but several", []string{`{"data":{"a":[{"anything-but":["x","y"]}]}}`}, `{"a":"y"}`, false},
		{"anything but a string is a number, too", []string{`{"data":{"a":[{"anything-but":["x"]}]}}`}, `{"a":1}`, true},
		{"anything but has to be there", []string{`{"data":{"a":[{"anything-but":["x"]}]}}`}, `{"b":1}`, false},
		{"anything but is of leaves", []string{`{"data":{"a":[{"anything-but":["x"]}]}}`}, `{"a":{"b":1}}`, false},
		{"anything but numbers", []string{`{"data":{"a":[{"anything-but":[100,200]}]}}`}, `{"a":200}`, false},
		{"anything but numbers, another", []string{`{"data":{"a":[{"anything-but":[100,200]}]}}`}, `{"a":300}`, true},
		{"anything but in an array", []string{`{"data":{"a":[{"anything-but":["x"]}]}}`}, `{"a":["x","y"]}`, true},
		{"anything but all of an array", []string{`{"data":{"a":[{"anything-but":["x"]}]}}`}, `{"a":["x","x"]}`, false},
		{"anything but a prefix", []string{`{"data":{"a":[{"anything-but":{"prefix":"us-"}}]}}`}, `{"a":"us-1"}`, false},
		{"anything but a prefix, another", []string{`{"data":{"a":[{"anything-but":{"prefix":"us-"}}]}}`}, `{"a":"eu-1"}`, true},
		{"anything but a suffix", []string{`{"data":{"a":[{"anything-but":{"suffix":["a","b"]}}]}}`}, `{"a":"xb"}`, false},
		{"anything but whatever the case", []string{`{"data":{"a":[{"anything-but":{"equals-ignore-case":"init"}}]}}`}, `{"a":"INIT"}`, false},
		{"a prefix whatever the case", []string{`{"data":{"a":[{"prefix":{"equals-ignore-case":"ab"}}]}}`}, `{"a":"ABC"}`, true},
		{"a suffix whatever the case", []string{`{"data":{"a":[{"suffix":{"equals-ignore-case":"bc"}}]}}`}, `{"a":"ABC"}`, true},

		{"numeric", []string{`{"data":{"n":[{"numeric":["=",100]}]}}`}, `{"n":1.0e2}`, true},
		{"numeric below", []string{`{"data":{"n":[{"numeric":["<",10]}]}}`}, `{"n":10}`, false},
		{"numeric up to", []string{`{"data":{"n":[{"numeric":["<=",10]}]}}`}, `{"n":10}`, true},
		{"numeric range", []string{`{"data":{"n":[{"numeric":[">",0,"<=",5]}]}}`}, `{"n":5}`, true},
		{"numeric range, its open end", []string{`{"data":{"n":[{"numeric":[">",0,"<=",5]}]}}`}, `{"n":0}`, false},
		{"numeric is of numbers", []string{`{"data":{"n":[{"numeric":[">",0]}]}}`}, `{"n":"5"}`, false},
		{"numeric ends at five billion", []string{`{"data":{"n":[{"numeric":[">",0]}]}}`}, `{"n":5000000001}`, false},

		{"exists", []string{`{"data":{"a":[{"exists":true}]}}`}, `{"a":null}`, true},
		{"exists, missing", []string{`{"data":{"a":[{"exists":true}]}}`}, `{}`, false},
		{"exists is of leaves", []string{`{"data":{"a":[{"exists":true}]}}`}, `{"a":{"b":1}}`, false},
		{"does not exist", []string{`{"data":{"a":[{"exists":false}]}}`}, `{"b":1}`, true},
		{"does not exist, there", []string{`{"data":{"a":[{"exists":false}]}}`}, `{"a":0}`, false},
		{"an object does not exist", []string{`{"data":{"a":[{"exists":false}]}}`}, `{"a":{"b":1}}`, true},
		{"does not exist below what is not there", []string{`{"data":{"a":{"b":[{"exists":false}]}}}`}, `{"c":1}`, true},
		{"does not exist below a scalar", []string{`{"data":{"a":{"b":[{"exists":false}]}}}`}, `{"a":1}`, true},
		{"an empty array has no element that exists", []string{`{"data":{"a":[{"exists":true}]}}`}, `{"a":[]}`, false},
		{"an element exists", []string{`{"data":{"a":[{"exists":true}]}}`}, `{"a":[1]}`, true},
		{"does not exist in any element", []string{`{"data":{"a":{"b":[{"exists":false}],"c":["1"]}}}`}, `{"a":[{"b":1},{"c":"1"}]}`, false},
		{"does not exist, or a value", []string{`{"data":{"a":["x",{"exists":false}]}}`}, `{"b":1}`, true},

		{"or, the second", []string{`{"data":{"$or":[{"a":["x"]},{"b":["y"]}]}}`}, `{"a":"z","b":"y"}`, true},
		{"or, none", []string{`{"data":{"$or":[{"a":["x"]},{"b":["y"]}]}}`}, `{"a":"z","b":"z"}`, false},
		{"or beside a field", []string{`{"data":{"c":[1],"$or":[{"a":["x"]},{"b":["y"]}]}}`}, `{"a":"x","c":2}`, false},
		{"or in or", []string{`{"data":{"$or":[{"a":["x"]},{"b":["y"],"$or":[{"c":[1]},{"d":[1]}]}]}}`}, `{"b":"y","d":1}`, true},
		{"or below a field", []string{`{"data":{"a":{"$or":[{"b":[1]},{"c":[1]}]}}}`}, `{"a":{"c":1}}`, true},
		{"or over patterns for data", []string{`{"$or":[{"data":{"a":["x"]}},{"data":{"b":["y"]}}]}`}, `{"b":"y"}`, true},
		{"or in an array", []string{`{"data":{"a":{"$or":[{"b":[1]},{"c":[1]}]}}}`}, `{"a":[{"b":2},{"c":1}]}`, true},

		{"no pattern lets everything through", nil, `not JSON`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Compile(parse(t, c.patterns...))
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Match([]byte(c.data)) == Through; got != c.want {
				t.Errorf("%v on %s: %v", c.patterns, c.data, got)
			}
		})
	}
}

func TestNilFilterLetsEverythingThrough(t *testing.T) {
	if f := (*Filter)(nil); f.Match([]byte("anything")) != Through {
		t.Error("it did not")
	}
}

// A YAML reader gives other types than a JSON reader.
func TestNumbersOfYAML(t *testing.T) {
	for _, c := range []struct {
		pattern any
		data    string
	}{{uint64(300), "300"}, {int64(-3), "-3"}, {7, "7"}, {0.25, "0.25"}, {300.0, "300"}} {
		f, err := Compile([]map[string]any{{"data": map[string]any{"n": []any{c.pattern}}}})
		if err != nil {
			t.Fatal(err)
		}
		if f.Match([]byte(`{"n":`+c.data+`}`)) != Through {
			t.Errorf("%T %v does not match %s", c.pattern, c.pattern, c.data)
		}
	}
}

func TestCompileNamesWhatIsWrongAndWhere(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`{}`, "data is missing"},
		{`{"data":{"a":["x"]},"body":{}}`, `"body": a pattern for Kinesis has one key, data`},
		{`{"data":["x"]}`, "data: it has to be an object"},
		{`{"data":null}`, "data: it has to be an object"},
		{`{"data":{}}`, "data: an empty object"},
		{`{"data":{"a":{}}}`, "data.a: an empty object"},
		{`{"data":{"a":[]}}`, "data.a: an empty array"},
		{`{"data":{"a":"x"}}`, "data.a: a value stands in an array, as [x]"},
		{`{"data":{"a":[["x"]]}}`, "data.a[0]: "},
		{`{"data":{"a":["x",{"prefix":1}]}}`, "data.a[1].prefix: 1 is not a string"},
		{`{"data":{"a":[{"prefix":"x","suffix":"y"}]}}`, "data.a[0]: {prefix, suffix} is no operator: it has to have one name"},
		{`{"data":{"a":[{}]}}`, "data.a[0]: {} is no operator"},
		{`{"data":{"a":[{"startswith":"x"}]}}`, "data.a[0]: startswith is no operator: they are prefix"},
		{`{"data":{"a":[{"wildcard":"x*"}]}}`, "it is an operator of EventBridge's, and none of Lambda's"},
		{`{"data":{"a":[{"cidr":"10.0.0.0/8"}]}}`, "none of Lambda's"},
		{`{"data":{"a":[{"equals-ignore-case":null}]}}`, "is not a string"},
		{`{"data":{"a":[{"exists":"yes"}]}}`, "data.a[0].exists: yes is neither true nor false"},
		{`{"data":{"a":[{"anything-but":[]}]}}`, "an empty array is not allowed"},
		{`{"data":{"a":[{"anything-but":["x",1]}]}}`, "strings and numbers stand together"},
		{`{"data":{"a":[{"anything-but":null}]}}`, "is neither a string nor a number"},
		{`{"data":{"a":[{"anything-but":{"wildcard":"x"}}]}}`, "it takes values, prefix, suffix or equals-ignore-case, and not {wildcard}"},
		{`{"data":{"a":[{"anything-but":{"prefix":1}}]}}`, "data.a[0].anything-but.prefix: it takes strings"},
		{`{"data":{"a":{"b":[{"numeric":[">"]}]}}}`, "data.a.b[0].numeric: it has to be an array such as"},
		{`{"data":{"a":[{"numeric":["!=",1]}]}}`, "!= is none of ="},
		{`{"data":{"a":[{"numeric":[">","1"]}]}}`, "1 is not a number"},
		{`{"data":{"a":[{"numeric":[">",6e9]}]}}`, "not between -5e9 and 5e9"},
		{`{"data":{"a":[{"numeric":[">",5,"<",5]}]}}`, "no number is in the range"},
		{`{"data":{"a":[{"numeric":["<",5,">",1]}]}}`, "a range goes from > or >= to < or <=, in this order"},
		{`{"data":{"a":[{"numeric":[">",5,">",1]}]}}`, "a range goes from"},
		{`{"data":{"a":[{"numeric":["=",5,"<",9]}]}}`, "a range goes from"},
		{`{"data":{"a":[{"numeric":[">",5,"=",9]}]}}`, "= stands alone"},
		{`{"data":{"$or":[{"a":["x"]}]}}`, "data.$or: it has to be an array of two objects or more"},
		{`{"data":{"$or":[{"a":["x"]},{"prefix":["y"]}]}}`, "data.$or[1]: prefix is an operator, and no field"},
		{`{"data":{"$or":[{"a":["x"]},{}]}}`, "data.$or[1]: an empty object"},
		{`{"$or":[{"data":{"a":["x"]}},{"body":{}}]}`, `"body": a pattern for Kinesis has one key, data`},
		{`{"data":{"a":["` + strings.Repeat("x", 5000) + `"]}}`, "characters: Lambda takes at most 4096"},
	} {
		_, err := Compile(parse(t, `{"data":{"ok":[1]}}`, c.pattern))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "pattern 2") {
			t.Errorf("%s: %v, want %q", c.pattern, err, c.want)
		}
	}
}

func TestFivePatternsAreTakenAndTenOnRequest(t *testing.T) {
	pattern := parse(t, `{"data":{"a":["x"]}}`)[0]
	for _, c := range []struct{ patterns, doubts int }{{5, 0}, {6, 1}, {10, 1}, {11, -1}} {
		f, err := Compile(slices.Repeat([]map[string]any{pattern}, c.patterns))
		if (err != nil) != (c.doubts < 0) || err == nil && len(f.Doubts()) != c.doubts {
			t.Errorf("%d patterns: %v, %v", c.patterns, f, err)
		}
	}
}

func TestWhatLambdaDoesNotListIsDoubted(t *testing.T) {
	f, err := Compile(parse(t, `{"data":{"a":[{"anything-but":{"prefix":"x"}}],"b":[{"suffix":{"equals-ignore-case":"y"}}],"c":[{"anything-but":"z"}]}}`))
	if err != nil || len(f.Doubts()) != 2 || !strings.HasPrefix(f.Doubts()[0], "data.a[0].anything-but: prefix within anything-but is in EventBridge's") {
		t.Errorf("%v, %q", err, f.Doubts())
	}
}

// Lambda drops data that is not JSON where a pattern is for data that is: that is another thing than JSON that does not match.
func TestDataThatIsNotJSONIsToldFromJSONThatDoesNotMatch(t *testing.T) {
	f, err := Compile(parse(t, `{"data":{"kind":["order"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]Answer{
		`{"kind":"order"}`: Through, `{"kind":"refund"}`: Missed, `{"kind":["refund"]}`: Missed, `["order"]`: Missed, `"order"`: Missed, `null`: Missed,
		`kind=order`: NotJSON, ``: NotJSON, `{"kind":"order"}{"kind":"order"}`: NotJSON, "\xf3\x89\x9a\xc2": NotJSON,
	} {
		if got := f.Match([]byte(data)); got != want {
			t.Errorf("%q: %d, want %d", data, got, want)
		}
	}
}

// Whatever the pattern and the data: no panic, data that is not one JSON object never gets through, a pattern made of the data's own scalars lets it
// through, and one pass over the data and a tree of it say the same.
func FuzzFilter(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"data":{"kind":["order"]}}`, `{"kind":"order"}`},
		{`{"data":{"a":{"b":[1,null,true]}}}`, `{"a":[{"b":1.0},{"b":null}]}`},
		{`{"data":{"a":[{"prefix":"x"}]}}`, `{"a":"xy"}` + "\n"},
		{`{"data":{"$or":[{"a":[1]},{"b":{"c":[{"exists":false}]}}]}}`, `{"b":{"c":{}}}`},
		{`{"data":{"a":[{"numeric":[">",-1,"<",1e3]},{"anything-but":{"suffix":"é"}}]}}`, `{"a":"\u00e9"}`},
		{`null`, `{"a":1}{"b":2}`},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, patternText, data []byte) {
		var pattern map[string]any
		if json.Unmarshal(patternText, &pattern) == nil {
			if filter, err := Compile([]map[string]any{pattern}); err == nil {
				got := filter.Match(data)
				if want := matchTree(filter.patterns, data); got != want && isObject(data) {
					t.Errorf("%s on %q: %d in one pass, %d by a tree", patternText, data, got, want)
				}
				if got == Through && !isObject(data) {
					t.Errorf("%s lets %q through", patternText, data)
				}
			}
		}
		for name, scalar := range scalars(data) {
			if name == "$or" {
				continue
			}
			filter, err := Compile([]map[string]any{{"data": map[string]any{name: []any{scalar}}}})
			if err == nil && filter.Match(data) != Through {
				t.Errorf("%q: [%v] does not match its own data %q", name, scalar, data)
			}
		}
	})
}

func benchmark(b *testing.B, pattern, data string) {
	f, err := Compile(parse(b, pattern))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		f.Match([]byte(data))
	}
}

const benchmarkRow = `{"kind":"order","key":["EWR","UA"],"window_start":"2013-01-01T10:00:00Z","window_end":"2013-01-01T11:00:00Z","count":42,"sum":-117.25,"min":-30,"max":88.5}`

// The three are of one row: by its kind, as routes go; by an array in it, which takes a tree; and by a tree always, which is the peer.
func BenchmarkMatchKind(b *testing.B) { benchmark(b, `{"data":{"kind":["order"]}}`, benchmarkRow) }

func BenchmarkMatchKindAndCount(b *testing.B) {
	benchmark(b, `{"data":{"kind":["order"],"count":[{"numeric":[">",10]}]}}`, benchmarkRow)
}

func BenchmarkMatchArray(b *testing.B) { benchmark(b, `{"data":{"key":["UA"]}}`, benchmarkRow) }

func BenchmarkMatchKindByTree(b *testing.B) {
	f, err := Compile(parse(b, `{"data":{"kind":["order"]}}`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(benchmarkRow)))
	for b.Loop() {
		matchTree(f.patterns, []byte(benchmarkRow))
	}
}

func isObject(data []byte) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(data, &members) == nil && members != nil
}

// scalars are the members of a JSON object that are no objects and no arrays.
func scalars(data []byte) map[string]any {
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return nil
	}
	found := make(map[string]any)
	for name, raw := range members {
		decoder := json.NewDecoder(strings.NewReader(string(raw)))
		decoder.UseNumber()
		var member any
		if err := decoder.Decode(&member); err != nil {
			continue
		}
		if _, ok := valueOf(member); ok {
			found[name] = member
		}
	}
	return found
}
