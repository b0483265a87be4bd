package record

import "encoding/hex"

// AppendString appends text, which is UTF-8, as a JSON string (RFC 8259, section 7).
func AppendString[T string | []byte](to []byte, text T) []byte {
	to = append(to, '"')
	plain := 0
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		to = append(to, text[plain:i]...)
		plain = i + 1
		switch c {
		case '"', '\\':
			to = append(to, '\\', c)
		case '\n':
			to = append(to, `\n`...)
		default:
			to = hex.AppendEncode(append(to, `\u00`...), []byte{c})
		}
	}
	return append(append(to, text[plain:]...), '"')
}
