package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Codec turns bytes into requests and answers into bytes.
type Codec interface {
	// ContentType is that of what Encode gives.
	ContentType() string
	// Decode reads a request. Its error is an [Error]: SerializationException for bytes that are no such request, or what a member's
	// own UnmarshalJSON refuses with.
	Decode(body []byte, request any) error
	// Encode writes an answer, into the room that it asks for or into memory of its own.
	Encode(answer any, room Room) ([]byte, error)
}

// Room gives empty memory for so many bytes, which is lent until the call is answered.
type Room func(size int) []byte

// JSON is AWS's JSON protocol of a version, as "1.1" (Kinesis) or "1.0" (DynamoDB), with a service's words for values of the wrong type. It is
// laxer than AWS in that it takes the names of members in any case, and stricter in that it takes no decimal for an integer. An empty body
// stands for {}.
func JSON(version string, mismatch Mismatch) Codec {
	return jsonCodec{contentType: "application/x-amz-json-" + version, mismatch: mismatch}
}

type jsonCodec struct {
	contentType string
	mismatch    Mismatch
}

func (c jsonCodec) ContentType() string { return c.contentType }

// fastDecoder is a request that reads itself in one pass where its JSON is written the way clients write it. It leaves everything else,
// mistakes included, to encoding/json: then it says false and has changed nothing. It may share the body's memory, and use what is behind the
// body in it, up to its capacity.
type fastDecoder interface{ DecodeJSON(body []byte) bool }

// fastEncoder is an answer that writes itself, as encoding/json would. How long that is it says beforehand, and need not say exactly.
type fastEncoder interface {
	SizeJSON() int
	AppendJSON(to []byte) []byte
}

// longAnswer is an answer that writes itself by the piece, all together as encoding/json would: a buffer for megabytes would be out of the
// processor's caches before it is sent. How long it is it says beforehand, to the byte. Its error is that of the writer. A service with checksums,
// which stand before an answer, has none.
type longAnswer interface {
	LengthJSON() int
	WriteJSON(to io.Writer, room Room) error
}

// compact is an answer that holds less than its members, which it makes for who can write no other.
type compact interface{ Members() any }

func inMembers(answer any) any {
	if held, ok := answer.(compact); ok {
		return held.Members()
	}
	return answer
}

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
	return NewError("SerializationException", "%s", c.reason(body, err))
}

// reason says why encoding/json could not read a body. AWS says nothing of where a text is no JSON.
func (c jsonCodec) reason(body []byte, err error) string {
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return c.mismatch(tokenOf(body, mismatch), kindOf(mismatch.Type))
	}
	if corrupt, ok := errors.AsType[base64.CorruptInputError](err); ok {
		return fmt.Sprintf("A Blob is not Base64 from its character %d on.", int64(corrupt)+1)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("The request is not valid JSON, at byte %d of %d.", syntax.Offset, len(body))
	}
	return "The request is not valid JSON."
}

func (c jsonCodec) Encode(answer any, room Room) ([]byte, error) {
	if fast, ok := answer.(fastEncoder); ok {
		return fast.AppendJSON(room(fast.SizeJSON())), nil
	}
	return json.Marshal(inMembers(answer))
}
