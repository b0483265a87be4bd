package kinesis

import (
	"bytes"

	"github.com/segmentio/asm/base64"

	"weir/internal/jsonscan"
	"weir/limits"
)

// DecodeJSON reads a call as clients write it; see [wire.JSON]. Keys share the body's memory, and data stand behind it; large records, which
// the log keeps as they are, have memory of their own.
func (in *putRecordsInput) DecodeJSON(body []byte) bool {
	scan := jsonscan.New(body)
	var read putRecordsInput
	d := putRecordsDecoder{scan: scan, block: body[len(body):]}
	if size := base64.StdEncoding.DecodedLen(len(body)); cap(d.block) < size {
		d.block = make([]byte, 0, size)
	}
	ok := scan.Object(func(name string) bool {
		switch {
		case name == "Records" && read.Records == nil:
			return d.records(&read.Records)
		case name == "StreamName" && read.StreamName == nil:
			return d.text(&read.StreamName)
		case name == "StreamARN" && read.StreamARN == nil:
			return d.text(&read.StreamARN)
		}
		return false
	})
	if !ok || !scan.End() {
		return false
	}
	*in = read
	return true
}

type putRecordsDecoder struct {
	scan  *jsonscan.Scan
	block []byte   // for data
	texts []string // that members point to, where it grew to what it was before
}

func (d *putRecordsDecoder) records(to *[]putRecordsEntry) bool {
	records := make([]putRecordsEntry, 0, limits.PutRecordsRecords)
	d.texts = make([]string, 0, limits.PutRecordsRecords+2)
	var entry *putRecordsEntry
	member := func(name string) bool {
		switch {
		case name == "Data" && entry.Data == nil:
			return d.data(&entry.Data)
		case name == "PartitionKey" && entry.PartitionKey == nil:
			return d.text(&entry.PartitionKey)
		case name == "ExplicitHashKey" && entry.ExplicitHashKey == nil:
			return d.text(&entry.ExplicitHashKey)
		}
		return false
	}
	ok := d.scan.Array(func() bool {
		records = append(records, putRecordsEntry{})
		entry = &records[len(records)-1]
		return d.scan.Object(member)
	})
	*to = records
	return ok
}

func (d *putRecordsDecoder) text(to **string) bool {
	text, ok := d.scan.Text()
	d.texts = append(d.texts, text)
	*to = &d.texts[len(d.texts)-1]
	return ok
}

// data takes base64. The decoder skips line breaks, which have no place in a JSON string: where it did, there is less than the text stands for.
func (d *putRecordsDecoder) data(to *blob) bool {
	raw, ok := d.scan.Raw()
	if !ok || len(raw)%4 != 0 {
		return false
	}
	size := base64.StdEncoding.DecodedLen(len(raw))
	var into []byte
	if size >= largeRecord {
		into = make([]byte, size)
	} else {
		into = d.block[len(d.block) : len(d.block)+size]
		d.block = d.block[:len(d.block)+size]
	}
	n, err := base64.StdEncoding.Decode(into, raw)
	*to = into[:n:n]
	return err == nil && n == size-len(raw)+len(bytes.TrimRight(raw, "="))
}

// SizeJSON is how long the answer is, at most where no record failed; see [wire.JSON].
func (out *putRecordsOutput) SizeJSON() int { return 64 + 160*len(out.Records) }

// AppendJSON writes the answer; see [wire.JSON].
func (out *putRecordsOutput) AppendJSON(to []byte) []byte {
	to = append(to, `{"FailedRecordCount":`...)
	to = appendInt(to, out.FailedRecordCount)
	to = append(to, `,"Records":[`...)
	var texts sequenceTexts
	for i := range out.Records {
		if i > 0 {
			to = append(to, ',')
		}
		to = out.Records[i].appendJSON(to, &texts)
	}
	to = append(to, `],"EncryptionType":`...)
	to = appendText(to, out.EncryptionType)
	return append(to, '}')
}

func (r *putRecordsResult) appendJSON(to []byte, texts *sequenceTexts) []byte {
	if r.ErrorCode == "" {
		to = texts.append(append(to, `{"SequenceNumber":"`...), r.SequenceNumber)
		to = append(append(to, `","ShardId":"`...), r.ShardId...)
		return append(to, `"}`...)
	}
	to = appendText(append(to, `{"ErrorCode":`...), r.ErrorCode)
	if r.ErrorMessage != "" {
		to = appendText(append(to, `,"ErrorMessage":`...), r.ErrorMessage)
	}
	return append(to, '}')
}
