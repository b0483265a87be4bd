package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"
)

func testFields() Fields {
	return Fields{
		Kind: "kind", EventTime: "at.time", Value: "value", Key: []string{"key", "at.place"}, PartitionKey: []string{"key", `dotted\.name`},
	}
}

func mustDecoder(t testing.TB, f Fields) *Decoder {
	t.Helper()
	d, err := NewDecoder(f)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecoderReadsFieldsOfEveryForm(t *testing.T) {
	const at = 1357020000000 // 2013-01-01T06:00:00Z
	for name, c := range map[string]struct {
		data string
		want Decoded
	}{
		"plain": {
			`{"kind":"a","key":"k","value":-1.50,"at":{"time":"2013-01-01T06:00:00Z","place":"p"}}`,
			Decoded{Event: Event{Kind: "a", Key: "k|p", Time: at, Value: "-1.50"}, PartitionKey: "k", Found: 0b11111},
		},
		"white space and other members": {
			" \t\r\n{ \"x\" : [1, {\"kind\":\"no\"}, null, true] , \"at\" : { \"time\" : 1357020000000 } } \n",
			Decoded{Event: Event{Key: "|", Time: at}, Found: 0b00010},
		},
		"escapes in names and values": {
			`{"k\u0069nd":"\u00e4\n","key":"a|b","at":{"time":"2013-01-01T07:00:00+01:00","place":"\\"},"dotted.name":7}`,
			Decoded{Event: Event{Kind: "ä\n", Key: `a\|b|\\`, Time: at}, PartitionKey: "a|b|7", Found: 0b111011},
		},
		"the last of two members of a name counts": {
			`{"at":{"time":5,"place":"gone"},"kind":"a","at":{"time":6},"kind":null}`,
			Decoded{Event: Event{Key: "|", Time: 6}, Found: 0b00011},
		},
		"null is absent": {
			`{"kind":null,"key":null,"value":null,"at":{"time":"0","place":null}}`,
			Decoded{Event: Event{Key: "|", Time: 0}, Found: 0b11111},
		},
		"numbers and booleans are kinds and keys by their text": {
			`{"kind":true,"key":1.0,"at":{"time":1.5e3,"place":false}}`,
			Decoded{Event: Event{Kind: "true", Key: "1.0|false", Time: 1500}, PartitionKey: "1.0", Found: 0b11011},
		},
		"a partition key of an object is left out, and the key unusable": {
			`{"kind":"a","key":{},"at":{"time":1},"dotted.name":"d"}`,
			Decoded{Event: Event{Time: 1, Unreadable: true}, PartitionKey: "d", Found: 0b101011},
		},
		"text that is not UTF-8": {
			"{\"kind\":\"\xff\",\"at\":{\"time\":1}}",
			Decoded{Event: Event{Time: 1, Unreadable: true}, Found: 0b00011},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got Decoded
			if err := mustDecoder(t, testFields()).Decode([]byte(c.data), &got); err != nil && !got.Event.Unreadable {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecoderSaysWhyARecordIsOfNoUse(t *testing.T) {
	for data, want := range map[string]string{
		``:                                       "not a JSON object: byte 0",
		`[]`:                                     "not a JSON object: byte 0",
		`{"a":1}x`:                               "not a JSON object: byte 7",
		`{"a":01}`:                               "not a JSON object: byte 6",
		`{"a":1,}`:                               "not a JSON object: byte 7",
		"{\"a\":\"\n\"}":                         "not a JSON object: byte 6",
		`{}`:                                     `no event time: no "at.time"`,
		`{"at":{"time":"noon"}}`:                 `no event time: "at.time" at byte 15`,
		`{"at":{"time":"2013-02-30T00:00:00Z"}}`: `no event time: "at.time" at byte 15`,
		`{"at":{"time":253402300800000}}`:        `no event time: "at.time" at byte 14`,
		`{"at":{"time":1},"value":"12 "}`:        `unusable value: "value" at byte 26`,
		`{"at":{"time":1},"value":"0x1"}`:        `unusable value: "value" at byte 26`,
		`{"at":{"time":1},"value":{"S":"a"}}`:    `unusable value: "value" at byte 31`,
		`{"at":{"time":1},"value":{"N":"1","S":"1"}}`: `unusable value: "value" at byte 25`,
		`{"at":{"time":1},"value":1e126}`:             `unusable value: "value" at byte 25`,
		`{"at":{"time":1},"kind":["a"]}`:              `unusable value: "kind" at byte 24`,
		`{"at":{"time":1},"value":1e99999999999}`:     `unusable value: "value" at byte 25`,
	} {
		var got Decoded
		err := mustDecoder(t, testFields()).Decode([]byte(data), &got)
		if err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", data, err, want)
		}
		if errors.Is(err, ErrBadValue) != got.Event.Unreadable {
			t.Errorf("%s: unreadable is %v", data, got.Event.Unreadable)
		}
	}
}

func TestDecoderRefusesPathsThatNameNothing(t *testing.T) {
	tooMany := make([]string, 65)
	for i := range tooMany {
		tooMany[i] = fmt.Sprint("p", i)
	}
	for _, f := range []Fields{{Kind: "a..b"}, {Kind: "."}, {Key: []string{"a."}}, {Key: tooMany}} {
		if _, err := NewDecoder(f); err == nil {
			t.Errorf("%v passed", f)
		}
	}
}

func TestNestingIsBoundedAsInEncodingJSON(t *testing.T) {
	for _, depth := range []int{9999, 10000} {
		data := []byte(`{"at":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}`)
		var got Decoded
		err := mustDecoder(t, testFields()).Decode(data, &got)
		var into any
		if (json.Unmarshal(data, &into) == nil) == errors.Is(err, ErrNotJSON) {
			t.Errorf("depth %d: %v", depth, err)
		}
	}
}

func TestWholeSecondsAreReadAsTheGeneralParserReadsThem(t *testing.T) {
	start := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := 0; day < 366*10000; day += 7 {
		at := start.Add(0).AddDate(0, 0, day).Add(time.Duration(day%86400) * time.Second)
		if at.Year() < 2 || at.Year() > 8999 {
			continue
		}
		if got, ok := parseWholeSeconds(at.Format(time.RFC3339)); !ok || got != at.UnixMilli() {
			t.Fatalf("%v: %d, %v", at, got, ok)
		}
	}
	for _, text := range []string{"2013-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2013-01-01T24:00:01Z", "2013-01-01T00:00:60Z", "0001-12-31T23:59:59Z", "9000-01-01T00:00:00Z", "2013-13-01T00:00:00Z", "2013-01-01T00:00:0:Z"} {
		if ms, ok := (&timeForm{}).parse(text, false); ok {
			t.Errorf("%s is %d", text, ms)
		}
	}
}

func FuzzDecoderAgreesWithEncodingJSON(f *testing.F) {
	for _, seed := range []string{
		`{"kind":"a","key":"k","value":-1.50,"at":{"time":"2013-01-01T06:00:00Z","place":"p"}}`,
		`{"at":{"time":5},"at":3,"kind":"\ud800"}`, `{"a":[[],{}],"value":1e5}`, "{\"kind\":\"\xff\xfe\",\"at\":{\"time\":-1.5}}", `{"":0}`, `[1]`,
	} {
		f.Add([]byte(seed))
	}
	fields := testFields()
	f.Fuzz(func(t *testing.T, data []byte) {
		var got Decoded
		err := mustDecoder(t, fields).Decode(data, &got)
		object, valid := objectOf(data)
		if valid == errors.Is(err, ErrNotJSON) {
			t.Fatalf("valid is %v, and the decoder says %v", valid, err)
		}
		if err != nil {
			return
		}
		if want, ok := memberText(object, "kind"); !ok || want != got.Event.Kind {
			t.Errorf("kind %q, want %q", got.Event.Kind, want)
		}
		place := ""
		if at, isObject := object["at"].(map[string]any); isObject {
			place, _ = memberText(at, "place")
		}
		key, _ := memberText(object, "key")
		if want := JoinKey([]string{key, place}); want != got.Event.Key {
			t.Errorf("key %q, want %q", got.Event.Key, want)
		}
		switch want := object["value"].(type) {
		case json.Number:
			if string(want) != got.Event.Value {
				t.Errorf("value %q, want %q", got.Event.Value, want)
			}
		case string: // a number in it
			if want != got.Event.Value {
				t.Errorf("value %q, want %q", got.Event.Value, want)
			}
		}
	})
}

// objectOf is the object in data as encoding/json reads it.
func objectOf(data []byte) (object map[string]any, valid bool) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil || object == nil || !json.Valid(data) {
		return nil, false
	}
	return object, true
}

func memberText(object map[string]any, name string) (text string, scalar bool) {
	switch value := object[name].(type) {
	case nil:
		return "", true
	case string:
		return value, true
	case json.Number:
		return string(value), true
	case bool:
		return fmt.Sprint(value), true
	}
	return "", false
}

func BenchmarkDecode(b *testing.B) {
	lines := january(b)
	d := mustDecoder(b, Fields{
		Kind: "kind", EventTime: "event_time", Value: "delay", Key: []string{"origin"}, PartitionKey: []string{"origin", "flight"},
	})
	var to Decoded
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if err := d.Decode(lines[i%len(lines)], &to); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/record")
}

// january is the lines of a month of real events.
func january(tb testing.TB) [][]byte {
	tb.Helper()
	file, err := os.Open("../testdata/nycflights13/2013-01.ndjson.gz")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	var all bytes.Buffer
	if _, err := all.ReadFrom(plain); err != nil {
		tb.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(all.Bytes()), []byte("\n"))
}

func TestFitsNumberAgreesWithCanonicalNumber(t *testing.T) {
	for _, text := range []string{"0", "-0", strings.Repeat("9", 38), strings.Repeat("9", 39), strings.Repeat("9", 38) + "0", "1e125", "1e126", "1E-130", "1e-131", "0." + strings.Repeat("0", 36) + "1", "1" + strings.Repeat("0", 125), fmt.Sprint(math.MaxFloat64)} {
		_, err := CanonicalNumber(text)
		s := scanner{data: []byte(text)}
		plain, _ := s.number()
		if fitsNumber(text, plain) != (err == nil) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestWholeMillisecondsAreReadAsAnyNumberIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(-2*MaxEventTime, 2*MaxEventTime).Draw(t, "ms")
		text := fmt.Sprint(ms)
		read, ok := parseMillis(text)
		if same, sameOK := parseMillis(text + ".0"); read != same || ok != sameOK { // which is not read the short way
			t.Errorf("%s: %d %t, and as a number %d %t", text, read, ok, same, sameOK)
		}
		if want := minEventTime <= ms && ms <= MaxEventTime; ok != want || ok && read != ms {
			t.Errorf("%s: %d %t", text, read, ok)
		}
	})
}

func TestAnEmptyPathAmongThoseOfAKeyIsAnError(t *testing.T) {
	for _, f := range []Fields{{EventTime: "t", Key: []string{"a", ""}}, {EventTime: "t", Key: []string{"a"}, PartitionKey: []string{""}}} {
		if _, err := NewDecoder(f); err == nil {
			t.Errorf("%+v passed", f)
		}
	}
}

func TestAKeyThatNoItemHoldsMakesARecordUnreadable(t *testing.T) {
	d, err := NewDecoder(Fields{Kind: "kind", EventTime: "t", Key: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	for length, unreadable := range map[int]bool{2043: false, 2044: true} { // with the kind, its escape and the separator 2,048 bytes are allowed
		var got Decoded
		err := d.Decode([]byte(`{"t":1,"kind":"a#","a":"`+strings.Repeat("x", length+1)+`"}`), &got)
		if (err != nil) != unreadable || got.Event.Unreadable != unreadable {
			t.Errorf("%d bytes: %v, %+v", length, err, got.Event.Unreadable)
		}
	}
}

// BenchmarkDecodePeer is what encoding/json takes for the same, into a struct that knows the fields.
func BenchmarkDecodePeer(b *testing.B) {
	lines := january(b)
	i := 0
	for b.Loop() {
		var event struct {
			Kind      string      `json:"kind"`
			EventTime time.Time   `json:"event_time"`
			Origin    string      `json:"origin"`
			Flight    json.Number `json:"flight"`
			Delay     json.Number `json:"delay"`
		}
		if err := json.Unmarshal(lines[i%len(lines)], &event); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/record")
}
