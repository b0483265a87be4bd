package compression

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream/eventstreamapi"
)

// message is one as the AWS SDK encodes it. kind and name are its :message-type and what that is of.
func message(t testing.TB, kind, name, format, payload string) []byte {
	t.Helper()
	m := eventstream.Message{Payload: []byte(payload)}
	m.Headers.Set(eventstreamapi.MessageTypeHeader, eventstream.StringValue(kind))
	switch kind {
	case eventstreamapi.EventMessageType:
		m.Headers.Set(eventstreamapi.EventTypeHeader, eventstream.StringValue(name))
	case eventstreamapi.ExceptionMessageType:
		m.Headers.Set(eventstreamapi.ExceptionTypeHeader, eventstream.StringValue(name))
	default:
		m.Headers.Set(eventstreamapi.ErrorCodeHeader, eventstream.StringValue(name))
	}
	m.Headers.Set(eventstreamapi.ContentTypeHeader, eventstream.StringValue(format))
	var b bytes.Buffer
	if err := eventstream.NewEncoder().Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func event(t testing.TB, name, payload string) []byte {
	t.Helper()
	return message(t, eventstreamapi.EventMessageType, name, "application/json", payload)
}

// selected is a text as S3 Select sends it: cut anywhere, with events of no record between.
func selected(t testing.TB, text []byte) (file []byte) {
	t.Helper()
	for piece := range slices.Chunk(text, 999) {
		file = slices.Concat(file, event(t, "Records", string(piece)), event(t, "Cont", ""))
	}
	return slices.Concat(file, event(t, "Stats", "<Stats></Stats>"), event(t, "End", ""))
}

func TestEventStreamsOfTheSDKAreRead(t *testing.T) {
	pushed := slices.Concat(event(t, "initial-response", "{}"), event(t, "SubscribeToShardEvent", `{"Records":[]}`), event(t, "SubscribeToShardEvent", `{"Records":[1]}`))
	exception := message(t, eventstreamapi.ExceptionMessageType, "ResourceInUseException", "application/json", `{"message":"Another"}`)
	failure := message(t, eventstreamapi.ErrorMessageType, "InternalError", "application/json", "")
	flipped := slices.Clone(pushed)
	flipped[len(flipped)-8] ^= 1
	for _, test := range []struct {
		name       string
		file       []byte
		want, fail string
	}{
		{"a subscription, an event to a line", pushed, "{\"Records\":[]}\n{\"Records\":[1]}\n", ""},
		{"that ends by an exception", slices.Concat(pushed, exception), "{\"Records\":[]}\n{\"Records\":[1]}\n", `it ended by an exception: ResourceInUseException "{\"message\":\"Another\"}"`},
		{"that ends by an error", slices.Concat(pushed, failure), "{\"Records\":[]}\n{\"Records\":[1]}\n", "it ended by an error: InternalError"},
		{"with a flipped byte", flipped, "{\"Records\":[]}\n", "not as its checksum says"},
		{"that is cut", pushed[:len(pushed)-1], "{\"Records\":[]}\n", "unexpected EOF"},
		{"S3 Select without its end", slices.Concat(event(t, "Records", "a"), event(t, "Records", "b")), "ab", "no End event"},
		{"CBOR", message(t, "event", "SubscribeToShardEvent", "application/cbor", "\xa0"), "", "save them by a client that speaks JSON"},
		{"events of another service", event(t, "TranscriptEvent", "{}"), "", `events of type "TranscriptEvent" are not read`},
	} {
		got, names, err := read(bytes.NewReader(test.file))
		if !slices.Equal(names, []string{EventStream}) || string(got) != test.want || (err == nil) != (test.fail == "") || err != nil && !strings.Contains(err.Error(), test.fail) {
			t.Errorf("%s: %q as %q, %v", test.name, got, names, err)
		}
	}
}

// TestAnEventStreamIsReadAsTheSDKReadsIt has headers of every type, in messages of many sizes.
func TestAnEventStreamIsReadAsTheSDKReadsIt(t *testing.T) {
	var file bytes.Buffer
	for n := range 300 {
		m := eventstream.Message{Payload: bytes.Repeat([]byte{'x'}, n*n)}
		for name, value := range map[string]eventstream.Value{
			":message-type": eventstream.StringValue("event"), ":event-type": eventstream.StringValue("SubscribeToShardEvent"), "t": eventstream.BoolValue(true), "f": eventstream.BoolValue(false),
			"i8": eventstream.Int8Value(1), "i16": eventstream.Int16Value(1), "i32": eventstream.Int32Value(1), "i64": eventstream.Int64Value(1), "b": eventstream.BytesValue{1, 2}, "u": eventstream.UUIDValue{1},
		} {
			m.Headers.Set(name, value)
		}
		if err := eventstream.NewEncoder().Encode(&file, m); err != nil {
			t.Fatal(err)
		}
	}
	var want bytes.Buffer
	for from := bytes.NewReader(file.Bytes()); ; want.WriteByte('\n') {
		m, err := eventstream.NewDecoder().Decode(from, nil)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		want.Write(m.Payload)
	}
	if got, _, err := read(&file); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%d of %d bytes: %v", len(got), want.Len(), err)
	}
}

// FuzzEventStream reads what begins as an event stream as the SDK does, or not at all.
func FuzzEventStream(f *testing.F) {
	file := slices.Concat(event(f, "SubscribeToShardEvent", `{"Records":[]}`), event(f, "Records", "a"), event(f, "End", ""))
	f.Add(file)
	f.Add(file[:len(file)-7])
	f.Add(selected(f, records(20)))
	f.Add(message(f, eventstreamapi.ErrorMessageType, "InternalError", "", ""))
	f.Fuzz(func(t *testing.T, file []byte) {
		if !isEventStream(file) {
			return
		}
		got, _, _ := read(bytes.NewReader(file))
		var want []byte
		for from := bytes.NewReader(file); ; {
			m, err := eventstream.NewDecoder().Decode(from, nil)
			if err != nil {
				break
			}
			want = append(append(want, m.Payload...), '\n')
		}
		if given, there := bytes.ReplaceAll(got, []byte("\n"), nil), bytes.ReplaceAll(want, []byte("\n"), nil); len(given) > len(there) {
			t.Errorf("%d bytes of %d", len(given), len(there))
		}
	})
}
