package attribute

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"
)

// MarshalJSON writes the map as the API does: an object of attribute names to values, each an object of its type's name
// to its content. Names are sorted, so that equal maps give equal bytes.
func (v Map) MarshalJSON() ([]byte, error) { return v.appendMembers(nil), nil }

func (v Map) appendMembers(to []byte) []byte {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	to = append(to, '{')
	for i, name := range names {
		if i > 0 {
			to = append(to, ',')
		}
		to = appendText(to, name)
		to = append(to, ':')
		to = v[name].appendJSON(to)
	}
	return append(to, '}')
}

func (v String) appendJSON(to []byte) []byte {
	return append(appendText(append(to, `{"S":`...), string(v)), '}')
}

func (v Number) appendJSON(to []byte) []byte {
	to = append(to, `{"N":"`...)
	return append(append(to, v...), `"}`...)
}

func (v Binary) appendJSON(to []byte) []byte {
	return append(appendBase64(append(to, `{"B":`...), string(v)), '}')
}

func (v Bool) appendJSON(to []byte) []byte {
	return append(strconv.AppendBool(append(to, `{"BOOL":`...), bool(v)), '}')
}

func (Null) appendJSON(to []byte) []byte { return append(to, `{"NULL":true}`...) }

func (v List) appendJSON(to []byte) []byte {
	to = append(to, `{"L":[`...)
	for i, member := range v {
		if i > 0 {
			to = append(to, ',')
		}
		to = member.appendJSON(to)
	}
	return append(to, `]}`...)
}

func (v Map) appendJSON(to []byte) []byte {
	return append(v.appendMembers(append(to, `{"M":`...)), '}')
}

func (s Set) appendJSON(to []byte) []byte {
	to = append(append(append(to, `{"`...), s.Type()...), `":[`...)
	for i, member := range s.members {
		if i > 0 {
			to = append(to, ',')
		}
		if s.of == TypeBinary {
			to = appendBase64(to, member)
			continue
		}
		to = appendText(to, member)
	}
	return append(to, `]}`...)
}

func appendBase64(to []byte, binary string) []byte {
	to = append(to, '"')
	to = base64.StdEncoding.AppendEncode(to, []byte(binary))
	return append(to, '"')
}

func appendText(to []byte, text string) []byte {
	if isPlain(text) {
		to = append(to, '"')
		to = append(to, text...)
		return append(to, '"')
	}
	quoted, err := json.Marshal(text)
	if err != nil { // cannot be: every string has a JSON form
		return append(to, `""`...)
	}
	return append(to, quoted...)
}

// isPlain says whether a text stands in JSON as it is.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
