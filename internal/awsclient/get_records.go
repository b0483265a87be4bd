package awsclient

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	smithytime "github.com/aws/smithy-go/time"
	"github.com/segmentio/asm/base64"
)

// page is the answer of GetRecords.
type page struct {
	answer
	// seconds is the last time that was read, as it stood there: records come in bursts of one time.
	seconds []byte
	arrival *time.Time
}

func readGetRecords(body []byte, out *kinesis.GetRecordsOutput) bool {
	read := kinesis.GetRecordsOutput{ResultMetadata: out.ResultMetadata}
	p := page{answer: newAnswer(body)}
	ok := p.members(func(name string) bool {
		switch name {
		case "Records":
			read.Records = make([]types.Record, 0, len(body)/256+1)
			return p.records(&read.Records)
		case "NextShardIterator":
			return p.text(&read.NextShardIterator)
		case "MillisBehindLatest":
			behind, ok := p.integer(64)
			read.MillisBehindLatest = &behind
			return ok
		}
		return false
	})
	if !ok || !p.End() {
		return false
	}
	*out = read
	return true
}

func (p *page) records(to *[]types.Record) bool {
	var record types.Record
	member := func(name string) bool {
		switch name {
		case "Data":
			return p.data(&record.Data)
		case "SequenceNumber":
			return p.text(&record.SequenceNumber)
		case "PartitionKey":
			return p.text(&record.PartitionKey)
		case "ApproximateArrivalTimestamp":
			return p.time(&record.ApproximateArrivalTimestamp)
		case "EncryptionType":
			text, ok := p.Text()
			record.EncryptionType = types.EncryptionType(strings.Clone(text))
			return ok
		}
		return false
	}
	return p.Array(func() bool {
		record = types.Record{}
		if !p.members(member) {
			return false
		}
		*to = append(*to, record)
		return true
	})
}

// data takes base64. The decoder skips line breaks, which have no place in a JSON string, and refuses escapes.
func (p *page) data(to *[]byte) bool {
	text, ok := p.Raw()
	if !ok || bytes.IndexByte(text, '\n') >= 0 || bytes.IndexByte(text, '\r') >= 0 {
		return false
	}
	size := base64.StdEncoding.DecodedLen(len(text))
	data := p.room(size)[:size]
	n, err := base64.StdEncoding.Decode(data, text)
	if err != nil {
		return false
	}
	*to = p.keep(data[:n])
	return true
}

// time takes a time in seconds since the Unix epoch.
func (p *page) time(to **time.Time) bool {
	token, ok := p.Number()
	if !ok {
		return false
	}
	if p.arrival == nil || !bytes.Equal(token, p.seconds) {
		seconds, err := strconv.ParseFloat(string(token), 64)
		if err != nil || !json.Valid(token) {
			return false
		}
		arrival := smithytime.ParseEpochSeconds(seconds)
		p.seconds, p.arrival = token, &arrival
	}
	*to = p.arrival
	return true
}
