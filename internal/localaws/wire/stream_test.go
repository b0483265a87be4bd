package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFramesAreReadByTheSDKsOwnDecoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`:?[a-z-]{1,40}`), 0, 4, rapid.ID[string]).Draw(t, "names")
		var written []byte
		var want []frame
		for range rapid.IntRange(1, 3).Draw(t, "frames") {
			f := frame{payload: rapid.SliceOf(rapid.Byte()).Draw(t, "payload")}
			for _, name := range names {
				f.headers = append(f.headers, [2]string{name, rapid.String().Draw(t, "value")})
			}
			want, written = append(want, f), f.append(written)
		}
		from := bytes.NewReader(written)
		for i, f := range want {
			got, err := eventstream.NewDecoder().Decode(from, nil)
			if err != nil {
				t.Fatalf("frame %d: %v", i, err)
			}
			if !bytes.Equal(got.Payload, f.payload) || len(got.Headers) != len(f.headers) {
				t.Fatalf("frame %d: %+v, want %+v", i, got, f)
			}
			for _, header := range f.headers {
				if value := got.Headers.Get(header[0]); value == nil || value.String() != header[1] {
					t.Fatalf("frame %d: header %s is %v, want %q", i, header[0], value, header[1])
				}
			}
		}
		if from.Len() > 0 {
			t.Fatalf("%d bytes are left", from.Len())
		}
	})
}

type countInput struct{ To int }

type countEvent struct{ N int }

// counting is a service whose stream counts, and then ends as it is told.
func counting(end error, codecs ...Codec) *Service {
	return NewService("count", "Count_1", codecs, Options{}, Streaming("Count", func(_ context.Context, in *countInput) (Send, error) {
		if in.To < 0 {
			return nil, NewError("InvalidArgumentException", "To is %d", in.To)
		}
		return func(_ context.Context, emit Emit) error {
			for n := range in.To {
				if err := emit("CountEvent", countEvent{n}); err != nil {
					return err
				}
			}
			return end
		}, nil
	}))
}

// events reads what a stream holds: the kind, the name and the payload of each message.
func messages(t *testing.T, body io.Reader) (all []string) {
	t.Helper()
	for {
		m, err := eventstream.NewDecoder().Decode(body, nil)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		name := m.Headers.Get(":event-type")
		if name == nil {
			name = m.Headers.Get(":exception-type")
		}
		all = append(all, fmt.Sprintf("%v %v %v %s", m.Headers.Get(":message-type"), name, m.Headers.Get(":content-type"), m.Payload))
	}
}

func TestAStreamBeginsWithItsInitialResponseAndEndsWithWhatEndsIt(t *testing.T) {
	for name, c := range map[string]struct {
		end  error
		want []string
	}{
		"well":                 {nil, nil},
		"with AWS's error":     {NewError("ResourceInUseException", "another"), []string{`exception ResourceInUseException application/x-amz-json-1.1 {"message":"another"}`}},
		"with any other error": {errors.New("broken"), []string{`exception InternalFailure application/x-amz-json-1.1 {"message":"broken"}`}},
	} {
		answer := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"To":2}`))
		request.Header.Set("X-Amz-Target", "Count_1.Count")
		counting(c.end, JSON("1.1", nil)).ServeHTTP(answer, request)
		want := append([]string{
			`event initial-response application/x-amz-json-1.1 {}`, `event CountEvent application/x-amz-json-1.1 {"N":0}`, `event CountEvent application/x-amz-json-1.1 {"N":1}`,
		}, c.want...)
		if diff := cmp.Diff(want, messages(t, answer.Body)); diff != "" || answer.Header().Get("Content-Type") != "application/vnd.amazon.eventstream" {
			t.Errorf("%s: %s, %v", name, diff, answer.Header())
		}
	}
}

func TestAStreamThatCannotBeginIsAnsweredAsAnyOtherCall(t *testing.T) {
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"To":-1}`))
	request.Header.Set("X-Amz-Target", "Count_1.Count")
	counting(nil, JSON("1.1", nil)).ServeHTTP(answer, request)
	if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), `"InvalidArgumentException"`) {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestEventsAreInTheNotationOfTheirRequest(t *testing.T) {
	codec := CBOR("1.1", nil)
	body, err := codec.Encode(countInput{To: 1}, own)
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	request.Header.Set("X-Amz-Target", "Count_1.Count")
	request.Header.Set("Content-Type", codec.ContentType())
	counting(nil, JSON("1.1", nil), codec).ServeHTTP(answer, request)
	want, err := codec.Encode(countEvent{0}, own)
	if err != nil {
		t.Fatal(err)
	}
	if got := messages(t, answer.Body); len(got) != 2 || got[1] != "event CountEvent "+codec.ContentType()+" "+string(want) {
		t.Errorf("%q", got)
	}
}
