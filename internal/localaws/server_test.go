package localaws_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/internal/localaws/pipenet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve serves an embedded AWS on a listener until the test ends, or stop is called.
func serve(t *testing.T, config localaws.Config, listener net.Listener) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- localaws.New(config).Serve(ctx, listener) }()
	stopped := false
	stop = func() {
		if cancel(); !stopped {
			stopped = true
			if err := <-served; err != nil {
				t.Errorf("the server ended with %v", err)
			}
		}
	}
	t.Cleanup(stop)
	return stop
}

func clients(t *testing.T, config awsclient.Config) *awsclient.Clients {
	t.Helper()
	config.Region = "us-east-1"
	c, err := awsclient.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func start(t *testing.T, config localaws.Config) (c *awsclient.Clients, address string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop = serve(t, config, listener)
	address = "http://" + listener.Addr().String()
	return clients(t, awsclient.Config{Endpoint: address}), address, stop
}

func TestOnePortServesKinesisDynamoDBAndS3(t *testing.T) {
	c, _, _ := start(t, localaws.Config{SettleDelay: -1})
	if _, err := c.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1)}); err != nil {
		t.Error(err)
	}
	summary, err := c.Kinesis.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("s")})
	if err != nil || *summary.StreamDescriptionSummary.StreamARN != "arn:aws:kinesis:us-east-1:000000000000:stream/s" {
		t.Error(err, summary)
	}
	if tables, err := c.DynamoDB.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil || len(tables.TableNames) != 0 {
		t.Error(err, tables)
	}
	if buckets, err := c.S3.ListBuckets(t.Context(), &s3.ListBucketsInput{}); err != nil || len(buckets.Buckets) != 0 {
		t.Error(err, buckets)
	}
}

func TestObjectsComeBackInKeyOrder(t *testing.T) {
	c, _, _ := start(t, localaws.Config{})
	if _, err := c.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"2013/01/02/x", "2013/01/01/y"} {
		if _, err := c.S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: &key, Body: strings.NewReader(key)}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := c.S3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("bucket"), Prefix: aws.String("2013/")})
	if err != nil || len(list.Contents) != 2 || *list.Contents[0].Key != "2013/01/01/y" {
		t.Fatal(err, list)
	}
	object, err := c.S3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: list.Contents[1].Key})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Body.Close()
	if text, err := io.ReadAll(object.Body); err != nil || string(text) != "2013/01/02/x" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestMissingBucketAndKeyAreNamedSo(t *testing.T) {
	c, _, _ := start(t, localaws.Config{})
	_, err := c.S3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("absent")})
	if bucket, ok := errors.AsType[*s3types.NoSuchBucket](err); !ok {
		t.Errorf("%v, %v", err, bucket)
	}
	// A put does not make a bucket.
	_, err = c.S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("absent"), Key: aws.String("k"), Body: strings.NewReader("x")})
	if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "NoSuchBucket" {
		t.Errorf("%v", err)
	}
	if _, err := c.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
		t.Fatal(err)
	}
	_, err = c.S3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("absent")})
	if key, ok := errors.AsType[*s3types.NoSuchKey](err); !ok {
		t.Errorf("%v, %v", err, key)
	}
}

func TestServicesThatAreNotThereAreRefusedByName(t *testing.T) {
	_, address, _ := start(t, localaws.Config{})
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for _, c := range []struct{ path, header, value, body, want string }{
		{"/", "X-Amz-Target", "AWSLambda.Invoke", "{}", "not AWSLambda.Invoke"},
		{"/", "Content-Type", "application/x-www-form-urlencoded; charset=utf-8", "Action=ListRoles&Version=2010-05-08", "not ListRoles"},
		{"/service/GraniteServiceVersion20100801/operation/PutMetricData", "Smithy-Protocol", "rpc-v2-cbor", "\xa0", "/operation/PutMetricData"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(c.header, c.value)
		answer, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), c.want) {
			t.Errorf("%s: %d %s, %v", c.want, answer.StatusCode, body, err)
		}
	}
}

func TestHTTP2IsServedWithoutEncryption(t *testing.T) {
	_, address, _ := start(t, localaws.Config{})
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
	answer, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.ProtoMajor != 2 || answer.StatusCode != http.StatusOK {
		t.Errorf("%s %d", answer.Proto, answer.StatusCode)
	}
}

// A fault looks to the client like a connection that ends; the record that was put is there or not, as the fault says.
func TestDroppedAnswersLookLikeADeadConnection(t *testing.T) {
	for name, c := range map[string]struct {
		action localaws.Action
		stored int
	}{
		"before": {localaws.DropBefore, 0},
		"after":  {localaws.DropAfter, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c1, _, _ := start(t, localaws.Config{SettleDelay: -1, Fault: func(call localaws.Call) localaws.Action {
				if call.Service == "kinesis" && call.Operation == "PutRecord" {
					return c.action
				}
				return localaws.Serve
			}})
			if _, err := c1.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1)}); err != nil {
				t.Fatal(err)
			}
			_, err := c1.Kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: []byte("d")})
			if _, answered := errors.AsType[smithy.APIError](err); err == nil || answered || !errors.Is(err, io.EOF) {
				t.Errorf("the client sees %v", err)
			}
			it, err := c1.Kinesis.GetShardIterator(t.Context(), &kinesis.GetShardIteratorInput{
				StreamName: aws.String("s"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: "TRIM_HORIZON",
			})
			if err != nil {
				t.Fatal(err)
			}
			out, err := c1.Kinesis.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: it.ShardIterator})
			if err != nil || len(out.Records) != c.stored {
				t.Errorf("%v: %v", err, out)
			}
		})
	}
}

func TestServerEndsWithItsContextAndClosesItsConnections(t *testing.T) {
	c, _, stop := start(t, localaws.Config{})
	list := func() error {
		_, err := c.Kinesis.ListStreams(t.Context(), &kinesis.ListStreamsInput{})
		return err
	}
	if err := list(); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := list(); err == nil {
		t.Error("a server that has ended answers")
	}
}

func TestServerReturnsWhenItsLastCallHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := pipenet.Listen()
		const long = 10 * time.Second // longer than the server waits before it closes connections
		returned := false
		server := localaws.New(localaws.Config{Fault: func(localaws.Call) localaws.Action {
			time.Sleep(long)
			returned = true
			return localaws.Serve
		}})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		served, answered := make(chan error), make(chan error)
		go func() { served <- server.Serve(ctx, network) }()
		c := clients(t, awsclient.Config{Endpoint: "http://127.0.0.1", Dial: network.Dial})
		defer c.Close()
		go func() {
			_, err := c.Kinesis.ListStreams(t.Context(), &kinesis.ListStreamsInput{})
			answered <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-answered; err == nil {
			t.Error("the call was answered")
		}
		if err := <-served; err != nil || !returned {
			t.Errorf("the server ended before its call: %v", err)
		}
	})
}

// A client that promises a body and sends the half of it is told so after a minute, and holds nothing from then on.
func TestRequestThatIsNeverSentToItsEndIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := pipenet.Listen()
		defer serve(t, localaws.Config{}, network)()
		conn, err := network.Dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: Kinesis_20131202.ListStreams\r\nContent-Length: 16777216\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		if answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "breaks off after 1 bytes") || time.Since(begun) != time.Minute {
			t.Errorf("after %s: %d %s", time.Since(begun), answer.StatusCode, body)
		}
	})
}

// Of 20 records the answer is over 2 KiB. Only a client that may close a request's body too soon has to wait for it.
func TestLargeAnswersWaitForStockClientsOnly(t *testing.T) {
	for name, c := range map[string]struct {
		whole bool
		want  time.Duration
	}{"stock clients": {false, time.Millisecond}, "weir's own": {true, 0}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := pipenet.Listen()
				defer serve(t, localaws.Config{SettleDelay: -1, WholeBodies: c.whole}, network)()
				client := clients(t, awsclient.Config{Endpoint: "http://127.0.0.1", Dial: network.Dial})
				defer client.Close()
				if _, err := client.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1)}); err != nil {
					t.Fatal(err)
				}
				in := &kinesis.PutRecordsInput{StreamName: aws.String("s")}
				for range 20 {
					in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: aws.String("k"), Data: []byte("d")})
				}
				begun := time.Now()
				if _, err := client.Kinesis.PutRecords(t.Context(), in); err != nil || time.Since(begun) != c.want {
					t.Errorf("answered after %s: %v", time.Since(begun), err)
				}
				begun = time.Now()
				long := strings.Repeat("k", 3000)
				if _, err := client.Kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: aws.String("s"), PartitionKey: &long, Data: []byte("d")}); err == nil || time.Since(begun) != c.want {
					t.Errorf("refused after %s: %v", time.Since(begun), err)
				}
			})
		})
	}
}

func TestDynamoDBSpeaksNoCBORAndSaysSo(t *testing.T) {
	_, address, _ := start(t, localaws.Config{})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("\xa0"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
	request.Header.Set("Content-Type", "application/x-amz-cbor-1.1")
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "speaks JSON") {
		t.Errorf("%d %s, %v", answer.StatusCode, body, err)
	}
}

type brokenListener struct{ *pipenet.Listener }

func (brokenListener) Accept() (net.Conn, error) { return nil, errors.New("no more file descriptors") }

func TestListenerThatBreaksEndsTheServerWithAnError(t *testing.T) {
	err := localaws.New(localaws.Config{}).Serve(t.Context(), brokenListener{pipenet.Listen()})
	if err == nil || !strings.Contains(err.Error(), "embedded AWS on pipe: no more file descriptors") {
		t.Errorf("%v", err)
	}
}

func TestFourShardsTakeFourThousandRecordsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := pipenet.Listen()
		defer serve(t, localaws.Config{Limits: true, SettleDelay: -1}, network)()
		c := clients(t, awsclient.Config{Endpoint: "http://127.0.0.1", Dial: network.Dial})
		defer c.Close()
		if _, err := c.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(4)}); err != nil {
			t.Fatal(err)
		}
		in := &kinesis.PutRecordsInput{StreamName: aws.String("s")}
		for i := range 500 {
			hash := new(big.Int).Lsh(big.NewInt(int64(i%4)), 126)
			in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: aws.String("k"), ExplicitHashKey: aws.String(hash.String()), Data: []byte("d")})
		}
		// Ten calls a second: 5,000 records are offered. What was saved up goes in the first four seconds, 250 a second and shard.
		const saved, seconds = 5, 4
		taken, next := 0, time.Now()
		for call := range (saved + seconds) * 10 {
			out, err := c.Kinesis.PutRecords(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if call >= saved*10 {
				taken += len(in.Records) - int(*out.FailedRecordCount)
			}
			next = next.Add(100 * time.Millisecond)
			time.Sleep(time.Until(next))
		}
		if taken != seconds*4000 {
			t.Errorf("%d records in %d s", taken, seconds)
		}
	})
}
