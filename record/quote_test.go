package record

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAStringIsOneThatJSONReads of every character of one byte, and of some of more.
func TestAStringIsOneThatJSONReads(t *testing.T) {
	var text strings.Builder
	text.WriteString("é日🙂\u2028")
	for c := range byte(0x80) {
		text.WriteString(string(rune(c)) + "x")
	}
	for _, want := range []string{"", "plain", text.String(), "\"", "\\\"\n"} {
		var got string
		if err := json.Unmarshal(AppendString(nil, want), &got); err != nil || got != want {
			t.Errorf("%q became %q: %v", want, got, err)
		}
		if string(AppendString([]byte("["), []byte(want))) != "["+string(AppendString(nil, want)) {
			t.Errorf("%q is another string as bytes", want)
		}
	}
}
