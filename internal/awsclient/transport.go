package awsclient

import (
	"io"
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
	if c.Dial != nil {
		transport.DialContext = c.Dial
	}
	return transport
}

// wholeAnswers hides the WriteTo method of a request's body. The SDK closes the body when the answer's header is there; its
// WriteTo then returns io.EOF, and net/http drops the connection in the middle of the answer.
type wholeAnswers struct{ next http.RoundTripper }

func (t wholeAnswers) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body == nil || request.Body == http.NoBody {
		return t.next.RoundTrip(request)
	}
	request = request.Clone(request.Context())
	request.Body = struct{ io.ReadCloser }{request.Body}
	if again := request.GetBody; again != nil {
		request.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			return struct{ io.ReadCloser }{body}, err
		}
	}
	return t.next.RoundTrip(request)
}
