package awsclient

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// maxIdle keeps a connection for every call that can be in flight at once.
	maxIdle = 256
	// headerTimeout bounds the wait for an answer to begin. The whole of an answer has no bound here: an object in S3 is read as
	// slowly as its records are replayed.
	headerTimeout = 30 * time.Second
)

func newTransport(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dial,
		MaxIdleConns:          maxIdle,
		MaxIdleConnsPerHost:   maxIdle,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: headerTimeout,
		ExpectContinueTimeout: time.Second,
		ForceAttemptHTTP2:     true,
	}
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
