package kinesis_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"weir/internal/localaws/kinesis"
	"weir/internal/localaws/pipenet"
	"weir/internal/localaws/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const account = "000000000000"

var config = kinesis.Config{Region: "us-east-1", Account: account}

// serve serves a new Kinesis on a listener until the test ends.
func serve(t testing.TB, config kinesis.Config, fault wire.Fault, listener net.Listener) {
	t.Helper()
	server := &http.Server{Handler: kinesis.New(config).Wire(wire.Options{Fault: fault}), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
}

// connect is an SDK client without retries.
func connect(address string, transport http.RoundTripper) *sdk.Client {
	return sdk.New(sdk.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://" + address),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:   &http.Client{Transport: transport},
		Retryer:      aws.NopRetryer{},
	})
}

// patient hides the WriteTo of the SDK's request bodies, which lets a stock client break off large answers where this machine
// is so busy that a millisecond (see wire.Service) is not enough.
type patient struct{ next http.RoundTripper }

func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Body = struct{ io.ReadCloser }{r.Body}
	return p.next.RoundTrip(r)
}

// start serves a new Kinesis on loopback, and gives a client of it.
func start(t testing.TB, config kinesis.Config, fault wire.Fault) *sdk.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, config, fault, listener)
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	return connect(listener.Addr().String(), patient{transport})
}

// startInBubble serves a new Kinesis inside a synctest bubble, and gives a stock client of it.
func startInBubble(t testing.TB, config kinesis.Config) *sdk.Client {
	t.Helper()
	network := pipenet.Listen()
	serve(t, config, nil, network)
	transport := &http.Transport{MaxIdleConnsPerHost: 16, DialContext: network.Dial}
	t.Cleanup(transport.CloseIdleConnections)
	return connect("kinesis.local", transport)
}

// create makes a stream and gives the client.
func create(t testing.TB, client *sdk.Client, name string, shards int32) *sdk.Client {
	t.Helper()
	if _, err := client.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: &name, ShardCount: &shards}); err != nil {
		t.Fatal(err)
	}
	return client
}

// put stores one record and gives its sequence number.
func put(t testing.TB, client *sdk.Client, stream, key, data string) string {
	t.Helper()
	out, err := client.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: &stream, PartitionKey: &key, Data: []byte(data)})
	if err != nil {
		t.Fatal(err)
	}
	return *out.SequenceNumber
}

// iterate gives an iterator of shard 0.
func iterate(t testing.TB, client *sdk.Client, in sdk.GetShardIteratorInput) *string {
	t.Helper()
	out, err := getIterator(t, client, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func getIterator(t testing.TB, client *sdk.Client, in sdk.GetShardIteratorInput) (*string, error) {
	t.Helper()
	in.StreamName, in.ShardId = aws.String("s"), aws.String("shardId-000000000000")
	out, err := client.GetShardIterator(t.Context(), &in)
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}

func horizon() sdk.GetShardIteratorInput {
	return sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
}

// get reads on from an iterator.
func get(t testing.TB, client *sdk.Client, iterator *string, limit int32) *sdk.GetRecordsOutput {
	t.Helper()
	in := &sdk.GetRecordsInput{ShardIterator: iterator}
	if limit > 0 {
		in.Limit = &limit
	}
	out, err := client.GetRecords(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wantError holds an error to its code and, if one is given, its message.
func wantError(t testing.TB, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	switch {
	case !errors.As(err, &api):
		t.Errorf("error %v, want %s", err, code)
	case api.ErrorCode() != code:
		t.Errorf("error %s (%s), want %s", api.ErrorCode(), api.ErrorMessage(), code)
	case message != "" && api.ErrorMessage() != message:
		t.Errorf("message %q, want %q", api.ErrorMessage(), message)
	}
}
