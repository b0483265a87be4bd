package localaws_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"weir/internal/awsclient"
	"weir/internal/localaws"
)

// startTLS serves with a certificate of its own, and gives what to trust.
func startTLS(t *testing.T) (address string, authority []byte) {
	certificate, authority, err := localaws.NewCertificate("weir.test", "127.0.0.2")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, localaws.Config{SettleDelay: -1, TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}}, listener)
	return listener.Addr().String(), authority
}

func TestTheSDKTrustsTheCertificateByAWSCABundle(t *testing.T) {
	address, authority := startTLS(t)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	stranger := clients(t, awsclient.Config{Endpoint: "https://" + address})
	if _, err := stranger.Kinesis.ListStreams(t.Context(), &kinesis.ListStreamsInput{}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without trust: %v", err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	c := clients(t, awsclient.Config{Endpoint: "https://" + address})
	if _, err := c.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1)}); err != nil {
		t.Error(err)
	}
	if _, err := c.DynamoDB.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
		t.Error(err)
	}
	if _, err := c.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
		t.Error(err)
	}
	// Over TLS, the SDK sends a body in chunks, with its checksum behind them.
	body := strings.Repeat("0123456789", 10_000)
	if _, err := c.S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), Body: strings.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	out, err := c.S3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	if got, err := io.ReadAll(out.Body); err != nil || string(got) != body {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
}

func TestTheCertificateIsForThisMachineAndTheHostsThatWereNamed(t *testing.T) {
	address, authority := startTLS(t)
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	for host, want := range map[string]bool{"127.0.0.1": true, "localhost": true, "::1": true, "weir.test": true, "127.0.0.2": true, "127.0.0.3": false, "example.com": false} {
		conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: trusted, ServerName: host})
		if (err == nil) != want {
			t.Errorf("%s: %v", host, err)
		}
		if err == nil {
			conn.Close()
		}
	}
}

func TestBothVersionsOfHTTPAreSpokenWithAndWithoutTLS(t *testing.T) {
	secure, authority := startTLS(t)
	_, plain, _ := start(t, localaws.Config{})
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	for _, version := range []int{1, 2} {
		for _, address := range []string{"https://" + secure, plain} {
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, Protocols: new(http.Protocols)}
			transport.Protocols.SetHTTP1(version == 1)
			transport.Protocols.SetHTTP2(version == 2)
			transport.Protocols.SetUnencryptedHTTP2(version == 2)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
			answer, err := transport.RoundTrip(request)
			if err != nil {
				t.Fatalf("%s, HTTP/%d: %v", address, version, err)
			}
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			transport.CloseIdleConnections()
			if err != nil || answer.ProtoMajor != version || answer.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("StreamNames")) {
				t.Errorf("%s, HTTP/%d: %s %s %s, %v", address, version, answer.Proto, answer.Status, body, err)
			}
		}
	}
}

// buffer is written by a server and read by a test.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func TestEachRequestIsALineOfTheLog(t *testing.T) {
	var log buffer
	c, _, stop := start(t, localaws.Config{SettleDelay: -1, Log: &log, Fault: func(call localaws.Call) localaws.Action {
		if call.Operation == "DeleteStream" && call.Number == 1 {
			return localaws.DropBefore
		}
		return localaws.Serve
	}})
	if _, err := c.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	_, _ = c.Kinesis.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamARN: aws.String("arn:aws:kinesis:us-east-1:000000000000:stream/absent")})
	_, _ = c.DynamoDB.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("rows"), Key: map[string]types.AttributeValue{"k": &types.AttributeValueMemberS{Value: "a"}}})
	_, _ = c.Kinesis.DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: aws.String("s")})
	if _, err := c.S3.ListBuckets(t.Context(), &s3.ListBucketsInput{}); err != nil {
		t.Fatal(err)
	}
	stop()
	lines := strings.Split(strings.TrimSpace(log.text.String()), "\n")
	for i, want := range []string{
		`"kinesis CreateStream s": 200, \d+ bytes in, 2 out, [\d.]+ ms, x-amz-json-1.1`,
		`"kinesis DescribeStreamSummary absent": 400 ResourceNotFoundException, `,
		`"dynamodb GetItem rows": 400 ResourceNotFoundException, `,
		`"kinesis DeleteStream s": dropped, `,
		`"GET /\?x-id=ListBuckets": 200, 0 bytes in, \d+ out, `,
	} {
		if i >= len(lines) || !regexp.MustCompile(`^\d\d:\d\d:\d\d\.\d{3} HTTP/1.1 (`+want+`)`).MatchString(lines[i]) {
			t.Errorf("line %d of\n%s\nis not as %s", i+1, log.text.String(), want)
		}
	}
}
