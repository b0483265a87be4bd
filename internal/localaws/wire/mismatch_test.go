package wire

import (
	"errors"
	"testing"
)

type members struct {
	Text    string
	Maybe   *string
	Count   int
	Units   int64
	Seconds float64
	Flag    bool
	Data    []byte
	Names   []string
	Tags    map[string]string
	Inner   struct{ Text string }
	Embedded
}

type Embedded struct{ Name string }

// Every kind of member meets tokens that are none of its own: both are told as AWS's messages name them.
func TestAValueOfTheWrongTypeIsToldByItsTokenAndKind(t *testing.T) {
	for body, want := range map[string]string{
		`[]`:                                 "[ for Structure",
		`"a"`:                                "STRING_VALUE for Structure",
		`{"Text":1}`:                         "NUMBER_VALUE for String",
		`{"Text": -1.5 }`:                    "DECIMAL_VALUE for String",
		`{"Text":1e3,"Count":1}`:             "DECIMAL_VALUE for String",
		`{"Text":true}`:                      "TRUE_VALUE for String",
		`{"Text" : false }`:                  "FALSE_VALUE for String",
		`{"Text":["a"]}`:                     "[ for String",
		`{"Text":{"a":1}}`:                   "{ for String",
		`{"Maybe":12}`:                       "NUMBER_VALUE for String",
		`{"Name":12}`:                        "NUMBER_VALUE for String",
		`{"Count":"1"}`:                      "STRING_VALUE for Integer",
		`{"Count":1.5}`:                      "DECIMAL_VALUE for Integer",
		`{"Count":99999999999999999999}`:     "NUMBER_VALUE for Integer",
		`{"Units":true}`:                     "TRUE_VALUE for Long",
		`{"Seconds":"1"}`:                    "STRING_VALUE for Double",
		`{"Flag":"true"}`:                    "STRING_VALUE for Boolean",
		`{"Data":1}`:                         "NUMBER_VALUE for Blob",
		`{"Names":"a"}`:                      "STRING_VALUE for List",
		`{"Names":[1]}`:                      "NUMBER_VALUE for String",
		`{"Tags":[]}`:                        "[ for Map",
		`{"Tags":{"a":false}}`:               "FALSE_VALUE for String",
		`{"Inner":"a"}`:                      "STRING_VALUE for Structure",
		`{"Inner":{"Text":1},"Text":"late"}`: "NUMBER_VALUE for String",
	} {
		err := JSON("1.1", sameWords).Decode([]byte(body), new(members))
		if refused, ok := errors.AsType[*Error](err); !ok || refused.Code != "SerializationException" || refused.Message != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

func TestTokenAt(t *testing.T) {
	for text, want := range map[string]Token{
		" [1]": ListToken, "{": StructureToken, `"a"`: StringToken, "true": TrueToken, "false,": FalseToken, "null": NullToken,
		"-12": NumberToken, "12,3.4": NumberToken, "1.5]": DecimalToken, "1E9": DecimalToken, " ": NullToken,
	} {
		if got := TokenAt([]byte(text)); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}
