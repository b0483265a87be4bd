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

func (c jsonCodec) Decode(body []byte, request any) error {
	if len(body) == 0 {
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

func (c jsonCodec) Encode(answer any) ([]byte, error) { return json.Marshal(answer) }
