package awsclient

import (
	"bytes"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// alone hides the AWS configuration of whoever runs the test.
func alone(t *testing.T) {
	t.Helper()
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(name, "")
	}
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
}

// connect makes clients of a server.
func connect(t *testing.T, c Config) *Clients {
	t.Helper()
	clients, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(clients.Close)
	return clients
}

func TestLoopbackIsWhatCannotLeaveTheMachine(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"http://127.0.0.1:4567":                      true,
		"http://127.9.9.9":                           true,
		"http://[::1]:4567":                          true,
		"https://localhost:1":                        true,
		"http://localhost":                           true,
		"":                                           false,
		"127.0.0.1:4567":                             false, // no URL
		"http://":                                    false,
		"http://10.0.0.1":                            false,
		"http://0.0.0.0:4567":                        false,
		"http://localhost.example.com":               false,
		"http://127.0.0.1.example.com":               false,
		"http://localhost@example.com":               false,
		"http://127.0.0.1@example.com:80":            false,
		"https://kinesis.eu-west-1.amazonaws.com":    false,
		"http://example.com/?host=http://localhost/": false,
	} {
		if got := IsLoopback(endpoint); got != want {
			t.Errorf("%q: %v, want %v", endpoint, got, want)
		}
	}
}

func TestEachCallIsOneSignedRequest(t *testing.T) {
	alone(t)
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		if authorization := r.Header.Get("Authorization"); !strings.Contains(authorization, "/us-east-1/kinesis/") {
			t.Errorf("authorization %q", authorization)
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	client := connect(t, Config{Endpoint: server.URL}).Kinesis
	if _, err := client.ListStreams(t.Context(), &kinesis.ListStreamsInput{}); err == nil {
		t.Error("a server error is no error")
	}
	if requests != 1 {
		t.Errorf("%d requests for one call", requests)
	}
}

func TestAnswerThatDoesNotBeginEndsTheCall(t *testing.T) {
	alone(t)
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	client := connect(t, Config{Endpoint: server.URL, Timeout: 20 * time.Millisecond}).Kinesis
	if _, err := client.ListStreams(t.Context(), &kinesis.ListStreamsInput{}); err == nil || !strings.Contains(err.Error(), "timeout awaiting response headers") {
		t.Error(err)
	}
}

func TestBucketsOfACustomEndpointAreInThePath(t *testing.T) {
	alone(t)
	var path string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { path = r.URL.Path }))
	defer server.Close()
	output, err := connect(t, Config{Endpoint: server.URL}).S3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k/l")})
	if err != nil {
		t.Fatal(err)
	}
	if err := output.Body.Close(); err != nil || path != "/b/k/l" {
		t.Errorf("path %s: %v", path, err)
	}
}

func TestNothingOverridesAnEndpointThatWasGiven(t *testing.T) {
	alone(t)
	const elsewhere = "http://elsewhere.example.com"
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_S3"} {
		t.Setenv(name, elsewhere)
	}
	const here = "http://127.0.0.1:4567"
	clients := connect(t, Config{Endpoint: here, Region: "us-east-1"})
	for name, endpoint := range map[string]*string{
		"kinesis": clients.Kinesis.Options().BaseEndpoint, "dynamodb": clients.DynamoDB.Options().BaseEndpoint, "s3": clients.S3.Options().BaseEndpoint,
	} {
		if aws.ToString(endpoint) != here {
			t.Errorf("%s goes to %s", name, aws.ToString(endpoint))
		}
	}
}

func TestAWSItselfNeedsARegion(t *testing.T) {
	alone(t)
	if _, err := New(t.Context(), Config{}); err == nil || !strings.Contains(err.Error(), "no region") {
		t.Error(err)
	}
	clients := connect(t, Config{Region: "eu-west-1"})
	if region := clients.DynamoDB.Options().Region; region != "eu-west-1" {
		t.Error(region)
	}
	if _, err := New(t.Context(), Config{Region: "eu-west-1", Profile: "nobody"}); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("a profile that is not there: %v", err)
	}
}

func TestCertificatesOfTheEnvironmentAreTrusted(t *testing.T) {
	alone(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"StreamNames":["s"]}`) }))
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	output, err := connect(t, Config{Endpoint: server.URL}).Kinesis.ListStreams(t.Context(), &kinesis.ListStreamsInput{})
	if err != nil || len(output.StreamNames) != 1 {
		t.Error(output, err)
	}
}

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

func TestRequestsBodyCannotWriteItself(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost", nil)
	if err != nil {
		t.Fatal(err)
	}
	body := func() io.ReadCloser {
		return struct{ *selfWriting }{&selfWriting{Reader: bytes.NewReader([]byte("payload"))}}
	}
	request.Body, request.ContentLength = body(), 7
	request.GetBody = func() (io.ReadCloser, error) { return body(), nil }
	transport := wholeAnswers{roundTrip(func(r *http.Request) (*http.Response, error) {
		again, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		for _, body := range []io.ReadCloser{r.Body, again} {
			if _, writes := body.(io.WriterTo); writes {
				t.Errorf("%T has WriteTo", body)
			}
			if text, err := io.ReadAll(body); string(text) != "payload" || err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
		if r.ContentLength != 7 {
			t.Errorf("content length %d", r.ContentLength)
		}
		return &http.Response{Body: http.NoBody}, nil
	})}
	original := request.Body
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || request.Body != original {
		t.Errorf("the caller's request was changed: %v", err)
	}
}

// selfWriting is a body as the SDK's.
type selfWriting struct{ *bytes.Reader }

func (*selfWriting) Close() error { return nil }
