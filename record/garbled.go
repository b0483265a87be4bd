package record

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// isGarbled says that a string that the scanner has read, without its quotes, has a character that is none: bytes that are not UTF-8, or an escape of half a surrogate
// pair. Each becomes U+FFFD when the string is decoded, so that two different strings may become one.
func isGarbled(raw []byte) bool {
	if !utf8.Valid(raw) {
		return true
	}
	for {
		at := bytes.IndexByte(raw, '\\')
		if at < 0 {
			return false
		}
		first, length := escaped(raw[at:])
		raw = raw[at+length:]
		if !utf16.IsSurrogate(first) {
			continue
		}
		second, length := escaped(raw)
		if utf16.DecodeRune(first, second) == utf8.RuneError {
			return true
		}
		raw = raw[length:]
	}
}

// escaped is the character that an escape as \u00e9 stands for, and how long the escape is. It is 0 for any other escape, and for text that is none.
func escaped(raw []byte) (r rune, length int) {
	if len(raw) < 2 || raw[0] != '\\' {
		return 0, 0
	}
	if raw[1] != 'u' || len(raw) < 6 {
		return 0, 2
	}
	code, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	if err != nil {
		return 0, 2
	}
	return rune(code), 6
}
