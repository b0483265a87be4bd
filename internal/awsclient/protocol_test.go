package awsclient

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/schemas"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"weir/internal/buffers"
)

var (
	putRecords = smithy.NewOperationSchema(schemas.PutRecords, schemas.PutRecordsInput, schemas.PutRecordsOutput)
	getRecords = smithy.NewOperationSchema(schemas.GetRecords, schemas.GetRecordsInput, schemas.GetRecordsOutput)
	answers    = cmpopts.IgnoreUnexported(
		kinesis.GetRecordsOutput{}, kinesis.PutRecordsOutput{}, types.Record{}, types.PutRecordsResultEntry{}, types.ChildShard{}, types.HashKeyRange{}, middleware.Metadata{})
)

// theSDKs is the SDK's own protocol, ours one around another.
func theSDKs() smithyhttp.ClientProtocol { return awsjson.New11(schemas.Kinesis_20131202) }
func ours() smithyhttp.ClientProtocol    { return kinesisProtocol{theSDKs(), new(buffers.Pool)} }

// request is what a protocol makes of a call: header and body.
func request(t interface{ Fatal(...any) }, p smithyhttp.ClientProtocol, in *kinesis.PutRecordsInput) (http.Header, []byte) {
	r := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if err := p.SerializeRequest(context.Background(), putRecords, in, r); err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.GetStream())
	if err != nil {
		t.Fatal(err)
	}
	return r.Header, body
}

func TestACallIsWrittenAsTheSDKWritesIt(t *testing.T) {
	text := rapid.OneOf(rapid.StringMatching(`[a-z|0-9 <&]{0,9}`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		in := &kinesis.PutRecordsInput{StreamName: aws.String(text.Draw(t, "stream"))}
		if rapid.IntRange(0, 9).Draw(t, "arn") == 0 {
			in.StreamARN = aws.String("arn:aws:kinesis:us-east-1:000000000000:stream/s")
		}
		for range rapid.IntRange(0, 4).Draw(t, "records") {
			entry := types.PutRecordsRequestEntry{Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data"), PartitionKey: aws.String(text.Draw(t, "key"))}
			if rapid.Bool().Draw(t, "explicit") {
				entry.ExplicitHashKey = aws.String("7")
			}
			in.Records = append(in.Records, entry)
		}
		wantHeader, want := request(t, theSDKs(), in)
		gotHeader, got := request(t, ours(), in)
		if diff := cmp.Diff(wantHeader, gotHeader); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(decoded(t, want), decoded(t, got)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func decoded(t *rapid.T, body []byte) (call struct {
	StreamName, StreamARN string
	Records               []struct {
		Data                          []byte
		PartitionKey, ExplicitHashKey string
	}
},
) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&call); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return call
}

// answered is what a protocol makes of an answer with status 200.
func answered[Out any](p smithyhttp.ClientProtocol, schema *smithy.OperationSchema, body string, length int64) (*Out, error) {
	out := new(Out)
	response := &smithyhttp.Response{Response: &http.Response{StatusCode: 200, ContentLength: length, Body: io.NopCloser(strings.NewReader(body))}}
	err := p.DeserializeResponse(context.Background(), schema, kinesis.TypeRegistry, response, any(out).(smithy.Deserializable))
	return out, err
}

var getRecordsAnswers = []string{
	`{"Records":[{"SequenceNumber":"49","ApproximateArrivalTimestamp":1.385e9,"Data":"eHl6","PartitionKey":"k"},{"SequenceNumber":"50","ApproximateArrivalTimestamp":1385000000.123,"Data":"","PartitionKey":"\u00fc\"","EncryptionType":"NONE"}],"NextShardIterator":"AAA=","MillisBehindLatest":0}`,
	` { "MillisBehindLatest" : 86400000 , "Records" : [ ] , "NextShardIterator" : null } `,
	`{"Records":[],"ChildShards":[{"ShardId":"shardId-000000000001","ParentShards":["shardId-000000000000"]}],"MillisBehindLatest":0}`,
	`{"Records":[{"SequenceNumber":"49","Data":"not base64","PartitionKey":"k"}]}`,
	`{"Records":[{"SequenceNumber":"49"`,
	`{"Records":[{"SequenceNumber":7}]}`,
	`{"Records":{}}`, `[]`, `null`, ``, `{}`, `{"Records":null}`, `{} {}`, `{"MillisBehindLatest":1.5}`, `{"Tomorrow":[{"a":1}]}`,
}

// Whatever AWS answers, it means the same as to the SDK.
func FuzzGetRecordsAnswer(f *testing.F) {
	for _, body := range getRecordsAnswers {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var out kinesis.GetRecordsOutput
		lent := []byte(body)
		if !readGetRecords(lent, &out) {
			return
		}
		clear(lent) // it is used again
		want, err := answered[kinesis.GetRecordsOutput](theSDKs(), getRecords, body, -1)
		if err != nil {
			t.Skip("the SDK is stricter:", err)
		}
		if diff := cmp.Diff(want, &out, answers, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	})
}

func TestAnAnswerIsReadAsTheSDKReadsIt(t *testing.T) {
	for _, body := range getRecordsAnswers {
		for _, length := range []int64{int64(len(body)), -1} {
			want, wantErr := answered[kinesis.GetRecordsOutput](theSDKs(), getRecords, body, length)
			got, err := answered[kinesis.GetRecordsOutput](ours(), getRecords, body, length)
			if diff := cmp.Diff(want, got, answers, cmpopts.EquateEmpty()); diff != "" || (err == nil) != (wantErr == nil) {
				t.Errorf("%s: %v, want %v: %s", body, err, wantErr, diff)
			}
		}
	}
	for _, body := range []string{
		`{"FailedRecordCount":1,"Records":[{"SequenceNumber":"49","ShardId":"shardId-000000000000"},{"ErrorCode":"InternalFailure","ErrorMessage":"a \"b\""}],"EncryptionType":"KMS"}`,
		`{"Records":[],"FailedRecordCount":null}`, `{"FailedRecordCount":"1"}`, `{"Records":[{"Tomorrow":1}]}`, `{}`, ``, `{"Records"`,
	} {
		want, wantErr := answered[kinesis.PutRecordsOutput](theSDKs(), putRecords, body, int64(len(body)))
		got, err := answered[kinesis.PutRecordsOutput](ours(), putRecords, body, int64(len(body)))
		if diff := cmp.Diff(want, got, answers, cmpopts.EquateEmpty()); diff != "" || (err == nil) != (wantErr == nil) {
			t.Errorf("%s: %v, want %v: %s", body, err, wantErr, diff)
		}
	}
}

func TestNothingIsKeptOfTheBodyOfAnAnswer(t *testing.T) {
	body := []byte(`{"FailedRecordCount":1,"Records":[{"SequenceNumber":"49","ShardId":"shardId-0"},{"ErrorCode":"Slow","ErrorMessage":"down"}],"EncryptionType":"KMS"}`)
	want, err := answered[kinesis.PutRecordsOutput](theSDKs(), putRecords, string(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var got kinesis.PutRecordsOutput
	if !readPutRecords(body, &got) {
		t.Fatal("not read")
	}
	clear(body)
	if diff := cmp.Diff(want, &got, answers); diff != "" {
		t.Error(diff)
	}
}

func TestAnAnswerThatBreaksOffIsAnError(t *testing.T) {
	if _, err := answered[kinesis.PutRecordsOutput](ours(), putRecords, `{"Records":[]}`, 20); err == nil {
		t.Error("14 of 20 bytes passed for an answer")
	}
}

// BenchmarkRecordsCodec writes calls of 500 records of 200 B and reads the answers, and answers of 10,000 records, by each protocol.
func BenchmarkRecordsCodec(b *testing.B) {
	in := &kinesis.PutRecordsInput{StreamName: aws.String("s")}
	for range 500 {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: bytes.Repeat([]byte("x"), 200), PartitionKey: aws.String("key-1")})
	}
	record := `{"SequenceNumber":"49600000000000000000000000000000000000000000000000000001","ApproximateArrivalTimestamp":1385000000.123,"Data":"` +
		strings.Repeat("eHh4", 67) + `","PartitionKey":"key-1"}`
	result := `{"SequenceNumber":"49600000000000000000000000000000000000000000000000000001","ShardId":"shardId-000000000000"}`
	results := `{"FailedRecordCount":0,"Records":[` + strings.Repeat(result+",", 499) + result + `]}`
	page := `{"Records":[` + strings.Repeat(record+",", 9999) + record + `],"NextShardIterator":"AAA=","MillisBehindLatest":0}`
	for name, p := range map[string]smithyhttp.ClientProtocol{"ours": ours(), "sdk": theSDKs()} {
		b.Run("put/"+name, func(b *testing.B) {
			for b.Loop() {
				request(b, p, in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(500*b.N), "ns/record")
		})
		b.Run("put-answer/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := answered[kinesis.PutRecordsOutput](p, putRecords, results, int64(len(results))); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(500*b.N), "ns/record")
		})
		b.Run("get/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := answered[kinesis.GetRecordsOutput](p, getRecords, page, int64(len(page))); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(10_000*b.N), "ns/record")
		})
	}
}
