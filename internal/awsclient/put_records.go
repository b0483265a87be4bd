package awsclient

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/segmentio/asm/base64"
)

// putRecordsSize is the most that the JSON of a call takes, or false for one that needs more than appendPutRecords knows.
func putRecordsSize(in *kinesis.PutRecordsInput) (size int, ok bool) {
	if in.StreamName == nil || in.Records == nil || in.StreamARN != nil || in.StreamId != nil || in.DryRun != nil || !plain(*in.StreamName) {
		return 0, false
	}
	size = 64 + len(*in.StreamName)
	for i := range in.Records {
		r := &in.Records[i]
		if r.Data == nil || r.PartitionKey == nil || !plain(*r.PartitionKey) || (r.ExplicitHashKey != nil && !plain(*r.ExplicitHashKey)) {
			return 0, false
		}
		size += 96 + len(*r.PartitionKey) + base64.StdEncoding.EncodedLen(len(r.Data))
		if r.ExplicitHashKey != nil {
			size += len(*r.ExplicitHashKey)
		}
	}
	return size, true
}

// appendPutRecords appends the JSON of a call, for which there is room.
func appendPutRecords(body []byte, in *kinesis.PutRecordsInput) []byte {
	body = append(body, `{"Records":[`...)
	for i := range in.Records {
		r := &in.Records[i]
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, `{"Data":"`...)
		data := len(body)
		body = body[:data+base64.StdEncoding.EncodedLen(len(r.Data))]
		base64.StdEncoding.Encode(body[data:], r.Data)
		body = append(append(body, `","PartitionKey":"`...), *r.PartitionKey...)
		if r.ExplicitHashKey != nil {
			body = append(append(body, `","ExplicitHashKey":"`...), *r.ExplicitHashKey...)
		}
		body = append(body, `"}`...)
	}
	body = append(append(body, `],"StreamName":"`...), *in.StreamName...)
	return append(body, `"}`...)
}

// plain says that JSON writes a text as it is.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func readPutRecords(body []byte, out *kinesis.PutRecordsOutput) bool {
	read := kinesis.PutRecordsOutput{ResultMetadata: out.ResultMetadata}
	a := newAnswer(body)
	a.blocks = min(len(body), putRecordsBlock)
	ok := a.members(func(name string) bool {
		switch name {
		case "Records":
			read.Records = make([]types.PutRecordsResultEntry, 0, len(body)/96+1)
			return a.results(&read.Records)
		case "FailedRecordCount":
			n, ok := a.integer(32)
			failed := int32(n)
			read.FailedRecordCount = &failed
			return ok
		case "EncryptionType":
			text, ok := a.Text()
			read.EncryptionType = types.EncryptionType(strings.Clone(text))
			return ok
		}
		return false
	})
	if !ok || !a.End() {
		return false
	}
	*out = read
	return true
}

// putRecordsBlock is the memory that is taken for sequence numbers at a time, which are half of an answer.
const putRecordsBlock = 16 << 10

// storedForm is how AWS, and weir local, write the result of a record that is stored.
var storedForm = []string{`{"SequenceNumber":"`, `","ShardId":"`, `"}`}

func (a *answer) results(to *[]types.PutRecordsResultEntry) bool {
	var result types.PutRecordsResultEntry
	var shard *string // of the record before: a call's records come shard after shard
	member := func(name string) bool {
		switch name {
		case "SequenceNumber":
			return a.text(&result.SequenceNumber)
		case "ShardId":
			ok := a.repeated(&shard)
			result.ShardId = shard
			return ok
		case "ErrorCode":
			return a.text(&result.ErrorCode)
		case "ErrorMessage":
			return a.text(&result.ErrorMessage)
		}
		return false
	}
	var stored [2][]byte
	return a.Array(func() bool {
		result = types.PutRecordsResultEntry{}
		if a.Texts(storedForm, stored[:]) {
			a.keepRepeated(&shard, stored[1])
			result.SequenceNumber, result.ShardId = a.keepText(stored[0]), shard
		} else if !a.members(member) {
			return false
		}
		*to = append(*to, result)
		return true
	})
}
