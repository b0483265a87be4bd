package survey

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable is a text out of a recording as a terminal can show it: what is not printable is escaped as in Go, a tab or a line end, too. So it
// neither moves the cursor nor breaks a table.
func Printable(text string) string {
	if plain(text) {
		return text
	}
	var shown strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&shown, `\x%02x`, text[0])
		case unicode.IsPrint(r):
			shown.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			shown.WriteString(quoted[1 : len(quoted)-1])
		}
		text = text[size:]
	}
	return shown.String()
}

// plain says that a text is printable ASCII, as nearly all are.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
