package routing

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

// The example event of "Using Lambda to process records from Amazon Kinesis Data Streams", with an identity of weir's own.
const documented = `{"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1",` +
	`"sequenceNumber":"49590338271490256608559692538361571095921575989136588898","data":"SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",` +
	`"approximateArrivalTimestamp":1545084650.987},"eventSource":"aws:kinesis","eventVersion":"1.0",` +
	`"eventID":"shardId-000000000006:49590338271490256608559692538361571095921575989136588898","eventName":"aws:kinesis:record",` +
	`"invokeIdentityArn":"arn:aws:iam::123456789012:role/weir","awsRegion":"us-east-2",` +
	`"eventSourceARN":"arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream"}]}`

var lambdaStream = Origin{Region: "us-east-2", Account: "123456789012", Stream: "lambda-stream"}

func TestTheEventIsTheDocumentedOne(t *testing.T) {
	batch := &Batch{Shard: "shardId-000000000006", Items: []Item{{Stored: record.Stored{
		Sequence: "49590338271490256608559692538361571095921575989136588898", PartitionKey: "1", Data: []byte("Hello, this is a test."), Arrived: 1545084650987,
	}}}}
	if diff := cmp.Diff(documented, string(lambdaStream.KinesisEvent(batch))); diff != "" {
		t.Error(diff)
	}
}

// Whatever the keys and the data: an event is JSON, holds what went in, and is as large as it was said to be.
func FuzzKinesisEvent(f *testing.F) {
	f.Add("key", []byte(`{"kind":"order"}`), int64(1545084650987))
	f.Add("é\"\\\x01<&>\u2028", []byte{}, int64(5))
	f.Add("\xff", []byte{0xff, 0}, int64(0))
	f.Fuzz(func(t *testing.T, key string, data []byte, arrived int64) {
		if arrived < 0 || arrived > 1<<45 || !utf8.ValidString(key) {
			t.Skip("Kinesis has no such record")
		}
		item := Item{Stored: record.Stored{Sequence: "495", PartitionKey: key, Data: data, Arrived: arrived}}
		event := lambdaStream.KinesisEvent(&Batch{Shard: "s", Items: []Item{item, item}})
		if size := eventOverhead + 2*recordSize("s", &item, lambdaStream.recordTail()) - 1; size != len(event) {
			t.Errorf("the event has %d bytes, and was said to have %d", len(event), size)
		}
		var back struct {
			Records []struct {
				Kinesis struct {
					PartitionKey, SequenceNumber, Data string
					ApproximateArrivalTimestamp        float64
				}
			}
		}
		if err := json.Unmarshal(event, &back); err != nil || len(back.Records) != 2 {
			t.Fatalf("%v: %s", err, event)
		}
		k := back.Records[1].Kinesis
		got, err := base64.StdEncoding.DecodeString(k.Data)
		if err != nil || string(got) != string(data) || k.PartitionKey != key || int64(k.ApproximateArrivalTimestamp*1000+0.5) != arrived {
			t.Errorf("%q came back of %q, %q, %d", event, key, data, arrived)
		}
	})
}

func TestTheOldApplicationsEventHasARowARecord(t *testing.T) {
	rows := rowsOf("arrival", "a|b", "c")
	event, err := lambdaStream.OutputEvent(&Batch{Items: []Item{{Row: rows[0].Row}, {Row: rows[1].Row}}, Attempt: 3}, "id")
	if err != nil {
		t.Fatal(err)
	}
	var got outputEvent
	if err := json.Unmarshal(event, &got); err != nil {
		t.Fatal(err)
	}
	var row record.Row
	if err := json.Unmarshal(got.Records[1].Data, &row); err != nil || row != rows[1].Row {
		t.Errorf("%v: %+v", err, row)
	}
	if got.InvocationID != "id" || got.Records[0].RecordID != "id-0" || got.Records[0].Metadata.RetryHint != 3 ||
		got.ApplicationARN != "arn:aws:kinesisanalytics:us-east-2:123456789012:application/weir" {
		t.Errorf("%s", event)
	}
}

func TestEachRowOfTheOldApplicationHasToBeAcknowledged(t *testing.T) {
	for answer, want := range map[string]FailureKind{
		`{"records":[{"recordId":"i-0","result":"Ok"},{"recordId":"i-1","result":"Ok"}]}`:             -1,
		`{"records":[{"recordId":"i-1","result":"Ok"},{"recordId":"i-0","result":"DeliveryFailed"}]}`: Errored,
		`{"records":[{"recordId":"i-0","result":"Ok"}]}`:                                              Garbage,
		`{"records":[{"recordId":"i-0","result":"Ok"},{"recordId":"i-0","result":"Ok"}]}`:             Garbage,
		`{"records":[{"recordId":"i-0","result":"Ok"},{"recordId":"other","result":"Ok"}]}`:           Garbage,
		`null`: Garbage, ``: Garbage, `"Ok"`: Garbage, `{}`: Garbage,
	} {
		failure := acknowledged([]byte(answer), "i", 2)
		if (failure == nil) != (want < 0) || failure != nil && failure.Kind != want {
			t.Errorf("%s: %v", answer, failure)
		}
	}
}

func BenchmarkKinesisEvent(b *testing.B) {
	batch := benchmarkBatch(b)
	b.ReportAllocs()
	for b.Loop() {
		lambdaStream.KinesisEvent(batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch.Items)), "ns/record")
}

// BenchmarkKinesisEventByEncodingJSON is the peer: the same event by encoding/json.
func BenchmarkKinesisEventByEncodingJSON(b *testing.B) {
	type kinesis struct {
		KinesisSchemaVersion        string  `json:"kinesisSchemaVersion"`
		PartitionKey                string  `json:"partitionKey"`
		SequenceNumber              string  `json:"sequenceNumber"`
		Data                        []byte  `json:"data"`
		ApproximateArrivalTimestamp float64 `json:"approximateArrivalTimestamp"`
	}
	type item struct {
		Kinesis           kinesis `json:"kinesis"`
		EventSource       string  `json:"eventSource"`
		EventVersion      string  `json:"eventVersion"`
		EventID           string  `json:"eventID"`
		EventName         string  `json:"eventName"`
		InvokeIdentityArn string  `json:"invokeIdentityArn"`
		AwsRegion         string  `json:"awsRegion"`
		EventSourceARN    string  `json:"eventSourceARN"`
	}
	batch := benchmarkBatch(b)
	b.ReportAllocs()
	for b.Loop() {
		var event struct{ Records []item }
		for i := range batch.Items {
			s := &batch.Items[i].Stored
			event.Records = append(event.Records, item{
				kinesis{"1.0", s.PartitionKey, s.Sequence, s.Data, float64(s.Arrived) / 1000},
				"aws:kinesis", "1.0", batch.Shard + ":" + s.Sequence, "aws:kinesis:record",
				"arn:aws:iam::123456789012:role/weir", "us-east-2", lambdaStream.streamARN(),
			})
		}
		if _, err := json.Marshal(event); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch.Items)), "ns/record")
}

func benchmarkBatch(b *testing.B) *Batch {
	batch := &Batch{Shard: "shardId-000000000006"}
	for _, row := range rowsOf("order", numbered(100)...) {
		data, err := json.Marshal(row.Row)
		if err != nil {
			b.Fatal(err)
		}
		item := Item{Stored: record.Stored{
			Sequence: "49590338271490256608559692538361571095921575989136588898", PartitionKey: "order|" + row.Key, Data: data, Arrived: 1545084650987,
		}}
		item.read()
		batch.Items = append(batch.Items, item)
	}
	return batch
}
