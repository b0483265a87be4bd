package record

import "bytes"

// attribute makes of the place of an object that is a value of DynamoDB's, as {"N":"1.5"} or {"S":"text"}, the place of what it holds. Change records of a
// table have such values (Amazon DynamoDB API reference, AttributeValue). Any other object stays one.
func (s *scanner) attribute(at *slot) {
	raw := s.data[at.start:at.end]
	if len(raw) < len(`{"N":""}`) || raw[0] != '{' {
		return
	}
	inner := scanner{data: raw, pos: 1}
	inner.space()
	start := inner.pos
	if inner.peek() != '"' {
		return
	}
	if _, ok := inner.text(); !ok {
		return
	}
	name := raw[start:inner.pos]
	inner.space()
	inner.pos++ // the colon
	inner.space()
	start = inner.pos
	found := slot{present: true}
	switch ok := false; {
	case (bytes.Equal(name, []byte(`"S"`)) || bytes.Equal(name, []byte(`"N"`))) && inner.peek() == '"':
		found.kind, found.start, found.numeric = stringValue, start+1, name[1] == 'N'
		if found.plain, ok = inner.text(); !ok {
			return
		}
		found.end = inner.pos - 1
	case bytes.Equal(name, []byte(`"BOOL"`)) && (inner.word("true") || inner.word("false")):
		found.kind, found.start, found.end = literalValue, start, inner.pos
	case bytes.Equal(name, []byte(`"NULL"`)) && inner.word("true"):
		found.kind, found.start, found.end = absent, start, inner.pos
	default:
		return
	}
	if inner.space(); inner.pos != len(raw)-1 {
		return // it has another member
	}
	found.start += at.start
	found.end += at.start
	*at = found
}
