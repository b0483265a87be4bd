package filter

import (
	"strings"
	"testing"
)

func TestAPatternThatNothingCanMatchIsNamed(t *testing.T) {
	shape := Shape{
		"kind": {Values: []string{"order", "refund"}}, "count": {Number: true}, "sum": {Number: true, Optional: true}, "window_start": {},
	}
	for _, c := range []struct{ pattern, want string }{
		{`{"data":{"kind":["order"]}}`, ""},
		{`{"data":{"kind":["return"]}}`, `data.kind is one of ["order" "refund"], and none of them matches`},
		{`{"data":{"kind":[{"prefix":"ref"}]}}`, ""},
		{`{"data":{"kind":[{"anything-but":["order","refund"]}]}}`, "data.kind is one of"},
		{`{"data":{"kind":[1]}}`, "data.kind is one of"},
		{`{"data":{"carrier":["UA"]}}`, "data.carrier is nothing that the records have"},
		{`{"data":{"carrier":[{"exists":false}]}}`, ""},
		{`{"data":{"kind":{"x":["order"]}}}`, "data.kind.x is nothing that the records have"},
		{`{"data":{"count":[{"exists":false}]}}`, "data.count is a number, and no test is for one"},
		{`{"data":{"sum":[{"exists":false}]}}`, ""},
		{`{"data":{"count":["3"]}}`, "data.count is a number"},
		{`{"data":{"count":[3,"3"]}}`, ""},
		{`{"data":{"count":[{"prefix":"3"}]}}`, "data.count is a number"},
		{`{"data":{"count":[{"anything-but":3}]}}`, ""},
		{`{"data":{"window_start":[{"numeric":[">",0]}]}}`, "data.window_start is a string"},
		{`{"data":{"window_start":[{"prefix":"2013"}]}}`, ""},
		{`{"data":{"kind":[null]}}`, "data.kind is one of"},
		{`{"data":{"$or":[{"kind":["return"]},{"count":[{"numeric":[">",3]}]}]}}`, ""},
		{`{"data":{"$or":[{"kind":["return"]},{"carrier":["UA"]}]}}`, "data.carrier is nothing"},
	} {
		f, err := Compile(parse(t, c.pattern))
		if err != nil {
			t.Fatal(err)
		}
		switch err := f.Possible(shape); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.pattern, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.pattern, err, c.want)
		}
	}
}

func TestOneOfSeveralPatternsIsEnough(t *testing.T) {
	f, err := Compile(parse(t, `{"data":{"x":[1]}}`, `{"data":{"kind":["order"]}}`))
	if err != nil || f.Possible(Shape{"kind": {}}) != nil {
		t.Errorf("%v, %v", err, f.Possible(Shape{"kind": {}}))
	}
	if err := (*Filter)(nil).Possible(nil); err != nil {
		t.Error(err)
	}
}
