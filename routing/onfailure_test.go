package routing

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

// The example of "Retain discarded batch records for a Kinesis Data Streams event source", for S3, where its fields have these values.
const documentedRecord = `{
  "requestContext": {
    "requestId": "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
    "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:myfunction",
    "condition": "RetryAttemptsExhausted",
    "approximateInvokeCount": 1
  },
  "responseContext": {
    "statusCode": 200,
    "executedVersion": "$LATEST",
    "functionError": "Unhandled"
  },
  "version": "1.0",
  "timestamp": "2019-11-14T00:38:06.021Z",
  "KinesisBatchInfo": {
    "shardId": "shardId-000000000001",
    "startSequenceNumber": "49601189658422359378836298521827638475320189012309704722",
    "endSequenceNumber": "49601189658422359378836298522902373528957594348623495186",
    "approximateArrivalOfFirstRecord": "2019-11-14T00:38:04.835Z",
    "approximateArrivalOfLastRecord": "2019-11-14T00:38:05.580Z",
    "batchSize": 2,
    "streamArn": "arn:aws:kinesis:us-east-2:123456789012:stream/mystream"
  },`

func givenUp(t *testing.T) *Discarded {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	return &Discarded{
		Batch: Batch{Shard: "shardId-000000000001", Items: []Item{
			{Stored: record.Stored{Sequence: "49601189658422359378836298521827638475320189012309704722", Arrived: at("2019-11-14T00:38:04.835Z").UnixMilli()}},
			{Stored: record.Stored{Sequence: "49601189658422359378836298522902373528957594348623495186", Arrived: at("2019-11-14T00:38:05.580Z").UnixMilli()}},
		}},
		Origin:    Origin{Region: "us-east-2", Account: "123456789012", Stream: "mystream"},
		Condition: RetryAttemptsExhausted, Invoked: 1, Failure: failedf(Errored, "no"), At: at("2019-11-14T00:38:06.021Z"),
	}
}

func TestARecordOfAFailedBatchIsTheDocumentedOne(t *testing.T) {
	d := givenUp(t)
	got, err := d.Record("c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5", "myfunction")
	if err != nil {
		t.Fatal(err)
	}
	payload, _ := json.Marshal(string(d.Origin.KinesisEvent(&d.Batch)))
	if diff := cmp.Diff(documentedRecord+"\n  \"payload\": "+string(payload)+"\n}", string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestAFolderKeepsEachRecordUnderItsOwnNameAsS3Does(t *testing.T) {
	folder := Folder{Path: filepath.Join(t.TempDir(), "discarded"), Route: "orders"}
	for range 2 {
		if err := folder.Keep(givenUp(t)); err != nil {
			t.Fatal(err)
		}
	}
	name := regexp.MustCompile(`^aws/lambda/orders/shardId-000000000001/2019/11/14/2019-11-14T00\.38\.06-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	files := 0
	err := fs.WalkDir(os.DirFS(folder.Path), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files++
			if !name.MatchString(path) {
				t.Errorf("%s", path)
			}
		}
		return err
	})
	if err != nil || files != 2 {
		t.Errorf("%d files, %v", files, err)
	}
}
