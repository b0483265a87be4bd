package dynamodb_test

import (
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"

	"weir/internal/localaws/dynamodb"
	"weir/internal/localaws/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve serves a new DynamoDB on loopback and gives its address.
func serve(t testing.TB, config dynamodb.Config, fault wire.Fault) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: dynamodb.New(config).Wire(wire.Options{Fault: fault}), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return "http://" + listener.Addr().String()
}

// connect is an SDK client of an address, without retries.
func connect(t testing.TB, address string) *sdk.Client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	return sdk.New(sdk.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(address),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:   &http.Client{Transport: plainBody{transport}},
		Retryer:      aws.NopRetryer{},
	})
}

// plainBody hides the WriteTo of the SDK's request bodies: the SDK closes a body as soon as the answer begins, WriteTo then
// fails, and net/http closes the connection in the middle of the answer.
type plainBody struct{ http.RoundTripper }

func (p plainBody) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Body = struct{ io.ReadCloser }{r.Body}
	return p.RoundTripper.RoundTrip(r)
}

var config = dynamodb.Config{Region: "us-east-1", Account: "000000000000"}

// newTable makes a table with a hash key p (S) and a sort key r (N) in a new DynamoDB.
func newTable(t testing.TB, fault wire.Fault) *sdk.Client {
	t.Helper()
	client := connect(t, serve(t, config, fault))
	if _, err := client.CreateTable(context.Background(), tableInput("tab")); err != nil {
		t.Fatal(err)
	}
	return client
}

func tableInput(name string) *sdk.CreateTableInput {
	return &sdk.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("p"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("r"), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("p"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("r"), KeyType: types.KeyTypeRange},
		},
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

func key(p, r string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"p": text(p), "r": number(r)}
}
