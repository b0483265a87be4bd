package wire

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
)

type everything struct {
	Name   *string
	Count  *int
	Large  *int64
	Share  *float64
	On     *bool
	Data   []byte
	Names  []string
	Tags   map[string]string
	At     *Time
	Nested *struct{ Key string }
}

// Both notations of one request are one request.
func TestCBORMeansWhatJSONMeans(t *testing.T) {
	for name, test := range map[string]struct{ json, cbor string }{
		"nothing":           {`{}`, "a0"},
		"a name":            {`{"Name":"s"}`, "a1 64 4e616d65 61 73"},
		"null":              {`{"Name":null}`, "a1 64 4e616d65 f6"},
		"as Java writes it": {`{"Name":"s","Count":2}`, "bf 64 4e616d65 61 73 65 436f756e74 02 ff"},
		"text in pieces":    {`{"Name":"ab"}`, "a1 64 4e616d65 7f 61 61 61 62 ff"},
		"data":              {`{"Data":"AAE="}`, "a1 64 44617461 42 0001"},
		"data in pieces":    {`{"Data":"AAE="}`, "a1 64 44617461 5f 41 00 41 01 ff"},
		"no data":           {`{"Data":""}`, "a1 64 44617461 40"},
		"a list in pieces":  {`{"Names":["a","b"]}`, "a1 65 4e616d6573 9f 61 61 61 62 ff"},
		"a map":             {`{"Tags":{"a":"b"}}`, "a1 64 54616773 bf 61 61 61 62 ff"},
		"a structure":       {`{"Nested":{"Key":"k"}}`, "a1 66 4e6573746564 a1 63 4b6579 61 6b"},
		"a time":            {`{"At":1700000000.123}`, "a1 62 4174 c1 1b 0000018bcfe5687b"},
		"a time in floats":  {`{"At":1700000000.123}`, "a1 62 4174 c1 fb 4278bcfe5687b000"},
		"a negative number": {`{"Large":-5}`, "a1 65 4c61726765 24"},
		"a share":           {`{"Share":0.5}`, "a1 65 5368617265 f9 3800"},
		"a member unknown":  {`{"Tomorrow":[1]}`, "a1 68 546f6d6f72726f77 81 01"},
		"true":              {`{"On":true}`, "a1 62 4f6e f5"},
	} {
		var want, got everything
		if err := JSON("1.1", sameWords).Decode([]byte(test.json), &want); err != nil {
			t.Fatal(name, err)
		}
		body, err := hex.DecodeString(strings.ReplaceAll(test.cbor, " ", ""))
		if err != nil {
			t.Fatal(name, err)
		}
		if err := CBOR("1.1", sameWords).Decode(body, &got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-JSON +CBOR): %s", name, diff)
		}
	}
}

func TestWhatIsNoCBORIsRefusedInAWSsShape(t *testing.T) {
	words := func(found Token, want Kind) string { return string(found) + " for " + string(want) }
	for name, test := range map[string]struct{ body, want string }{
		"a text for a number":       {"a1 65 436f756e74 61 73", "STRING_VALUE for Integer"},
		"a number for a text":       {"a1 64 4e616d65 02", "NUMBER_VALUE for String"},
		"a list for a structure":    {"a1 66 4e6573746564 81 01", "[ for Structure"},
		"a map for a list":          {"a1 65 4e616d6573 a1 61 61 61 62", "{ for List"},
		"a text for data":           {"a1 64 44617461 61 73", "STRING_VALUE for Blob"},
		"a text for a time":         {"a1 62 4174 61 73", "for"},
		"a list":                    {"80", "["},
		"half a text":               {"a1 64 4e616d65 65 73", "not valid CBOR"},
		"something behind it":       {"a0 a0", "not valid CBOR"},
		"a text that is not UTF-8":  {"a1 64 4e616d65 61 ff", "not valid CBOR"},
		"a break alone":             {"ff", "not valid CBOR"},
		"an array of four billion":  {"a1 65 4e616d6573 9a ffffffff", "not valid CBOR"},
		"a text of an exabyte":      {"a1 64 4e616d65 7b 0fffffffffffffff", "not valid CBOR"},
		"a thousand arrays deep":    {"a1 61 78 " + strings.Repeat("81", 1000) + "00", "not valid CBOR"},
		"a thousand open arrays":    {strings.Repeat("9f", 1000), "not valid CBOR"},
		"a map with an odd content": {"bf 61 61 ff", "not valid CBOR"},
	} {
		body, err := hex.DecodeString(strings.ReplaceAll(test.body, " ", ""))
		if err != nil {
			t.Fatal(name, err)
		}
		err = CBOR("1.1", words).Decode(body, new(everything))
		refused, ok := errors.AsType[*Error](err)
		if !ok || refused.Code != "SerializationException" || !strings.Contains(refused.Message, test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func FuzzCBOR(f *testing.F) {
	f.Add([]byte("\xa1\x64Name\x61s"))
	f.Add([]byte("\xbf\x64Data\x5f\x41\x00\xff\x62At\xc1\x1b\x00\x00\x01\x8b\xcf\xe5\x68\x7b\xff"))
	codec := CBOR("1.1", sameWords)
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second everything
		if err := codec.Decode(body, &first); err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatalf("%v is no answer", err)
			}
			return
		}
		text, err := codec.Encode(&first, own)
		if err != nil {
			t.Fatal(err)
		}
		if err := codec.Decode(text, &second); err != nil {
			t.Fatalf("%x: %v", text, err)
		}
		if diff := cmp.Diff(first, second, cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })); diff != "" {
			t.Error(diff)
		}
	})
}

// What is written in CBOR is what is written in JSON, but for the notation.
func TestAnswersInCBORHaveTheMembersOfJSON(t *testing.T) {
	at := Time(1700000000123)
	name := "s"
	answer := everything{Name: &name, Data: []byte{0, 1}, Names: []string{"a"}, At: &at, Tags: map[string]string{"a": "b"}}
	text, err := CBOR("1.1", sameWords).Encode(&answer, own)
	if err != nil {
		t.Fatal(err)
	}
	var inCBOR, inJSON map[string]any
	if err := cbor.Unmarshal(text, &inCBOR); err != nil {
		t.Fatal(err)
	}
	if text, err = json.Marshal(answer); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &inJSON); err != nil {
		t.Fatal(err)
	}
	for member := range inJSON {
		if _, ok := inCBOR[member]; !ok {
			t.Errorf("CBOR lacks %s", member)
		}
	}
	if len(inCBOR) != len(inJSON) || string(inCBOR["Data"].([]byte)) != "\x00\x01" {
		t.Errorf("%v", inCBOR)
	}
	var times struct{ At cbor.RawTag }
	if text, err = CBOR("1.1", sameWords).Encode(struct{ At Time }{at}, own); err != nil {
		t.Fatal(err)
	}
	if err := cbor.Unmarshal(text, &times); err != nil || times.At.Number != 1 || hex.EncodeToString(times.At.Content) != "1b0000018bcfe5687b" {
		t.Errorf("%+v, %v", times, err)
	}
}
