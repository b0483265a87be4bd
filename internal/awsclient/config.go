// Package awsclient makes the SDK's clients as weir needs them: with its own transport, and for Kinesis and DynamoDB without the SDK's
// retries, for weir makes its own and counts each.
package awsclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Config says which AWS the clients talk to.
type Config struct {
	// Endpoint is a URL; empty, the SDK's own resolution (environment, profile, region) holds.
	Endpoint string
	Region   string
	// Profile of the shared AWS configuration; empty, the SDK's default.
	Profile string
	// Timeout bounds the wait for an answer to begin; default 30 s. The whole of an answer has no bound here, for an object in S3 is
	// read as slowly as its records are replayed: whoever wants one gives the call a context that ends.
	Timeout time.Duration
	// Dial replaces the dialer, as in a test over net.Pipe.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Clients are the clients of one AWS. They share connections: Close closes those that are idle.
type Clients struct {
	Kinesis  *kinesis.Client
	DynamoDB *dynamodb.Client
	S3       *s3.Client
	STS      *sts.Client

	transport *http.Transport
}

// New reads the shared configuration and makes the clients. It connects to nothing.
func New(ctx context.Context, c Config) (*Clients, error) {
	options := []func(*config.LoadOptions) error{
		config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }),
	}
	if c.Region != "" {
		options = append(options, config.WithRegion(c.Region))
	}
	if c.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(c.Profile))
	}
	if c.Endpoint != "" {
		options = append(options, config.WithBaseEndpoint(c.Endpoint))
	}
	if IsLoopback(c.Endpoint) && c.Profile == "" {
		// The embedded AWS checks no signature, and a laptop may have no credentials to sign with.
		options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("weir", "weir", "")))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("aws configuration: %w", err)
	}
	if loaded.Region == "" {
		if !IsLoopback(aws.ToString(loaded.BaseEndpoint)) {
			return nil, errors.New("aws configuration: no region: give --region, set AWS_REGION, or name one in the profile")
		}
		loaded.Region = "us-east-1"
	}
	transport := newTransport(loaded.HTTPClient, &c)
	loaded.HTTPClient = &http.Client{
		Transport: wholeAnswers{transport},
		// As in the SDK's own client: a redirect is an answer.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Clients{
		Kinesis:  kinesis.NewFromConfig(loaded, withRecordsCodec, func(o *kinesis.Options) { c.pin(&o.BaseEndpoint) }),
		DynamoDB: dynamodb.NewFromConfig(loaded, func(o *dynamodb.Options) { c.pin(&o.BaseEndpoint) }),
		S3: s3.NewFromConfig(loaded, func(o *s3.Options) {
			c.pin(&o.BaseEndpoint)
			// Reading a recording can be repeated, and its calls are nobody's measurement.
			o.Retryer = retry.NewStandard()
			// Or the SDK says on standard error, of each object, that it has none.
			o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
			// A custom endpoint has no DNS name for each bucket.
			o.UsePathStyle = loaded.BaseEndpoint != nil
		}),
		STS: sts.NewFromConfig(loaded, func(o *sts.Options) {
			c.pin(&o.BaseEndpoint)
			o.Retryer = patience()
		}),
		transport: transport,
	}, nil
}

// pin has the last word on an endpoint that was given: the SDK would let AWS_ENDPOINT_URL_KINESIS, or the services section of a profile,
// override it, and a run that was found to stay on loopback would go elsewhere.
func (c *Config) pin(endpoint **string) {
	if c.Endpoint != "" {
		*endpoint = &c.Endpoint
	}
}

// Close closes the connections that no request is using.
func (c *Clients) Close() { c.transport.CloseIdleConnections() }

// IsLoopback says whether an endpoint is on this machine, so that a run against it can harm nobody.
func IsLoopback(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(u.Hostname())
	return err == nil && address.IsLoopback()
}
