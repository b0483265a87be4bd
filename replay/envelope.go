package replay

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"weir/record"
	"weir/stream/kpl"
)

// envelope is what a record was stored in, as far as it says something of the record.
type envelope struct {
	partitionKey, hashKey string // empty where it does not say
	arrived               int64  // of a capture, ms
	depth                 int
}

// maxEnvelopes is how many may be in each other: a Lambda event of KPL aggregates of what CloudWatch Logs has compressed is three.
const maxEnvelopes = 4

var (
	errEnvelopes = errors.New("there are too many envelopes in each other")
	errAggregate = errors.New("KPL aggregate: its checksum is not that of its records")
	errControl   = errors.New("it has no log event")
)

// open makes records of data that came in an envelope, or of what may be one itself: something compressed, a KPL aggregate, a batch of log events.
func (p *parser) open(data []byte, e envelope, torn bool, out func(*record.Record)) (Reason, error) {
	if e.depth > maxEnvelopes {
		return BadEnvelope, errEnvelopes
	}
	e.depth++
	switch {
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		text, err := unpack(data)
		if err != nil {
			return BadEnvelope, fmt.Errorf("gzip: %w", err)
		}
		return p.open(text, e, false, out)
	case kpl.IsAggregate(data):
		return p.aggregate(data, e, torn, out)
	}
	r := record.Record{Data: data, Due: time.Duration(e.arrived)}
	if p.fields.PartitionKey == nil && e.partitionKey != "" {
		r.PartitionKey, r.ExplicitHashKey = e.partitionKey, e.hashKey
		p.brought = e.partitionKey
		defer func() { p.brought = "" }()
	}
	reason, err := p.decode(&r)
	switch {
	case reason == NotJSON && e.depth > 1 && p.several(data, e, out):
		return "", nil
	case torn && reason == NotJSON:
		return "", nil
	case reason == NoEventTime, reason == BadEventTime, len(data) > maxRecord:
		if raw, ok := errorObject(data); ok {
			return p.fromFirehose(raw, e, out)
		}
		if found, reason, err := p.batch(data, e, out); found {
			return reason, err
		}
	}
	if reason != "" {
		return reason, err
	}
	p.give(&r, out)
	return "", nil
}

// unpack decompresses a record, as long as it is none that Kinesis would not take decompressed ten times over.
func unpack(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	const most = 10 * maxRecord
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && len(text) > most {
		err = fmt.Errorf("it holds over %d MiB", most>>20)
	}
	return text, err
}

// aggregate makes records of those in a KPL aggregate. A record that cannot be scheduled is skipped, and the others are not.
func (p *parser) aggregate(data []byte, e envelope, torn bool, out func(*record.Record)) (Reason, error) {
	var opener kpl.Opener // one may be in another's record
	records, ok := opener.Open(data)
	if !ok {
		if torn {
			return "", nil
		}
		return BadEnvelope, errAggregate
	}
	for i := range records {
		one := e
		one.partitionKey, one.hashKey = records[i].PartitionKey, records[i].ExplicitHashKey
		p.each(records[i].Data, one, out)
	}
	return "", nil
}

// each opens one of several records, and skips it by itself if it is of no use.
func (p *parser) each(data []byte, e envelope, out func(*record.Record)) {
	if reason, err := p.open(data, e, false, out); reason != "" {
		p.skip(reason, err, data)
	}
}

// several makes records of objects one behind another that came in one envelope, as what Firehose takes of many records at once may be. It is false, and has done
// nothing, where there are no two.
func (p *parser) several(data []byte, e envelope, out func(*record.Record)) bool {
	data = bytes.Trim(data, " \t\r\n")
	if len(data) == 0 || data[0] != '{' {
		return false
	}
	if end, state := scanObject(data); state != finished || end == len(data) {
		return false
	}
	spans, _ := concatenated{}.cut(data, true, nil)
	for _, s := range spans {
		p.each(data[s.start:s.end:s.end], e, out)
	}
	return true
}

// batch makes records of an object that is none itself, but holds several: what CloudWatch Logs sends to a subscriber, an event of Lambda's, be it of a table's stream, or of Firehose's
// transformation, or an answer of GetRecords. It is asked only about objects without an event time.
func (p *parser) batch(data []byte, e envelope, out func(*record.Record)) (found bool, reason Reason, err error) {
	switch {
	case bytes.Contains(data, []byte(`"logEvents"`)) && bytes.Contains(data, []byte(`"messageType"`)):
		return p.logEvents(data, e, out)
	case bytes.Contains(data, []byte(`ecords"`)):
		var b struct {
			Records []stored `json:"records"`
			Behind  *int64   `json:"millisBehindLatest"`
		}
		switch err := json.Unmarshal(data, &b); {
		case err != nil:
			return false, "", nil
		case len(b.Records) == 0 && b.Behind != nil: // nothing had arrived
			return true, "", nil
		case len(b.Records) == 0 || !b.Records[0].isOne() && !b.Records[0].isChange():
			return false, "", nil
		}
		p.forget(data)
		if b.Records[0].isChange() {
			reason, err := p.changes(data, e, out)
			return true, reason, err
		}
		for i := range b.Records {
			p.stored(&b.Records[i], e, out)
		}
		return true, "", nil
	case bytes.Contains(data, []byte(`ata"`)) && bytes.Contains(data, []byte(`artitionKey"`)):
		var one stored
		if json.Unmarshal(data, &one) != nil || !one.isOne() {
			return false, "", nil
		}
		p.forget(data)
		p.stored(&one, e, out)
		return true, "", nil
	}
	return false, "", nil
}

// forget drops the example of a record, if it is what has turned out to hold records.
func (p *parser) forget(data []byte) {
	if bytes.Equal(p.example, data) {
		p.example = nil
	}
}

// logEvents makes a record of each log event: of its message, where that is an object with an event time, else of the event itself, which has a
// timestamp (Amazon CloudWatch Logs user guide, "Log group-level subscription filters").
func (p *parser) logEvents(data []byte, e envelope, out func(*record.Record)) (found bool, reason Reason, err error) {
	var b struct {
		MessageType string            `json:"messageType"`
		LogEvents   []json.RawMessage `json:"logEvents"`
	}
	if json.Unmarshal(data, &b) != nil || b.MessageType == "" {
		return false, "", nil
	}
	if b.MessageType == "CONTROL_MESSAGE" {
		return true, ControlMessage, errControl
	}
	p.forget(data)
	for _, event := range b.LogEvents {
		p.each(p.message(event), e, out)
	}
	return true, "", nil
}

// message is what a log event has to say.
func (p *parser) message(event []byte) []byte {
	var e struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(event, &e) == nil {
		text := []byte(strings.TrimSpace(e.Message))
		if err := p.decoder.Decode(text, &p.decoded); !errors.Is(err, record.ErrNotJSON) && !errors.Is(err, record.ErrNoEventTime) {
			return text
		}
	}
	return bytes.Clone(event)
}

// stored is a record as the events of Lambda, of Firehose and the answers of Kinesis have it. Names are told whatever their case.
type stored struct {
	Kinesis *struct {
		PartitionKey string  `json:"partitionKey"`
		Data         *string `json:"data"`
	} `json:"kinesis"`
	Data         *string `json:"data"`
	PartitionKey string  `json:"partitionKey"`
	RecordID     string  `json:"recordId"`
	Metadata     struct {
		PartitionKey string `json:"partitionKey"`
	} `json:"kinesisRecordMetadata"`
	Source string `json:"eventSource"`
}

// isOne says that there is data, and something that tells a record from anything else that has data.
func (s *stored) isOne() bool {
	return s.Kinesis != nil && s.Kinesis.Data != nil || s.Data != nil && (s.PartitionKey != "" || s.RecordID != "")
}

// isChange says that a record is itself what is sent: a change of a table, as DynamoDB's stream brings it to Lambda.
func (s *stored) isChange() bool { return s.Source == "aws:dynamodb" }

// changes makes a record of each change in an event of Lambda's (AWS Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB").
func (p *parser) changes(data []byte, e envelope, out func(*record.Record)) (Reason, error) {
	var b struct {
		Records []json.RawMessage `json:"records"`
	}
	if err := json.Unmarshal(data, &b); err != nil {
		return BadEnvelope, err
	}
	for _, change := range b.Records {
		p.each(change, e, out)
	}
	return "", nil
}

// stored makes records of what one holds, as the bytes that it has: an aggregate may end in any. When it arrived is not asked, for not all say so, and a recording goes by
// one clock.
func (p *parser) stored(s *stored, e envelope, out func(*record.Record)) {
	data, key := s.Data, cmp.Or(s.PartitionKey, s.Metadata.PartitionKey)
	if s.Kinesis != nil {
		data, key = s.Kinesis.Data, s.Kinesis.PartitionKey
	}
	if data == nil {
		p.skip(BadEnvelope, errors.New("a record of the batch has no data"), nil)
		return
	}
	raw, err := base64.StdEncoding.DecodeString(*data)
	if err != nil {
		p.skip(BadEnvelope, fmt.Errorf("the data of a record of the batch: %w", err), []byte(*data))
		return
	}
	e.partitionKey, e.hashKey = key, ""
	p.each(raw, e, out)
}
