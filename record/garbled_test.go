package record

import (
	"errors"
	"testing"
)

// TestTextsThatWouldBecomeOneAreNone has kinds and keys that the decoder would make U+FFFD of, and some that have it themselves.
func TestTextsThatWouldBecomeOneAreNone(t *testing.T) {
	d, err := NewDecoder(Fields{Kind: "kind", EventTime: "t", Key: []string{"key"}, Value: "value"})
	if err != nil {
		t.Fatal(err)
	}
	for text, garbled := range map[string]bool{
		"M\374nchen":          true,
		"M\303":               true,
		"\ufffd\344":          true,
		`\ud800`:              true,
		`\udc00\ud800`:        true,
		`\ud83dx`:             true,
		`\ud83d\n`:            true,
		`a\ud83d\ude00\ud83d`: true,
		`\ud83d\ude00`:        false,
		`\\ud800`:             false,
		`\ufffd`:              false,
		"\ufffd":              false,
		`M\u00fcnchen`:        false,
		"München":             false,
	} {
		for _, data := range []string{`{"t":1,"key":"` + text + `"}`, `{"kind":"` + text + `","t":1}`, `{"t":1,"key":{"S":"` + text + `"}}`} {
			var got Decoded
			err := d.Decode([]byte(data), &got)
			if errors.Is(err, ErrNotUTF8) != garbled || got.Event.Unreadable != garbled || got.Event.Time != 1 {
				t.Errorf("%q: %+v, %v", data, got, err)
			}
		}
		if err := d.Decode([]byte(`{"t":1,"other":"`+text+`"}`), new(Decoded)); err != nil {
			t.Errorf("%q where nothing reads it: %v", text, err)
		}
	}
}
