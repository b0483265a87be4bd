package awsclient

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

const (
	// maxIdle keeps a connection for every call that can be in flight at once.
	maxIdle = 256
	// headerTimeout bounds the wait for an answer to begin. The whole of an answer has no bound here: an object in S3 is read as
	// slowly as its records are replayed.
	headerTimeout = 30 * time.Second
)

// newTransport is the transport that the SDK has configured (with the certificates of AWS_CA_BUNDLE, for one), set up for many
// calls at once to one endpoint.
func newTransport(configured aws.HTTPClient, dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	transport := awshttp.NewBuildableClient().GetTransport()
	if client, ok := configured.(*awshttp.BuildableClient); ok {
		transport = client.GetTransport()
	}
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = maxIdle, maxIdle
	transport.ResponseHeaderTimeout = headerTimeout
	if dial != nil {
		transport.DialContext = dial
	}
	return transport
}

// wholeAnswers hides the WriteTo method of a request's body. The SDK closes the body when the answer's header is there; its
// WriteTo then returns io.EOF, and net/http drops the connection in the middle of the answer.
type wholeAnswers struct{ next http.RoundTripper }

func (t wholeAnswers) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		request = request.Clone(request.Context())
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return t.next.RoundTrip(request)
}
