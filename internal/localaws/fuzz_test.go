package localaws

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// Whatever comes, in whatever notation, is answered as AWS answers: with a status, and, where it is a mistake, with an error of a type.
func FuzzAnyRequestIsAnswered(f *testing.F) {
	const jsonType, cborType = "application/x-amz-json-1.1", "application/x-amz-cbor-1.1"
	encoded, err := cbor.Marshal(map[string]any{"StreamName": "s", "Records": []any{map[string]any{"PartitionKey": "k", "Data": []byte("d")}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []struct {
		target, kind string
		body         []byte
	}{
		{"Kinesis_20131202.PutRecords", cborType, encoded},
		{"Kinesis_20131202.PutRecords", cborType, encoded[:len(encoded)-3]},
		{"Kinesis_20131202.GetRecords", cborType, []byte{0x9f, 0x9f, 0x9f}},
		{"Kinesis_20131202.SubscribeToShard", jsonType, []byte(`{"ConsumerARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1"}`)},
		{"Kinesis_20131202.UpdateShardCount", jsonType, []byte(`{"StreamName":"s","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}`)},
		{"DynamoDB_20120810.PutItem", "application/x-amz-json-1.0", []byte(`{"TableName":"tab","Item":{"p":{"S":"a"}}}`)},
		{"DynamoDB_20120810.UpdateTable", "text/plain", []byte(`{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Create":{}}]}`)},
		{"DynamoDB_20120810.Query", cborType, []byte(`{}`)},
		{"Kinesis_20131202.", jsonType, nil},
		{"Firehose_20150804.PutRecord", jsonType, []byte("{}")},
		{"x", "", []byte{0}},
	} {
		f.Add(seed.target, seed.kind, seed.body)
	}
	f.Fuzz(func(t *testing.T, target, kind string, body []byte) {
		if bytes.Contains(body, []byte("000")) && strings.Contains(target, "Create") {
			t.Skip("thousands of shards are slow to make and teach nothing")
		}
		handler := New(Config{SettleDelay: -1, WholeBodies: true}).handler
		for _, made := range []string{"Kinesis_20131202.CreateStream {\"StreamName\":\"s\",\"ShardCount\":1}", `DynamoDB_20120810.CreateTable {"TableName":"tab","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}]}`} {
			target, body, _ := strings.Cut(made, " ")
			if answer := send(handler, target, "", []byte(body)); answer.Code != http.StatusOK {
				t.Fatal(answer.Body)
			}
		}
		answer := send(handler, target, kind, body)
		if answer.Code == http.StatusOK || target == "" { // without a target it is for S3
			return
		}
		var shape map[string]any
		read := json.Unmarshal
		if strings.Contains(answer.Header().Get("Content-Type"), "cbor") {
			read = cbor.Unmarshal
		}
		if err := read(answer.Body.Bytes(), &shape); err != nil || shape["__type"] == "" || shape["__type"] == nil || answer.Code >= http.StatusInternalServerError {
			t.Errorf("%d %q, %v", answer.Code, answer.Body, err)
		}
	})
}

func send(handler http.Handler, target, kind string, body []byte) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", kind)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}
