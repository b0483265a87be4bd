package filter

import (
	"encoding/json"
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

		{"no pattern lets everything through", nil, `not JSON`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Compile(parse(t, c.patterns...))
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Match([]byte(c.data)); got != c.want {
				t.Errorf("%v on %s: %v", c.patterns, c.data, got)
			}
		})
	}
}

func TestNilFilterLetsEverythingThrough(t *testing.T) {
	if f := (*Filter)(nil); !f.Match([]byte("anything")) {
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
		if !f.Match([]byte(`{"n":` + c.data + `}`)) {
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
		{`{"data":{"a":["x",{"prefix":"y"}]}}`, "data.a[1]: the operator prefix is not supported yet"},
		{`{"data":{"a":{"b":[{"numeric":[">",1]}]}}}`, "data.a.b[0]: the operator numeric is not supported yet"},
		{`{"data":{"a":[{"exists":false}]}}`, "the operator exists is not supported yet"},
		{`{"data":{"a":[{"anything-but":["x"]}]}}`, "the operator anything-but is not supported yet"},
		{`{"data":{"$or":[{"a":["x"]},{"b":["y"]}]}}`, "data.$or: the operator $or is not supported yet"},
	} {
		_, err := Compile(parse(t, `{"data":{"ok":[1]}}`, c.pattern))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "pattern 2") {
			t.Errorf("%s: %v, want %q", c.pattern, err, c.want)
		}
	}
}

func TestAtMostFivePatterns(t *testing.T) {
	pattern := parse(t, `{"data":{"a":["x"]}}`)[0]
	if _, err := Compile([]map[string]any{pattern, pattern, pattern, pattern, pattern}); err != nil {
		t.Error(err)
	}
	if _, err := Compile([]map[string]any{pattern, pattern, pattern, pattern, pattern, pattern}); err == nil {
		t.Error("six patterns were taken")
	}
}

// Whatever the pattern and the data: no panic, data that is not one JSON object never gets through, and a pattern made of the
// data's own scalars does.
func FuzzFilter(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"data":{"kind":["order"]}}`, `{"kind":"order"}`},
		{`{"data":{"a":{"b":[1,null,true]}}}`, `{"a":[{"b":1.0},{"b":null}]}`},
		{`{"data":{"a":[{"prefix":"x"}]}}`, `{"a":"xy"}` + "\n"},
		{`{"data":{"$or":[]}}`, `[]`},
		{`null`, `{"a":1}{"b":2}`},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, patternText, data []byte) {
		var pattern map[string]any
		if json.Unmarshal(patternText, &pattern) == nil {
			if filter, err := Compile([]map[string]any{pattern}); err == nil && filter.Match(data) && !isObject(data) {
				t.Errorf("%s lets %q through", patternText, data)
			}
		}
		for name, scalar := range scalars(data) {
			if name == "$or" {
				continue
			}
			filter, err := Compile([]map[string]any{{"data": map[string]any{name: []any{scalar}}}})
			if err != nil || !filter.Match(data) {
				t.Errorf("%q: [%v] does not match its own data %q: %v", name, scalar, data, err)
			}
		}
	})
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
