package dynamodb_test

import (
	"net/http"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"weir/internal/localaws/dynamodb"
	"weir/internal/localaws/wire"
)

// handlerTransport hands each request to a handler, in the caller's goroutine.
type handlerTransport struct{ handler http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	h.handler.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// inProcess is an SDK client of a new DynamoDB that is reached without a network.
func inProcess(config dynamodb.Config) *sdk.Client {
	return sdk.New(sdk.Options{
		Region:       config.Region,
		BaseEndpoint: aws.String("http://dynamodb.local"),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:   &http.Client{Transport: handlerTransport{dynamodb.New(config).Wire(wire.Options{})}},
		Retryer:      aws.NopRetryer{},
	})
}
