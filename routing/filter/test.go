package filter

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// value is a leaf of the data: its text and what it is.
type value struct {
	kind kind
	text []byte
}

type kind uint8

const (
	absent kind = iota
	null
	boolean
	number
	text
)

// test is what a value may be.
type test struct {
	operator operator
	kind     kind // of what it is compared with
	texts    []string
	low      bound
	high     bound
}

type operator uint8

const (
	equals operator = iota
	anythingBut
	prefix
	anythingButPrefix
	prefixIgnoreCase
	suffix
	anythingButSuffix
	suffixIgnoreCase
	ignoreCase
	anythingButIgnoreCase
	numeric
	existence
	absence
)

// bound is one end of a range of numbers; closed says that it is in the range.
type bound struct {
	at     float64
	closed bool
}

// maxNumeric is the greatest number that numeric compares, and its negative the least (EventBridge user guide, "Numeric matching").
const maxNumeric = 5e9

func (t *test) match(v value) bool {
	switch t.operator {
	case absence:
		return v.kind == absent
	case existence:
		return v.kind != absent
	case equals:
		return v.kind == t.kind && t.has(v.text)
	case numeric:
		return v.kind == number && t.holds(v.text)
	}
	if v.kind == absent {
		return false
	}
	switch t.operator {
	case anythingBut:
		return v.kind != t.kind || !t.has(v.text)
	case anythingButPrefix:
		return v.kind != text || !t.begins(v.text)
	case anythingButSuffix:
		return v.kind != text || !t.ends(v.text)
	case anythingButIgnoreCase:
		return v.kind != text || !t.folds(v.text)
	}
	if v.kind != text {
		return false
	}
	switch t.operator {
	case prefix:
		return t.begins(v.text)
	case prefixIgnoreCase:
		return foldedPrefix(string(v.text), t.texts[0])
	case suffix:
		return t.ends(v.text)
	case suffixIgnoreCase:
		return foldedSuffix(string(v.text), t.texts[0])
	}
	return t.folds(v.text)
}

func (t *test) has(b []byte) bool {
	return slices.Contains(t.texts, string(b))
}

func (t *test) begins(b []byte) bool {
	for _, s := range t.texts {
		if len(b) >= len(s) && string(b[:len(s)]) == s {
			return true
		}
	}
	return false
}

func (t *test) ends(b []byte) bool {
	for _, s := range t.texts {
		if len(b) >= len(s) && string(b[len(b)-len(s):]) == s {
			return true
		}
	}
	return false
}

func (t *test) folds(b []byte) bool {
	return slices.ContainsFunc(t.texts, func(s string) bool { return bytes.EqualFold(b, []byte(s)) })
}

// foldedPrefix goes by characters: those of two cases need not have as many bytes.
func foldedPrefix(s, begin string) bool {
	runes, want := []rune(s), len([]rune(begin))
	return len(runes) >= want && strings.EqualFold(string(runes[:want]), begin)
}

func foldedSuffix(s, end string) bool {
	runes, want := []rune(s), len([]rune(end))
	return len(runes) >= want && strings.EqualFold(string(runes[len(runes)-want:]), end)
}

// holds says whether a JSON number is in the test's range.
func (t *test) holds(digits []byte) bool {
	x, err := strconv.ParseFloat(string(digits), 64)
	if err != nil || x < -maxNumeric || x > maxNumeric {
		return false
	}
	above := x > t.low.at || t.low.closed && x == t.low.at
	return above && (x < t.high.at || t.high.closed && x == t.high.at)
}

// valueOf is a scalar as a value; ok is false for anything else.
func valueOf(scalar any) (v value, ok bool) {
	switch scalar := scalar.(type) {
	case nil:
		return value{null, []byte("null")}, true
	case bool:
		return value{boolean, strconv.AppendBool(nil, scalar)}, true
	case string:
		return value{text, []byte(scalar)}, true
	case json.Number:
		return value{number, []byte(scalar)}, true
	case float64:
		return value{number, strconv.AppendFloat(nil, scalar, 'f', -1, 64)}, true
	case int:
		return value{number, strconv.AppendInt(nil, int64(scalar), 10)}, true
	case int64:
		return value{number, strconv.AppendInt(nil, scalar, 10)}, true
	case uint64:
		return value{number, strconv.AppendUint(nil, scalar, 10)}, true
	}
	return value{}, false
}
