package wire

import (
	"encoding/json"
	"errors"
)

// Codec turns bytes into requests and answers into bytes.
type Codec interface {
	// ContentType is that of what Encode gives.
	ContentType() string
	// Decode reads a request. Its error is an [Error]: SerializationException for bytes that are no such request, or what a member's
	// own UnmarshalJSON refuses with.
	Decode(body []byte, request any) error
	// Encode writes an answer.
	Encode(answer any) ([]byte, error)
}

// JSON is AWS's JSON protocol of a version, as "1.1" (Kinesis) or "1.0" (DynamoDB). It is laxer than AWS in that it takes the names of
// members in any case. An empty body stands for {}.
func JSON(version string) Codec { return jsonCodec{contentType: "application/x-amz-json-" + version} }

type jsonCodec struct{ contentType string }

func (c jsonCodec) ContentType() string { return c.contentType }

// fastDecoder is a request that reads itself in one pass where its JSON is written the way clients write it. It leaves everything else,
// mistakes included, to encoding/json: then it says false and has changed nothing. It may keep the body.
type fastDecoder interface{ DecodeJSON(body []byte) bool }

// fastEncoder is an answer that writes itself, as encoding/json would.
type fastEncoder interface{ AppendJSON(to []byte) []byte }

func (c jsonCodec) Decode(body []byte, request any) error {
	if len(body) == 0 {
		return nil
	}
	if fast, ok := request.(fastDecoder); ok && fast.DecodeJSON(body) {
		return nil
	}
	err := json.Unmarshal(body, request)
	if err == nil {
		return nil
	}
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return NewError("SerializationException", "%s can not be converted to %s at %q", mismatch.Value, mismatch.Type, mismatch.Field)
	}
	return NewError("SerializationException", "the request is not valid JSON: %v", err)
}

func (c jsonCodec) Encode(answer any) ([]byte, error) {
	if fast, ok := answer.(fastEncoder); ok {
		return fast.AppendJSON(nil), nil
	}
	return json.Marshal(answer)
}
