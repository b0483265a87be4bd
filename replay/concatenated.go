package replay

import (
	"bytes"
	"encoding/json"

	"weir/stream/kpl"
)

// concatenated finds JSON objects that follow each other, and KPL aggregates among them. What is no object, or a broken one, is a record of its own up to where the next
// object seems to start: the parser says what is wrong with it.
type concatenated struct{}

func (concatenated) cut(text []byte, ended bool, to []span) (spans []span, used int) {
	for {
		start := skipBlank(text, used)
		if start == len(text) {
			return to, start
		}
		end, state := start, broken
		aggregate := bytes.HasPrefix(text[start:], []byte(kpl.Magic))
		if aggregate {
			end, state = scanAggregate(text[start:])
			end += start
		} else if text[start] == '{' {
			end, state = scanObject(text[start:])
			end += start
		}
		if state == unfinished && !ended {
			return to, start
		}
		if state != finished {
			next := nextAggregate(text, start+1)
			if aggregate { // a record in a broken one is none
				next = min(next, nextLineOfObject(text, start+1, ended))
			} else {
				next = min(next, nextObject(text, start+1))
			}
			if next == len(text) && !ended {
				return to, start // it may go on
			}
			end = start + len(bytes.TrimRight(text[start:next], " \t\r\n"))
		}
		to = append(to, span{start, end})
		used = end
	}
}

// nextObject is where, from at on, an object starts that is not the value of another's member or an item of an array; len(text) if
// there is none. It is where reading goes on after something broken, so that an object cut short costs no other one.
func nextObject(text []byte, at int) int {
	for {
		brace := bytes.IndexByte(text[at:], '{')
		if brace < 0 {
			return len(text)
		}
		at += brace
		before := bytes.TrimRight(text[:at], " \t\r\n")
		if len(before) == 0 || bytes.IndexByte([]byte(":,["), before[len(before)-1]) < 0 {
			return at
		}
		at++
	}
}

// nextAggregate is where, from at on, a KPL aggregate seems to start.
func nextAggregate(text []byte, at int) int {
	if i := bytes.Index(text[at:], []byte(kpl.Magic)); i >= 0 {
		return at + i
	}
	return len(text)
}

// nextLineOfObject is where, from at on, a line begins with a whole object, behind which stands what may stand behind one. It is len(text) if there is none, or if
// that is not known yet.
func nextLineOfObject(text []byte, at int, ended bool) int {
	for {
		end := bytes.Index(text[at:], []byte("\n{"))
		if end < 0 {
			return len(text)
		}
		at += end + 1
		length, state := scanObject(text[at:])
		behind := skipBlank(text, at+length)
		switch {
		case state == broken, state == finished && !json.Valid(text[at:at+length]):
		case behind == len(text) && !ended:
			return len(text)
		case state == finished && (behind == len(text) || text[behind] == '{' || text[behind] == kpl.Magic[0]):
			return at
		}
	}
}

// scanAggregate finds the end of the KPL aggregate that text starts with.
func scanAggregate(text []byte) (end int, state scanState) {
	end, hopeless := kpl.Length(text)
	switch {
	case end > 0:
		return end, finished
	case hopeless:
		return 0, broken
	}
	return len(text), unfinished
}

// scanObject finds the end of the object that text starts with. It looks at brackets, strings, and whether a value may stand where
// one starts, so that an object cut short is noticed where the next one begins; the rest of JSON's grammar is the decoder's.
// Where the state is not finished, end is how far it came.
func scanObject(text []byte) (end int, state scanState) {
	depth, value := 0, true // whether a value, or a name, may stand next
	for i := 0; i < len(text); {
		switch text[i] {
		case ' ', '\t', '\n', '\r':
			i++
		case '{', '[':
			if !value {
				return i, broken
			}
			depth++
			i++
		case '}', ']':
			value = false
			depth--
			i++
			if depth == 0 {
				return i, finished
			}
		case ',', ':':
			value = true
			i++
		case '"':
			if !value {
				return i, broken
			}
			value = false
			if i, state = scanString(text, i+1); state != finished {
				return i, state
			}
		default:
			if !value {
				return i, broken
			}
			value = false
			i = scanScalar(text, i)
		}
	}
	return len(text), unfinished
}

// scanString finds the end of a string whose first quote stands before i.
func scanString(text []byte, i int) (end int, state scanState) {
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return i + 1, finished
		case c == '\\':
			i++
		case c < ' ':
			return i, broken
		}
	}
	return len(text), unfinished
}

// scanScalar finds the end of a number, true, false or null.
func scanScalar(text []byte, i int) int {
	for i < len(text) {
		switch text[i] {
		case ' ', '\t', '\n', '\r', ',', ':', '"', '{', '}', '[', ']':
			return i
		}
		i++
	}
	return i
}
