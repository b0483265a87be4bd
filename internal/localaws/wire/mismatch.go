package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// Kind is the type of a member of a request, as the messages of AWS name it.
type Kind string

// The kinds of members.
const (
	String    Kind = "String"
	Integer   Kind = "Integer"
	Long      Kind = "Long"
	Double    Kind = "Double"
	Boolean   Kind = "Boolean"
	Blob      Kind = "Blob"
	List      Kind = "List"
	Map       Kind = "Map"
	Structure Kind = "Structure"
)

// Token is what stands in a request's JSON, as the parser of AWS names it.
type Token string

// The tokens of JSON. Those of a list and of a structure stand for their beginning.
const (
	ListToken      Token = "["
	StructureToken Token = "{"
	StringToken    Token = "STRING_VALUE"
	NumberToken    Token = "NUMBER_VALUE"
	DecimalToken   Token = "DECIMAL_VALUE"
	TrueToken      Token = "TRUE_VALUE"
	FalseToken     Token = "FALSE_VALUE"
	NullToken      Token = "NULL_VALUE"
)

// Mismatch words the error of a token in the place of a kind. Each service has words of its own.
type Mismatch func(found Token, want Kind) string

// TokenAt is the token that a JSON text begins with, behind white space.
func TokenAt(text []byte) Token {
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) == 0 {
		return NullToken
	}
	switch text[0] {
	case '[':
		return ListToken
	case '{':
		return StructureToken
	case '"':
		return StringToken
	case 't':
		return TrueToken
	case 'f':
		return FalseToken
	case 'n':
		return NullToken
	}
	return numberToken(text)
}

func numberToken(text []byte) Token {
	end := bytes.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("+-.eE0123456789", r) })
	if end < 0 {
		end = len(text)
	}
	if bytes.ContainsAny(text[:end], ".eE") {
		return DecimalToken
	}
	return NumberToken
}

// tokenOf is the token that encoding/json could not put into a member.
func tokenOf(body []byte, mismatch *json.UnmarshalTypeError) Token {
	before := body[:min(max(0, int(mismatch.Offset)), len(body))]
	switch found, _, _ := strings.Cut(mismatch.Value, " "); found {
	case "array":
		return ListToken
	case "object":
		return StructureToken
	case "string":
		return StringToken
	case "bool":
		if bytes.HasSuffix(before, []byte("true")) {
			return TrueToken
		}
		return FalseToken
	}
	start := bytes.LastIndexFunc(before, func(r rune) bool { return !strings.ContainsRune("+-.eE0123456789", r) })
	return numberToken(before[start+1:])
}

func kindOf(t reflect.Type) Kind {
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return Blob
		}
		return List
	case reflect.Map:
		return Map
	case reflect.Struct:
		return Structure
	case reflect.Bool:
		return Boolean
	case reflect.Int64:
		return Long
	case reflect.Int, reflect.Int32:
		return Integer
	case reflect.Float64:
		return Double
	}
	return String
}
