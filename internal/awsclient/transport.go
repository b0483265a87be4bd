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
	// defaultTimeout is Config.Timeout's.
	defaultTimeout = 30 * time.Second
)

// newTransport is the transport that the SDK has configured (with the certificates of AWS_CA_BUNDLE, for one), set up for many
// calls at once to one endpoint.
func newTransport(configured aws.HTTPClient, c *Config) *http.Transport {
	transport := awshttp.NewBuildableClient().GetTransport()
	if client, ok := configured.(*awshttp.BuildableClient); ok {
		transport = client.GetTransport()
	}
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = maxIdle, maxIdle
	transport.ResponseHeaderTimeout = c.Timeout
	if c.Timeout == 0 {
		transport.ResponseHeaderTimeout = defaultTimeout
	}
	dial := transport.DialContext
	if c.Dial != nil {
		dial = c.Dial
	}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return connection{dialled}, nil
	}
	return transport
}

// connection sends the body of a request in one piece, where net/http would copy it, and ask the kernel, 32 KiB at a time.
type connection struct{ net.Conn }

// ReadFrom is given what net/http's buffer does not hold of a request: the rest of a body, up to its length.
func (c connection) ReadFrom(from io.Reader) (int64, error) {
	rest, limited := from.(*io.LimitedReader)
	if limited {
		if body, ok := rest.R.(*requestBody); ok {
			n, err := body.writeTo(c.Conn, rest.N)
			rest.N -= n
			return n, err
		}
	}
	return io.Copy(struct{ io.Writer }{c.Conn}, from)
}

// wholeAnswers keeps what the SDK makes of a request's body from net/http, and hides the WriteTo method of what is not ours. The SDK closes the body when the
// answer's header is there; its WriteTo then returns io.EOF, and net/http drops the connection in the middle of the answer.
type wholeAnswers struct{ next http.RoundTripper }

func (t wholeAnswers) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body == nil || request.Body == http.NoBody {
		return t.next.RoundTrip(request)
	}
	request = request.WithContext(request.Context()) // a copy, whose body is another
	if body, ok := request.Context().Value(bodyKey{}).(*requestBody); ok && body.filled() {
		request.Body = body
		return t.next.RoundTrip(request)
	}
	request.Body = struct{ io.ReadCloser }{request.Body}
	if again := request.GetBody; again != nil {
		request.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			return struct{ io.ReadCloser }{body}, err
		}
	}
	return t.next.RoundTrip(request)
}
