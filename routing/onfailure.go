package routing

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Why items are given up, as Lambda's records say it. Its page shows the first ("Retain discarded batch records for a Kinesis Data Streams event
// source"); for the second it has no example, and this is the name that its documentation of the metrics and users' records have.
const (
	RetryAttemptsExhausted = "RetryAttemptsExhausted"
	RecordAgeExceeded      = "RecordAgeExceeded"
)

// Discarded is what was given up, and why.
type Discarded struct {
	Batch     Batch
	Origin    Origin
	Condition string
	// Invoked is how often these items were invoked with.
	Invoked int
	// Failure is the last one, nil where there was none.
	Failure *Failure
	At      time.Time
}

// invocationRecord is the record of a failed batch, as Lambda puts it into S3 (the same page, "Example Amazon S3 invocation record").
type invocationRecord struct {
	RequestContext struct {
		RequestID              string `json:"requestId"`
		FunctionARN            string `json:"functionArn"`
		Condition              string `json:"condition"`
		ApproximateInvokeCount int    `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	ResponseContext *responseContext `json:"responseContext,omitempty"`
	Version         string           `json:"version"`
	Timestamp       string           `json:"timestamp"`
	KinesisBatch    kinesisBatch     `json:"KinesisBatchInfo"`
	Payload         string           `json:"payload"`
}

type responseContext struct {
	StatusCode      int    `json:"statusCode"`
	ExecutedVersion string `json:"executedVersion"`
	FunctionError   string `json:"functionError"`
}

type kinesisBatch struct {
	ShardID      string `json:"shardId"`
	Start        string `json:"startSequenceNumber"`
	End          string `json:"endSequenceNumber"`
	FirstArrival string `json:"approximateArrivalOfFirstRecord"`
	LastArrival  string `json:"approximateArrivalOfLastRecord"`
	Size         int    `json:"batchSize"`
	StreamARN    string `json:"streamArn"`
}

// Record is the invocation record's JSON.
func (d *Discarded) Record(requestID, function string) ([]byte, error) {
	items := d.Batch.Items
	first, last := &items[0], &items[len(items)-1]
	r := invocationRecord{Version: "1.0", Timestamp: millis(d.At), Payload: string(d.Origin.KinesisEvent(&d.Batch))}
	r.RequestContext.RequestID, r.RequestContext.Condition, r.RequestContext.ApproximateInvokeCount = requestID, d.Condition, d.Invoked
	r.RequestContext.FunctionARN = "arn:aws:lambda:" + d.Origin.Region + ":" + d.Origin.Account + ":function:" + function
	if d.Failure != nil && d.Failure.Kind != TooLarge {
		r.ResponseContext = &responseContext{StatusCode: 200, ExecutedVersion: "$LATEST", FunctionError: "Unhandled"}
	}
	r.KinesisBatch = kinesisBatch{
		ShardID: d.Batch.Shard, Start: first.Sequence, End: last.Sequence, Size: len(items), StreamARN: d.Origin.streamARN(),
		FirstArrival: millis(time.UnixMilli(first.Arrived)), LastArrival: millis(time.UnixMilli(last.Arrived)),
	}
	return json.MarshalIndent(r, "", "  ")
}

func millis(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Folder keeps records of failed batches in a folder, under the names that Lambda gives them in S3.
type Folder struct {
	// Path is the folder; it is made when there is something to keep.
	Path string
	// Route stands for the mapping's id and the function's name.
	Route string
}

// Keep writes the record into a file of its own.
func (f Folder) Keep(d *Discarded) error {
	id := newID()
	text, err := d.Record(id, f.Route)
	if err != nil {
		return err
	}
	at := d.At.UTC()
	path := filepath.Join(f.Path, "aws", "lambda", f.Route, d.Batch.Shard, at.Format("2006"), at.Format("01"), at.Format("02"))
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(path, at.Format("2006-01-02T15.04.05")+"-"+id), append(text, '\n'), 0o644)
}

// newID is a random UUID (RFC 9562, version 4).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
