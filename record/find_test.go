package record

import "testing"

func TestFinderFindsValuesAndWhatLeadsToThem(t *testing.T) {
	f := NewFinder()
	deep, text, list := f.Add("a", "b"), f.Add("t"), f.Add("l", "x")
	object := f.Add("a")
	for _, c := range []struct {
		data  string
		place int
		kind  FoundKind
		text  string
	}{
		{`{"a":{"b":1.50}}`, deep, FoundNumber, "1.50"},
		{`{"a":{"b":1.50}}`, object, FoundObject, `{"b":1.50}`},
		{`{"a":3}`, deep, FoundNothing, ""},
		{`{"a":{"b":1},"a":{}}`, deep, FoundNothing, ""},
		{`{"t":"\u0041é"}`, text, FoundText, "Aé"},
		{`{"t":""}`, text, FoundText, ""},
		{`{"t":true}`, text, FoundBool, "true"},
		{`{"t":null}`, text, FoundNull, "null"},
		{`{"l":[{"x":1}]}`, list, FoundNothing, ""},
		{`{}`, text, FoundNothing, ""},
		{`{"t":"x"}x`, text, FoundNothing, ""},
	} {
		f.Find([]byte(c.data))
		if kind, got := f.Value(c.place); kind != c.kind || string(got) != c.text {
			t.Errorf("%s: %v %q, want %v %q", c.data, kind, got, c.kind, c.text)
		}
	}
	if f.Find([]byte(`{"l":[{"x":1}]}`)); !f.Arrays() {
		t.Error("the array was not told of")
	}
	if f.Find([]byte(`{"other":[1]}`)); f.Arrays() {
		t.Error("an array that no path leads to was told of")
	}
}
