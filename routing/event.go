package routing

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
)

// Origin is what an event says of where it comes from.
type Origin struct {
	Region, Account string
	// Stream is the output stream's name; in the pipeline direct there is none.
	Stream string
}

// MaxPayload is how large an invocation's payload can be (AWS Lambda developer guide, "Lambda quotas": 6 MB; what counts is the event's JSON, in
// which the data is base64).
const MaxPayload = 6 << 20

// The event of a batch, as Lambda's Kinesis event source has it (AWS Lambda developer guide, "Using Lambda to process records from Amazon Kinesis
// Data Streams", the example event).
const (
	eventOpen, eventClose = `{"Records":[`, `]}`
	eventOverhead         = len(eventOpen + eventClose)
)

// streamARN is the output stream's.
func (o *Origin) streamARN() string {
	return "arn:aws:kinesis:" + o.Region + ":" + o.Account + ":stream/" + o.Stream
}

// recordTail is what all records of an event end with.
func (o *Origin) recordTail() string {
	return `"eventName":"aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::` + o.Account + `:role/weir","awsRegion":"` + o.Region +
		`","eventSourceARN":"` + o.streamARN() + `"}`
}

// appendRecord appends an item as an event has it.
func appendRecord(to []byte, shard string, item *Item, tail string) []byte {
	to = append(to, `{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":`...)
	to = appendText(to, item.PartitionKey)
	to = append(to, `,"sequenceNumber":"`...)
	to = append(to, item.Sequence...)
	to = append(to, `","data":"`...)
	to = base64.StdEncoding.AppendEncode(to, item.Data)
	to = append(to, `","approximateArrivalTimestamp":`...)
	to = appendSeconds(to, item.Arrived)
	to = append(to, `},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"`...)
	to = append(to, shard...)
	to = append(to, ':')
	to = append(to, item.Sequence...)
	to = append(to, `",`...)
	return append(to, tail...)
}

// recordSize is how many bytes appendRecord appends, a comma with them.
func recordSize(shard string, item *Item, tail string) int {
	const fixed = len(`{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":` + `,"sequenceNumber":"` + `","data":"` + `","approximateArrivalTimestamp":` +
		`},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"` + `:` + `",` + `,`)
	var seconds [24]byte
	return fixed + textSize(item.PartitionKey) + 2*len(item.Sequence) + base64.StdEncoding.EncodedLen(len(item.Data)) +
		len(appendSeconds(seconds[:0], item.Arrived)) + len(shard) + len(tail)
}

// appendText appends a string of JSON. Nearly every partition key is plain.
func appendText(to []byte, s string) []byte {
	if !plain(s) {
		quoted, _ := json.Marshal(s) // a string has no error
		return append(to, quoted...)
	}
	to = append(to, '"')
	to = append(to, s...)
	return append(to, '"')
}

func textSize(s string) int {
	if !plain(s) {
		quoted, _ := json.Marshal(s)
		return len(quoted)
	}
	return len(s) + 2
}

func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || strings.IndexByte(`"\<>&`, c) >= 0 {
			return false
		}
	}
	return true
}

// appendSeconds appends milliseconds as seconds, as 1545084650.987.
func appendSeconds(to []byte, ms int64) []byte {
	to = strconv.AppendInt(to, ms/1000, 10)
	return append(to, '.', '0'+byte(ms/100%10), '0'+byte(ms/10%10), '0'+byte(ms%10))
}

// KinesisEvent is the event that Lambda invokes a function with for records of a stream.
func (o *Origin) KinesisEvent(batch *Batch) []byte {
	tail := o.recordTail()
	size := eventOverhead
	for i := range batch.Items {
		size += recordSize(batch.Shard, &batch.Items[i], tail)
	}
	event := append(make([]byte, 0, size), eventOpen...)
	for i := range batch.Items {
		if i > 0 {
			event = append(event, ',')
		}
		event = appendRecord(event, batch.Shard, &batch.Items[i], tail)
	}
	return append(event, eventClose...)
}

// outputEvent is the event that Kinesis Data Analytics for SQL invoked a function with for rows of its output (its developer guide, "Using a Lambda Function as
// Output"; aws-lambda-go, events.KinesisAnalyticsOutputDeliveryEvent).
type outputEvent struct {
	InvocationID   string         `json:"invocationId"`
	ApplicationARN string         `json:"applicationArn"`
	Records        []outputRecord `json:"records"`
}

type outputRecord struct {
	RecordID string `json:"recordId"`
	Metadata struct {
		RetryHint int `json:"retryHint"`
	} `json:"lambdaDeliveryRecordMetadata"`
	Data []byte `json:"data"`
}

// OutputEvent is the event of the old application: each row under an id of its own, which the answer has to acknowledge.
func (o *Origin) OutputEvent(batch *Batch, invocation string) ([]byte, error) {
	event := outputEvent{InvocationID: invocation, ApplicationARN: "arn:aws:kinesisanalytics:" + o.Region + ":" + o.Account + ":application/weir"}
	for i := range batch.Items {
		data, err := json.Marshal(&batch.Items[i].Row)
		if err != nil {
			return nil, err
		}
		r := outputRecord{RecordID: recordID(invocation, i), Data: data}
		r.Metadata.RetryHint = batch.Attempt
		event.Records = append(event.Records, r)
	}
	return json.Marshal(event)
}

// recordID names a row of an output event.
func recordID(invocation string, i int) string { return invocation + "-" + strconv.Itoa(i) }

// outputAnswer acknowledges the rows of an output event.
type outputAnswer struct {
	Records []struct {
		RecordID string `json:"recordId"`
		Result   string `json:"result"`
	} `json:"records"`
}

// acknowledged says whether an answer acknowledges each of n rows. A row that is missing, unknown or not Ok fails all, for the old application sent all
// of them again.
func acknowledged(answer []byte, invocation string, n int) *Failure {
	var a outputAnswer
	if err := json.Unmarshal(answer, &a); err != nil {
		return failedf(Garbage, "the answer acknowledges no record: %w: %.200q", err, answer)
	}
	open := make(map[string]bool, n)
	for i := range n {
		open[recordID(invocation, i)] = true
	}
	for _, r := range a.Records {
		switch {
		case !open[r.RecordID]:
			return failedf(Garbage, "the answer acknowledges record %.100q, which was not sent or was acknowledged before", r.RecordID)
		case r.Result != "Ok":
			return failedf(Errored, "record %s: %.100s", r.RecordID, r.Result)
		}
		delete(open, r.RecordID)
	}
	if len(open) > 0 {
		return failedf(Garbage, "the answer leaves %d of %d records without an acknowledgement", len(open), n)
	}
	return nil
}
