package result

import (
	"bytes"
	"errors"
	"testing"
)

func TestWhatIsWrittenHasNoControlCharacter(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"plain\ttext\n":                 "plain\ttext\n",
		"a\x1b[31mb\x1b":                `a\x1b[31mb\x1b`,
		"\x00\x07\r\n":                  "\\x00\\x07\\x0d\n",
		"del\x7f":                       `del\x7f`,
		"M\u00fcnchen \u009b31m \u2026": `M` + "\u00fcnchen " + `\x9b31m ` + "\u2026",
		"\xc2":                          "\xc2",
	} {
		var out bytes.Buffer
		n, err := WithoutControls(&out).Write([]byte(text))
		if out.String() != want || n != len(text) || err != nil {
			t.Errorf("%q: %q, %d, %v", text, out.String(), n, err)
		}
	}
	if n, err := WithoutControls(full{}).Write([]byte("\x1b")); n != 0 || !errors.Is(err, errFull) {
		t.Errorf("%d, %v", n, err)
	}
}

type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }
