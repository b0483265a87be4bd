package attribute

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var compareSets = cmp.AllowUnexported(Set{})

func TestValuesOfEveryTypeAreRead(t *testing.T) {
	const text = ` {"s": {"S":"a\u00e9\"b"}, "n":{"N":"1.50"}, "b":{"B":"AQID"}, "t":{"BOOL":true}, "f":{"BOOL":false}, "z":{"NULL":true},
		"l":{"L":[{"N":"1"},{"L":[]}]}, "m":{"M":{"a":{"S":""}}}, "ss":{"SS":["b","a"]}, "ns":{"NS":["10","9","1.0"]}, "bs":{"BS":["Ag==","AQ=="]},
		"more":{"S":null,"N":"7","other":[{"a":[1,"]"]}]} } `
	want := Map{
		"s": String(`aé"b`), "n": Number("1.5"), "b": Binary("\x01\x02\x03"), "t": Bool(true), "f": Bool(false), "z": Null{},
		"l": List{Number("1"), List{}}, "m": Map{"a": String("")},
		"ss": NewSet(TypeString, []string{"a", "b"}), "ns": NewSet(TypeNumber, []string{"1", "9", "10"}),
		"bs": NewSet(TypeBinary, []string{"\x01", "\x02"}), "more": Number("7"),
	}
	var given Given
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		t.Fatal(err)
	}
	got, err := given.Map()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, compareSets); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if !Equal(got, want) {
		t.Error("not equal")
	}
}

func TestBadValuesAreRefusedInAWSsWords(t *testing.T) {
	const parameter = "One or more parameter values were invalid: "
	for text, want := range map[string]string{
		`{}`:                         string(errNoType),
		`{"X":"a"}`:                  string(errNoType),
		`{"S":null}`:                 string(errNoType),
		`{"S":"a","N":"1"}`:          string(errManyTypes),
		`{"NULL":false}`:             string(errNullFalse),
		`{"N":""}`:                   "The parameter cannot be converted to a numeric value",
		`{"N":"x"}`:                  "The parameter cannot be converted to a numeric value: x",
		`{"NS":["x"]}`:               "The parameter cannot be converted to a numeric value: x",
		`{"SS":[]}`:                  parameter + "An string set  may not be empty",
		`{"NS":[]}`:                  parameter + "An number set  may not be empty",
		`{"BS":[]}`:                  parameter + "Binary sets should not be empty",
		`{"SS":["a","b","a"]}`:       parameter + "Input collection [a, b, a] contains duplicates.",
		`{"BS":["AQ==","AQ=="]}`:     parameter + "Input collection [AQ==, AQ==] contains duplicates.",
		`{"NS":["1","1.0"]}`:         "Input collection contains duplicates",
		`{"L":[{"S":"a"},{}]}`:       string(errNoType),
		`{"M":{"a":{"M":{"b":{}}}}}`: string(errNoType),
		`{"M":{"":{"S":"x"}}}`:       "Empty attribute name",
		nested(32):                   string(errNesting),
	} {
		var given Given
		if err := json.Unmarshal([]byte(`{"ok":{"S":"a"},"bad":`+text+`}`), &given); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		name, problem := given.Problem()
		if problem == nil || problem.Error() != want || name != "bad" {
			t.Errorf("%s: %s: %v, want %s", text, name, problem, want)
		}
	}
}

// nested is an empty list in so many lists.
func nested(lists int) string {
	return strings.Repeat(`{"L":[`, lists) + `{"L":[]}` + strings.Repeat(`]}`, lists)
}

func TestNestingIsAcceptedUpToItsLimit(t *testing.T) {
	var given Given
	if err := json.Unmarshal([]byte(`{"a":`+nested(30)+`}`), &given); err != nil {
		t.Fatal(err)
	}
	if _, err := given.Map(); err != nil {
		t.Error(err)
	}
}

func TestJSONOfTheWrongShapeIsAnError(t *testing.T) {
	for text, want := range map[string]string{
		`5`:                     "Unexpected value type in payload",
		`{"a":5}`:               "Unexpected value type in payload",
		`{"a":{"S":5}}`:         "NUMBER_VALUE cannot be converted to String",
		`{"a":{"N":true}}`:      "TRUE_VALUE cannot be converted to String",
		`{"a":{"BOOL":"true"}}`: "Unexpected token received from parser",
		`{"a":{"L":{}}}`:        "Start of structure or map found where not expected",
		`{"a":{"SS":[null]}}`:   "NULL_VALUE cannot be converted to String",
		`{"a":{"M":[]}}`:        "Unrecognized collection type",
		`{"a":{"S":[]}}`:        "Unrecognized collection type class java.lang.String",
		`{"a":{"SS":"a"}}`:      "Unexpected field type",
		`{"a":{"S":1.5}}`:       "DECIMAL_VALUE cannot be converted to String",
		`{"a":{"B":1}}`:         "only base-64-encoded strings are convertible to bytes",
		`{"a":{"BS":[[]]}}`:     "Unrecognized collection type class java.nio.ByteBuffer",
		`{"a":{"B":"AAA"}}`:     "Base64 encoded length is expected a multiple of 4 bytes but found: 3",
		`{"a":{"B":"=+/="}}`:    "Invalid last non-pad Base64 character dectected",
	} {
		var given Given
		if err := json.Unmarshal([]byte(text), &given); err == nil || err.Error() != "SerializationException: "+want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestAbsentIsNotEmpty(t *testing.T) {
	var in struct{ Null, Absent, Empty Given }
	if err := json.Unmarshal([]byte(`{"Null":null,"Empty":{}}`), &in); err != nil {
		t.Fatal(err)
	}
	if !in.Null.Absent() || !in.Absent.Absent() || in.Empty.Absent() {
		t.Errorf("absent: null %t, absent %t, empty %t", in.Null.Absent(), in.Absent.Absent(), in.Empty.Absent())
	}
}

func TestSizesFollowTheDeveloperGuide(t *testing.T) {
	tests := []struct {
		value Value
		want  int
	}{
		{String("é"), 2},
		{Binary("abc"), 3},
		{Bool(true), 1},
		{Null{}, 1},
		{Number("0"), 1},
		{Number("1"), 2},
		{Number("12"), 2},
		{Number("123"), 3},
		{Number("-12"), 3},
		{Number("1200"), 2},
		{Number("0.0012"), 2},
		{List{}, 3},
		{List{Null{}}, 5},
		{Map{}, 3},
		{Map{"ab": Null{}}, 7},
		{NewSet(TypeString, []string{"a", "bc"}), 3},
		{NewSet(TypeNumber, []string{"1", "2"}), 4},
	}
	for _, test := range tests {
		if got := test.value.Size(); got != test.want {
			t.Errorf("size of %v %#v is %d, want %d", test.value.Type(), test.value, got, test.want)
		}
	}
	if got := (Map{"ab": Null{}, "c": String("x")}).ItemSize(); got != 5 {
		t.Errorf("item size is %d, want 5", got)
	}
}

// FuzzGiven holds the reader against encoding/json, and the writer against the reader.
func FuzzGiven(f *testing.F) {
	f.Add([]byte(`{"a":{"S":"x\u00e9\ud800"},"b":{"L":[{"N":"1e5"},{"M":{"c":{"NULL":true}}}]}}`))
	f.Add([]byte(`{"a":{"NS":["1","2"]},"b":{"BS":["AQ=="]},"c":{"BOOL":false,"z":[{}]}}`))
	f.Add([]byte(`{"a":{"S":"` + "\xff" + `"}}`))
	f.Add([]byte(`{"a":{"S":"\`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var given Given
		if err := given.UnmarshalJSON(data); err != nil {
			return
		}
		values, err := given.Map()
		if err != nil || values == nil {
			return
		}
		checkNames(t, data, values)
		written, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		var again Given
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%s, written as %s: %v", data, written, err)
		}
		if read, err := again.Map(); err != nil || !Equal(values, read) {
			t.Fatalf("%s, written as %s, was read as %v, %v", data, written, read, err)
		}
		rewritten, err := json.Marshal(again)
		if err != nil || !bytes.Equal(written, rewritten) {
			t.Fatalf("%s was written as %s, then as %s, %v", data, written, rewritten, err)
		}
	})
}

// checkNames asks encoding/json for the same object's names and the values of its strings.
func checkNames(t *testing.T, data []byte, values Map) {
	var oracle map[string]struct{ S *string }
	if !json.Valid(data) || json.Unmarshal(data, &oracle) != nil {
		return // a name such as "s" is an S for encoding/json
	}
	if len(oracle) != len(values) {
		t.Fatalf("%s: %d names, encoding/json finds %d", data, len(values), len(oracle))
	}
	for name := range oracle {
		if _, ok := values[name]; !ok {
			t.Fatalf("%s: %q is missing", data, name)
		}
	}
}

func BenchmarkGiven(b *testing.B) {
	row := []byte(`{"pk":{"S":"departure#JFK"},"window_start":{"S":"2013-01-01T06:00:00Z"},"window_end":{"S":"2013-01-01T07:00:00Z"},` +
		`"kind":{"S":"departure"},"key":{"L":[{"S":"JFK"}]},"count":{"N":"52"},"sum":{"N":"-13.5"},"min":{"N":"-9"},"max":{"N":"47"}}`)
	b.ReportAllocs()
	for b.Loop() {
		var given Given
		if err := given.UnmarshalJSON(row); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/record")
}
