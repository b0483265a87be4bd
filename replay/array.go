package replay

import "bytes"

// elements finds the objects in JSON arrays: one that is the whole file, or several, one behind another. What stands between the objects, brackets and commas, is
// passed over. An element that is no object is a record of its own, as is a broken one, which ends where the next element seems to start: the parser says what is wrong
// with it.
type elements struct{}

func (elements) cut(text []byte, ended bool, to []span) (spans []span, used int) {
	for {
		start := skipBetween(text, used)
		if start == len(text) {
			return to, start
		}
		end, state := scanElement(text, start, ended)
		if state == unfinished && !ended {
			return to, used
		}
		if state != finished && text[start] == '[' {
			used = start + 1 // there may be objects behind it
			continue
		}
		if state != finished {
			next := nextElement(text, start)
			if next == len(text) && !ended {
				return to, used // it may go on
			}
			end = start + len(bytes.TrimRight(text[start:next], " \t\r\n,"))
		}
		if isEmptyArray(text[start:end]) {
			next := skipBlank(text, end)
			if next == len(text) && !ended {
				return to, used
			}
			if next == len(text) || text[next] != ',' && text[next] != ']' {
				used = end // it is the file's own, and no element
				continue
			}
		}
		to = append(to, span{start, end})
		used = end
	}
}

// skipBetween is the first place from at on that is neither blank nor a mark that ends an element or an array.
func skipBetween(text []byte, at int) int {
	for at < len(text) && (blank(text[at]) || text[at] == ',' || text[at] == ']') {
		at++
	}
	return at
}

// scanElement finds the end of the element at some place. An array with an object in it is broken, for its objects are elements themselves, as are those of the array
// that is the file.
func scanElement(text []byte, start int, ended bool) (end int, state scanState) {
	switch text[start] {
	case '{':
		end, state = scanObject(text[start:])
		end += start
	case '[':
		end, state = scanFlat(text, start)
	case '"':
		end, state = scanString(text, start+1)
	default:
		if end = scanScalar(text, start); end == start {
			return end, broken
		}
	}
	if state != finished {
		return end, state
	}
	return end, endOfElement(text, end, ended)
}

// scanFlat finds the end of an array that has no object in it.
func scanFlat(text []byte, start int) (end int, state scanState) {
	depth := 0
	for i := start; i < len(text); {
		next := i + 1
		switch c := text[i]; {
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return next, finished
			}
		case c == '"':
			if next, state = scanString(text, next); state != finished {
				return next, state
			}
		case c != ',' && !blank(c):
			if next = scanScalar(text, i); next == i {
				return i, broken
			}
		}
		i = next
	}
	return len(text), unfinished
}

// isEmptyArray says that an element has nothing in it.
func isEmptyArray(element []byte) bool {
	return element[0] == '[' && skipBlank(element, 1) == len(element)-1
}

// endOfElement says whether behind an object stands what may stand behind an element: a comma, the array's end, the next line, or the end of the text. It is
// unfinished where that is not known yet.
func endOfElement(text []byte, at int, ended bool) scanState {
	for ; at < len(text); at++ {
		switch text[at] {
		case ',', ']', '\n':
			return finished
		case ' ', '\t', '\r':
		default:
			return broken
		}
	}
	if ended {
		return finished
	}
	return unfinished
}

// nextElement is where reading goes on behind a broken element that starts at some place: the next line that begins with an object and is indented as the
// element's line is, or less. An object within the broken one is never taken for an element. It is the text's length where there is no such line.
func nextElement(text []byte, at int) int {
	line := bytes.LastIndexByte(text[:at], '\n') + 1
	indent := leadingBlanks(text[line:])
	for {
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			return len(text)
		}
		at += end + 1
		if n := leadingBlanks(text[at:]); n <= indent && startsElement(text[at+n:]) {
			return at
		}
	}
}

func leadingBlanks(text []byte) (n int) {
	for n < len(text) && (text[n] == ' ' || text[n] == '\t') {
		n++
	}
	return n
}

// startsElement says that a line begins with an object, be it behind a comma or a bracket.
func startsElement(line []byte) bool {
	line = bytes.TrimLeft(line, " \t,[")
	return len(line) > 0 && line[0] == '{'
}
