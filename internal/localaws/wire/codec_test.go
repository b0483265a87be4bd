package wire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestARequestIsReadAndAnsweredByTheCodecOfItsContentType(t *testing.T) {
	op := Op("Echo", func(_ context.Context, in *echoInput) (*echoOutput, error) {
		if in.Text == "refuse" {
			return nil, NewError("RefusedException", "no")
		}
		return &echoOutput{in.Text}, nil
	})
	service := NewService("echo", "Echo_1", []Codec{JSON("1.1", sameWords), JSON("1.0", sameWords)}, Options{}, op)
	for asked, want := range map[string]string{
		"":                                       "application/x-amz-json-1.1",
		"text/plain":                             "application/x-amz-json-1.1",
		"application/x-amz-json-1.1":             "application/x-amz-json-1.1",
		"application/x-amz-json-1.0":             "application/x-amz-json-1.0",
		"Application/X-Amz-Json-1.0":             "application/x-amz-json-1.0",
		"application/x-amz-json-1.0; charset=u8": "application/x-amz-json-1.0",
		"application/x-amz-cbor-1.1":             "application/x-amz-json-1.1",
	} {
		for _, text := range []string{"a", "refuse"} {
			request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"Text":"`+text+`"}`))
			request.Header.Set("X-Amz-Target", "Echo_1.Echo")
			request.Header.Set("Content-Type", asked)
			answer := httptest.NewRecorder()
			service.ServeHTTP(answer, request)
			if got := answer.Header().Get("Content-Type"); got != want {
				t.Errorf("%q, %s: answered as %s, want %s", asked, text, got, want)
			}
		}
	}
}
