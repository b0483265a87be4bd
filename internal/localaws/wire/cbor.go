package wire

import (
	"errors"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// CBOR is AWS's CBOR protocol of a version, as "1.1" (Kinesis), which the SDK for Java and all that is built on it speak. It is the JSON protocol in
// another notation: the same target, the same members and errors; a blob is a byte string, and a time is tag 1 with whole milliseconds, where
// RFC 8949 has seconds. It is not the rpcv2Cbor of newer SDKs. An empty body stands for {}.
func CBOR(version string, mismatch Mismatch) Codec {
	c := cborCodec{contentType: cborTypes + "-" + version, mismatch: mismatch}
	var errs [2]error
	// Both refuse options that contradict each other, and these do not.
	c.decode, errs[0] = cbor.DecOptions{MaxNestedLevels: maxCBORLevels, MaxArrayElements: maxCBORElements, MaxMapPairs: maxCBORElements}.DecMode()
	c.encode, errs[1] = cbor.EncOptions{TextMarshaler: cbor.TextMarshalerTextString}.EncMode()
	if err := errors.Join(errs[:]...); err != nil {
		panic(err)
	}
	return c
}

const (
	// No request is nested deeper, nor has a list of more: what claims to be is refused before memory is taken for it.
	maxCBORLevels   = 32
	maxCBORElements = 1 << 16
)

type cborCodec struct {
	contentType string
	mismatch    Mismatch
	decode      cbor.DecMode
	encode      cbor.EncMode
}

func (c cborCodec) ContentType() string { return c.contentType }

func (c cborCodec) Decode(body []byte, request any) error {
	if len(body) == 0 {
		return nil
	}
	err := c.decode.Unmarshal(body, request)
	if err == nil {
		return nil
	}
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	if wrong, ok := errors.AsType[*cbor.UnmarshalTypeError](err); ok {
		return NewError("SerializationException", "%s", c.mismatch(cborToken(wrong.CBORType), goKind(wrong.GoType)))
	}
	return NewError("SerializationException", "The request is not valid CBOR.")
}

func (c cborCodec) Encode(answer any, _ Room) ([]byte, error) {
	return c.encode.Marshal(inMembers(answer))
}

// cborToken is the token of JSON that a CBOR type corresponds to; the library names the types as its tests list them.
func cborToken(found string) Token {
	switch found {
	case "array":
		return ListToken
	case "map":
		return StructureToken
	case "positive integer", "negative integer":
		return NumberToken
	case "UTF-8 text string", "byte string":
		return StringToken
	}
	return DecimalToken
}

// goKind is the kind of a member by the name of its type in Go.
func goKind(name string) Kind {
	name = strings.TrimPrefix(name, "*")
	switch {
	case name == "[]uint8":
		return Blob
	case strings.HasPrefix(name, "[]"):
		return List
	case strings.HasPrefix(name, "map["):
		return Map
	case name == "int64" || strings.HasSuffix(name, ".Time"):
		return Long
	case name == "int" || name == "int32":
		return Integer
	case name == "float64":
		return Double
	case name == "bool":
		return Boolean
	case name == "string":
		return String
	}
	return Structure
}
