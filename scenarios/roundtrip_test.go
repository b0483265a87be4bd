package scenarios

import (
	"bytes"
	"math"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// reread reads a text without asking whether the scenario is possible.
func reread(text []byte) (*Scenario, error) {
	found := newFindings("x.yaml", text)
	tree := parseTree(text, found)
	if tree == nil {
		return nil, found.err()
	}
	s := newDecoder(found).scenario(tree, "x.yaml", nil)
	return s, found.err()
}

func TestWhatIsWrittenReadsAsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Default()
		draw(t, reflect.ValueOf(&s).Elem())
		var text bytes.Buffer
		if _, err := s.WriteTo(&text); err != nil {
			t.Fatal(err)
		}
		again, err := reread(text.Bytes())
		if err != nil {
			t.Fatalf("%v\n%s", err, text.Bytes())
		}
		if diff := cmp.Diff(&s, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-written +read):\n%s\n%s", diff, text.Bytes())
		}
	})
}

// draw fills a value of any of the format's types with what a file can say.
func draw(t *rapid.T, into reflect.Value) {
	switch target := into.Addr().Interface().(type) {
	case *Duration:
		*target = Duration(rapid.Int64Min(0).Draw(t, "duration"))
	case *Interval:
		*target = rapid.OneOf(rapid.Just(EveryRecord), rapid.Map(rapid.Int64Min(1), func(n int64) Interval { return Interval(n) })).Draw(t, "interval")
	case *Size:
		*target = Size(rapid.Int64Range(0, 1<<62).Draw(t, "size"))
	case *Count:
		*target = Count(rapid.Int64Range(0, maxCount).Draw(t, "count"))
	case *Laps:
		*target = rapid.SampledFrom([]Laps{Forever, 1, 2, math.MaxInt32}).Draw(t, "laps")
	case *Number:
		*target = Number(drawFloat(t, -math.MaxFloat64))
	case *Share:
		*target = Share(drawFloat(t, 0))
	case *Rate:
		*target = Rate{drawFloat(t, 0), rateUnits[rapid.SampledFrom([]string{"s", "min", "h"}).Draw(t, "per")]}
	case *any:
		*target = rapid.SampledFrom([]any{"text", "7", uint64(7), int64(-7), true, []any{"a", uint64(1)}, map[string]any{"a": "true"}}).Draw(t, "any")
	default:
		drawKind(t, into)
	}
}

func drawKind(t *rapid.T, into reflect.Value) {
	switch into.Kind() {
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "given") {
			into.Set(reflect.New(into.Type().Elem()))
			draw(t, into.Elem())
		}
	case reflect.Struct:
		for _, f := range drawable(into) {
			draw(t, f)
		}
	case reflect.Map:
		into.Set(reflect.MakeMap(into.Type()))
		for _, name := range rapid.SliceOfNDistinct(texts, 0, 3, rapid.ID).Draw(t, "names") {
			value := reflect.New(into.Type().Elem()).Elem()
			draw(t, value)
			into.SetMapIndex(reflect.ValueOf(name), value)
		}
	case reflect.Slice:
		into.Set(reflect.MakeSlice(into.Type(), rapid.IntRange(0, 3).Draw(t, "items"), 3))
		for i := range into.Len() {
			draw(t, into.Index(i))
		}
	case reflect.String:
		into.SetString(texts.Draw(t, "text"))
	case reflect.Int:
		into.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Bool:
		into.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Uint64:
		into.SetUint(rapid.Uint64().Draw(t, "uint"))
	default:
		t.Fatalf("no %s is drawn", into.Type())
	}
}

// drawable are the fields of a struct to draw: all that YAML sees, or From and To of a range, which is one word.
func drawable(of reflect.Value) []reflect.Value {
	var all []reflect.Value
	if _, word := of.Addr().Interface().(unit); word {
		for _, field := range of.Fields() {
			all = append(all, field)
		}
		return all
	}
	for _, f := range fieldsOf(of.Type()) {
		all = append(all, of.FieldByIndex(f.index))
	}
	return all
}

func drawFloat(t *rapid.T, least float64) float64 {
	x := rapid.Float64Range(least, math.MaxFloat64).Draw(t, "float")
	if x == 0 {
		return 0 // there is no -0 in a file
	}
	return x
}

// texts are what people write, and what YAML could take for something else.
var texts = rapid.OneOf(
	rapid.StringMatching(`[a-z_]{1,10}`),
	rapid.SampledFrom([]string{"", "7", "1.0", "true", "null", "~", "yes", "- a", "a: b", "a #b", "#", "{", "{{.Key}}", "[", "*x", "&x", "!x", "'", `"`, `\`, "|", ">", "%", "@", " a", "a ", "a\nb", "a\n", "\n", "0x1", "1e3", ".inf", "2026-01-02", "<<", "é", "日本", "\t"}),
	rapid.String(),
)
