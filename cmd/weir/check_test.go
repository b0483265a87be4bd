package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestAShellReadsTheWordsOfACommandAsTheyWere has bash read what is pasted.
func TestAShellReadsTheWordsOfACommandAsTheyWere(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	for _, word := range []string{
		"", "plain", "two words", "it's", "=equals", "~home", "$(touch x)", "`touch x`", `back\slash`, "M\u00fcnchen", "a\x1b[31mb", "a\x1b1", "a'\x1b\\'b", "line\nend", "\xff\xfe0", "\u202etxt", "!!",
	} {
		shown := shellWord(word)
		for i := range len(shown) {
			if shown[i] < ' ' || shown[i] == 0x7f {
				t.Errorf("%q is shown as %q", word, shown)
			}
		}
		read, err := exec.CommandContext(t.Context(), bash, "-c", "printf '%s|' "+shown).Output()
		if err != nil || string(read) != word+"|" {
			t.Errorf("%q is read as %q (%v), from %s", word, strings.TrimSuffix(string(read), "|"), err, shown)
		}
	}
}
