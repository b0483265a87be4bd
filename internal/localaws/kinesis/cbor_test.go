package kinesis_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"weir/internal/localaws/kinesis"
	"weir/internal/localaws/wire"
)

// call makes a call in CBOR, as the SDK for Java does, and reads the answer.
func call(t *testing.T, handler http.Handler, operation string, request map[string]any) (int, map[string]any) {
	t.Helper()
	body, err := cbor.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	r.Header.Set("Content-Type", "application/x-amz-cbor-1.1")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	if got := answer.Header().Get("Content-Type"); got != "application/x-amz-cbor-1.1" {
		t.Errorf("%s is answered as %s", operation, got)
	}
	var out map[string]any
	if err := cbor.Unmarshal(answer.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %x: %v", operation, answer.Body, err)
	}
	return answer.Code, out
}

func TestARecordGoesAndComesInCBOR(t *testing.T) {
	handler := kinesis.New(config).Wire(wire.Options{})
	began := time.Now().Add(-time.Second)
	if status, out := call(t, handler, "CreateStream", map[string]any{"StreamName": "s", "ShardCount": 1}); status != http.StatusOK {
		t.Fatal(out)
	}
	data := []byte{0, 0xFF, '"'}
	status, out := call(t, handler, "PutRecords", map[string]any{
		"StreamName": "s", "Records": []any{
			map[string]any{"Data": data, "PartitionKey": "käse"}, map[string]any{"Data": []byte{}, "PartitionKey": "k", "ExplicitHashKey": "7"},
		},
	})
	if status != http.StatusOK || out["FailedRecordCount"] != uint64(0) {
		t.Fatal(out)
	}
	stored := out["Records"].([]any)[0].(map[any]any)
	if _, failed := stored["ErrorCode"]; failed || len(stored["SequenceNumber"].(string)) != 56 {
		t.Fatal(stored)
	}
	_, out = call(t, handler, "GetShardIterator", map[string]any{
		"StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": cbor.Tag{Number: 1, Content: began.UnixMilli()},
	})
	_, out = call(t, handler, "GetRecords", map[string]any{"ShardIterator": out["ShardIterator"]})
	records := out["Records"].([]any)
	if len(records) != 2 || out["MillisBehindLatest"] != uint64(0) {
		t.Fatal(out)
	}
	read := records[0].(map[any]any)
	if !bytes.Equal(read["Data"].([]byte), data) || read["PartitionKey"] != "käse" || read["SequenceNumber"] != stored["SequenceNumber"] {
		t.Errorf("%v", read)
	}
	// The library reads tag 1 as the seconds that the standard has; AWS's are milliseconds.
	arrived := read["ApproximateArrivalTimestamp"].(time.Time).Unix()
	if arrived < began.UnixMilli() || arrived > time.Now().UnixMilli() {
		t.Errorf("arrived at %d", arrived)
	}
}

func TestErrorsComeInCBOR(t *testing.T) {
	handler := kinesis.New(config).Wire(wire.Options{})
	status, out := call(t, handler, "DescribeStreamSummary", map[string]any{"StreamName": "absent"})
	if status != http.StatusBadRequest || out["__type"] != "ResourceNotFoundException" || out["message"] == "" {
		t.Errorf("%d %v", status, out)
	}
	status, out = call(t, handler, "CreateStream", map[string]any{"StreamName": 7})
	if status != http.StatusBadRequest || out["__type"] != "SerializationException" || out["message"] != "NUMBER_VALUE can not be converted to a String" {
		t.Errorf("%d %v", status, out)
	}
}
