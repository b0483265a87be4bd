package scenarios

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/token"
)

// write writes a mapping in block style, each line behind the indentation. What is in a list stands on one line.
func (n *node) write(b *bytes.Buffer, indent string) {
	for i := range n.fields {
		value := n.fields[i].value
		b.WriteString(indent + quote(n.fields[i].name) + ":")
		switch {
		case value.kind == aMapping && !value.flow && len(value.fields) > 0:
			b.WriteByte('\n')
			value.write(b, indent+"  ")
		case value.kind == aList && !value.flow && len(value.items) > 0:
			for _, item := range value.items {
				b.WriteString("\n" + indent + "  - ")
				item.writeFlow(b)
			}
			b.WriteByte('\n')
		case value.kind == aText && lines(value.text):
			b.WriteString(" |\n")
			for line := range strings.Lines(value.text) {
				b.WriteString(indent + "  " + line)
			}
		default:
			b.WriteByte(' ')
			value.writeFlow(b)
			b.WriteByte('\n')
		}
	}
}

// writeFlow writes a node on one line.
func (n *node) writeFlow(b *bytes.Buffer) {
	switch n.kind {
	case aMapping:
		b.WriteByte('{')
		for i := range n.fields {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quote(n.fields[i].name) + ": ")
			n.fields[i].value.writeFlow(b)
		}
		b.WriteByte('}')
	case aList:
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteString(", ")
			}
			item.writeFlow(b)
		}
		b.WriteByte(']')
	case aText:
		b.WriteString(quote(n.text))
	case empty:
		b.WriteString("null")
	default:
		b.WriteString(n.text)
	}
}

// lines says whether a text can be written as a block of lines: it ends with one line break, and has nothing at which a YAML reader
// would stumble or that it would strip.
func lines(text string) bool {
	if strings.Count(text, "\n") < 2 || strings.HasSuffix(text, "\n\n") || !strings.HasSuffix(text, "\n") || unicode.IsSpace(rune(text[0])) {
		return false
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.TrimRight(line, " ") != line || strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c > '~' }) {
			return false
		}
	}
	return true
}

// The texts that need no quotes, and those among them that some YAML reader takes for something else: a number, a date, a time, a word.
var (
	plain    = regexp.MustCompile(`^(-?[0-9]|[A-Za-z_/])([A-Za-z0-9_./%<>=*+-]| [A-Za-z0-9_./%<>=*+-]|:[A-Za-z0-9_./%<>=*+-])*$`)
	figures  = regexp.MustCompile(`^(-?[0-9.]+(e[0-9]+)?$|[0-9]+-[0-9]+-[0-9]|[0-9]+:)`)
	reserved = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|y|n|null)$`)
)

// quote writes a text as one word, in double quotes where it needs them.
func quote(text string) string {
	if plain.MatchString(text) && !figures.MatchString(text) && !reserved.MatchString(text) && token.ToNumber(text) == nil {
		return text
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(c):
			b.WriteRune(c)
		case c > 0xFFFF:
			fmt.Fprintf(&b, `\U%08X`, c)
		default:
			fmt.Fprintf(&b, `\u%04X`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
