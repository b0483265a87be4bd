package survey

import "testing"

func TestNoControlCharacterIsPrinted(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "",
		"plain text":         "plain text",
		"Zürich":             "Zürich",
		"o\x1b[31m":          `o\x1b[31m`,
		"line 1\nline\t2\r":  `line 1\nline\t2\r`,
		"n\x00":              `n\x00`,
		"\u202egnp.exe":      `\u202egnp.exe`,
		"\x9b31m":            `\x9b31m`,
		"\u009b31m":          `\u009b31m`,
		"\ufeffmark":         `\ufeffmark`,
		"broken \xff \u00e9": `broken \xff é`,
	} {
		if got := Printable(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
