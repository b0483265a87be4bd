package expression

import (
	"strings"
	"unicode/utf8"
)

// kind is what a token is.
type kind uint8

const (
	end         kind = iota // the end of the text
	word                    // a letter, then letters, digits and _: an attribute name, a keyword or a function
	name                    // #word: a placeholder of an attribute name
	value                   // :word: a placeholder of a value
	index                   // a decimal number without leading zeros
	punctuation             // one of ( ) [ ] , . + - = < <= > >= <>
	unknown                 // any other character
)

// token is a piece of an expression's text.
type token struct {
	kind       kind
	text       string
	start, end int // byte offsets
}

// is says whether the token is a keyword, in any case, or a punctuation mark.
func (t token) is(text string) bool {
	return (t.kind == word || t.kind == punctuation) && strings.EqualFold(t.text, text)
}

// scan splits a text into its tokens; the last one is the end.
func scan(text string) []token {
	var tokens []token
	for at := 0; at < len(text); {
		if strings.IndexByte(" \t\r\n", text[at]) >= 0 {
			at++
			continue
		}
		kind, size := scanOne(text[at:])
		tokens = append(tokens, token{kind, text[at : at+size], at, at + size})
		at += size
	}
	return append(tokens, token{end, "<EOF>", len(text), len(text)})
}

func scanOne(text string) (kind, int) {
	switch c := text[0]; {
	case isLetter(c):
		return word, wordLength(text)
	case c == '0':
		return index, 1
	case isDigit(c):
		size := 1
		for size < len(text) && isDigit(text[size]) {
			size++
		}
		return index, size
	case (c == '#' || c == ':') && wordLength(text[1:]) > 0:
		if c == '#' {
			return name, 1 + wordLength(text[1:])
		}
		return value, 1 + wordLength(text[1:])
	case strings.HasPrefix(text, "<=") || strings.HasPrefix(text, ">=") || strings.HasPrefix(text, "<>"):
		return punctuation, 2
	case strings.IndexByte("()[],.+-=<>", c) >= 0:
		return punctuation, 1
	}
	_, size := utf8.DecodeRuneInString(text)
	return unknown, size
}

// wordLength is how many letters, digits and _ a text starts with.
func wordLength(text string) int {
	size := 0
	for size < len(text) && (isLetter(text[size]) || isDigit(text[size]) || text[size] == '_') {
		size++
	}
	return size
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
