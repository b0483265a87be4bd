package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type echoInput struct {
	Text string
	Data []byte
}

type echoOutput struct{ Text string }

// sameWords shows what a service's words are made of.
func sameWords(found Token, want Kind) string { return fmt.Sprintf("%s for %s", found, want) }

// echo is a service whose one operation answers what it is sent; some texts are refused. stored holds what it was asked for.
func echo(fault Fault) (s *Service, stored func() []string) {
	var mu sync.Mutex
	var texts []string
	op := Op("Echo", func(_ context.Context, in *echoInput) (*echoOutput, error) {
		mu.Lock()
		defer mu.Unlock()
		texts = append(texts, in.Text)
		switch in.Text {
		case "refuse":
			return nil, fmt.Errorf("wrapped: %w", NewError("RefusedException", "no %s", in.Text))
		case "item":
			e := NewError("ItemException", "with an item")
			e.Body = map[string]string{"__type": e.Code, "Item": "i"}
			return nil, e
		case "fail":
			return nil, errors.New("a mistake of the service's own")
		case "panic":
			panic("no such thing")
		}
		return &echoOutput{in.Text}, nil
	})
	return NewService("echo", "Echo_1", []Codec{JSON("1.1", sameWords)}, Options{Fault: fault}, op), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return texts
	}
}

func serve(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// call sends a body to an operation and gives the status, the header and the body of the answer.
func call(t *testing.T, server *httptest.Server, operation string, body io.Reader) (int, http.Header, string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "Echo_1."+operation)
	answer, err := server.Client().Do(request)
	if err != nil {
		return 0, nil, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header, string(text), err
}

func TestAnswersAndErrorsHaveAWSsShape(t *testing.T) {
	service, _ := echo(nil)
	server := serve(t, service.WithChecksums())
	for name, c := range map[string]struct {
		operation, body string
		status          int
		code, answer    string
	}{
		"an answer":               {"Echo", `{"Text":"a"}`, 200, "", `{"Text":"a"}`},
		"an empty body":           {"Echo", ``, 200, "", `{"Text":""}`},
		"a refusal, wrapped":      {"Echo", `{"Text":"refuse"}`, 400, "RefusedException", `{"__type":"RefusedException","message":"no refuse"}`},
		"a refusal with members":  {"Echo", `{"Text":"item"}`, 400, "ItemException", `{"Item":"i","__type":"ItemException"}`},
		"a mistake":               {"Echo", `{"Text":"fail"}`, 500, "InternalFailure", `{"__type":"InternalFailure","message":"a mistake of the service's own"}`},
		"a panic":                 {"Echo", `{"Text":"panic"}`, 500, "InternalFailure", `{"__type":"InternalFailure","message":"weir: the embedded Echo failed in Echo, which is a mistake of its own: no such thing"}`},
		"an unknown operation":    {"Shout", `{}`, 400, "UnknownOperationException", `{"__type":"UnknownOperationException","message":"weir: the embedded Echo does not serve Shout"}`},
		"no JSON":                 {"Echo", `{"Text":`, 400, "SerializationException", `{"__type":"SerializationException","message":"The request is not valid JSON, at byte 8 of 8."}`},
		"a member of other type":  {"Echo", `{"Text":1}`, 400, "SerializationException", `{"__type":"SerializationException","message":"NUMBER_VALUE for String"}`},
		"data that is not base64": {"Echo", `{"Data":"%"}`, 400, "SerializationException", `{"__type":"SerializationException","message":"A Blob is not Base64 from its character 1 on."}`},
	} {
		t.Run(name, func(t *testing.T) {
			status, header, answer, err := call(t, server, c.operation, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if status != c.status || answer != c.answer || header.Get("X-Amzn-Errortype") != c.code {
				t.Errorf("%d %s %s", status, header.Get("X-Amzn-Errortype"), answer)
			}
			if header.Get("Content-Type") != "application/x-amz-json-1.1" || header.Get("X-Amzn-Requestid") == "" {
				t.Errorf("header %v", header)
			}
			if want := fmt.Sprint(crc32.ChecksumIEEE([]byte(answer))); header.Get("X-Amz-Crc32") != want {
				t.Errorf("checksum %s, want %s", header.Get("X-Amz-Crc32"), want)
			}
		})
	}
}

// unsized hides the length of a body, so that it is sent in chunks.
type unsized struct{ io.Reader }

func TestBodyIsBoundedAndItsClientHearsOfIt(t *testing.T) {
	service, stored := echo(nil)
	server := serve(t, service)
	fits := `{"Text":"` + strings.Repeat("A", MaxBody-11) + `"}`
	large := strings.Repeat(" ", MaxBody+1)
	for name, c := range map[string]struct {
		body   io.Reader
		status int
	}{
		"of the largest size":            {strings.NewReader(fits), 200},
		"of the largest size, in chunks": {unsized{strings.NewReader(fits)}, 200},
		"too large":                      {strings.NewReader(large), 413},
		"too large, in chunks":           {unsized{strings.NewReader(large)}, 413},
		"far too large":                  {io.LimitReader(zeros{}, 2*MaxBody), 413},
	} {
		before := len(stored())
		status, header, answer, err := call(t, server, "Echo", c.body)
		if err != nil || status != c.status {
			t.Errorf("%s: %d %s, %v", name, status, answer, err)
		}
		if status == 413 && (header.Get("X-Amzn-Errortype") != "RequestEntityTooLargeException" || len(stored()) != before) {
			t.Errorf("%s: %s, %d served", name, answer, len(stored())-before)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestRequestThatBreaksOffIsNotServed(t *testing.T) {
	service, stored := echo(nil)
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"Text":"a"}`))
	request.ContentLength = 100
	request.Header.Set("X-Amz-Target", "Echo_1.Echo")
	answer := httptest.NewRecorder()
	service.ServeHTTP(answer, request)
	if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "breaks off after 12 bytes") || len(stored()) != 0 {
		t.Errorf("%d %s, %v served", answer.Code, answer.Body, stored())
	}
}

func TestFaultsAreCarriedOutAsTheContractSays(t *testing.T) {
	for name, c := range map[string]struct {
		action   Action
		answered bool
		stored   []string
	}{
		"Serve":      {Action{Kind: Serve}, true, []string{"a", "b", "c"}},
		"DropBefore": {Action{Kind: DropBefore}, false, []string{"a", "c"}},
		"DropAfter":  {Action{Kind: DropAfter}, false, []string{"a", "b", "c"}},
		"unknown":    {Action{Kind: 99}, true, []string{"a", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			service, stored := echo(func(call Call) Action {
				if call.Number == 2 {
					return c.action
				}
				return Action{}
			})
			server := serve(t, service)
			for _, text := range []string{"a", "b", "c"} {
				_, _, answer, err := call(t, server, "Echo", strings.NewReader(`{"Text":"`+text+`"}`))
				if answered := err == nil; answered != (text != "b" || c.answered) {
					t.Errorf("%s: answer %q, error %v", text, answer, err)
				}
				// A connection that ends without an answer, and nothing else.
				if err != nil && !errors.Is(err, io.EOF) {
					t.Errorf("the client sees %v", err)
				}
			}
			if diff := cmp.Diff(c.stored, stored()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFaultHookSeesEachDecodedCallOnce(t *testing.T) {
	var calls []Call
	service, _ := echo(func(call Call) Action {
		calls = append(calls, call)
		return Action{}
	})
	server := serve(t, service)
	for _, body := range []string{`{"Text":"a"}`, `{"Text":`, `{"Text":"refuse"}`} {
		if _, _, _, err := call(t, server, "Echo", strings.NewReader(body)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, _, err := call(t, server, "Shout", strings.NewReader(`{}`)); err != nil {
		t.Fatal(err)
	}
	want := []Call{
		{Service: "echo", Operation: "Echo", Number: 1, Request: &echoInput{Text: "a"}},
		{Service: "echo", Operation: "Echo", Number: 2, Request: &echoInput{Text: "refuse"}},
	}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Error(diff)
	}
}

func TestFaultHookCountsEveryCallOfManyAtOnce(t *testing.T) {
	const n = 50
	var mu sync.Mutex
	seen := map[int64]int{}
	service, _ := echo(func(call Call) Action {
		mu.Lock()
		defer mu.Unlock()
		seen[call.Number]++
		return Action{}
	})
	server := serve(t, service)
	var callers sync.WaitGroup
	for range n {
		callers.Go(func() {
			if _, _, _, err := call(t, server, "Echo", strings.NewReader(`{}`)); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	for number := range int64(n) {
		if seen[number+1] != 1 {
			t.Errorf("call %d was seen %d times", number+1, seen[number+1])
		}
	}
}

func TestTargetOfNoServiceIsAnUnknownOperation(t *testing.T) {
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { Unknown(w, r, "Lambda") }))
	status, header, answer, err := call(t, server, "Echo", strings.NewReader(`{}`))
	if err != nil || status != http.StatusBadRequest || header.Get("X-Amzn-Errortype") != "UnknownOperationException" {
		t.Errorf("%d %s, %v", status, answer, err)
	}
}

// Whatever is decoded comes back the same.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"Text":"a","Data":"AAEC"}`))
	f.Add([]byte(`{"text":null,"Data":""}`))
	f.Add([]byte(`{"Text":"\ud800"}`))
	f.Add([]byte(``))
	codec := JSON("1.1", sameWords)
	f.Fuzz(func(t *testing.T, body []byte) {
		var once, twice echoInput
		if err := codec.Decode(body, &once); err != nil {
			if own, ok := errors.AsType[*Error](err); !ok || own.Code != "SerializationException" {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		text, err := codec.Encode(once, own)
		if err != nil || !json.Valid(text) {
			t.Fatalf("%q: %v", text, err)
		}
		if err := codec.Decode(text, &twice); err != nil || once.Text != twice.Text || !bytes.Equal(once.Data, twice.Data) {
			t.Errorf("%q is %v, and then %v: %v", body, once, twice, err)
		}
	})
}
