package awsclient

import (
	"encoding/base64"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithytime "github.com/aws/smithy-go/time"
	"github.com/mailru/easyjson/jlexer"
)

// recordsReader reads the body of an answer that holds records into out, which it leaves as it is where it says false. It is nil for
// other answers.
func recordsReader(out smithy.Deserializable) func(body []byte) bool {
	switch out := out.(type) {
	case *kinesis.GetRecordsOutput:
		return func(body []byte) bool { return readGetRecords(body, out) }
	case *kinesis.PutRecordsOutput:
		return func(body []byte) bool { return readPutRecords(body, out) }
	}
	return nil
}

// errUnexpected is for the SDK to deal with.
var errUnexpected = errors.New("not the expected form")

// object gives the name of each member of an object to member, which takes its value. A null is passed over, as a member that is absent.
func object(l *jlexer.Lexer, member func(name string)) {
	l.Delim('{')
	for !l.IsDelim('}') {
		name := l.UnsafeFieldName(false)
		l.WantColon()
		if l.IsNull() {
			l.Skip()
		} else {
			member(name)
		}
		l.WantComma()
	}
	l.Delim('}')
}

func array(l *jlexer.Lexer, element func()) {
	l.Delim('[')
	for !l.IsDelim(']') {
		element()
		l.WantComma()
	}
	l.Delim(']')
}

// texts gives strings a place that can be pointed to, many in one allocation.
type texts struct{ free []string }

func (t *texts) pointer(text string) *string {
	if len(t.free) == 0 {
		t.free = make([]string, 512)
	}
	p := &t.free[0]
	t.free = t.free[1:]
	*p = text
	return p
}

func readGetRecords(body []byte, out *kinesis.GetRecordsOutput) bool {
	read := kinesis.GetRecordsOutput{ResultMetadata: out.ResultMetadata}
	r := recordReader{lexer: jlexer.Lexer{Data: body}}
	l := &r.lexer
	object(l, func(name string) {
		switch name {
		case "Records":
			read.Records = make([]types.Record, 0, len(body)/256+1)
			array(l, func() { read.Records = append(read.Records, r.record()) })
		case "NextShardIterator":
			next := l.String()
			read.NextShardIterator = &next
		case "MillisBehindLatest":
			behind := l.Int64()
			read.MillisBehindLatest = &behind
		default:
			l.AddError(errUnexpected)
		}
	})
	l.Consumed()
	if l.Error() != nil {
		return false
	}
	*out = read
	return true
}

// recordReader reads records whose strings share the body, and whose data one block.
type recordReader struct {
	lexer jlexer.Lexer
	texts texts
	block []byte
	// seconds is the last time that was read, as it stood there: records come in bursts of one time.
	seconds float64
	arrival *time.Time
}

func (r *recordReader) record() (record types.Record) {
	l := &r.lexer
	object(l, func(name string) {
		switch name {
		case "Data":
			record.Data = r.data(l.UnsafeBytes())
		case "SequenceNumber":
			record.SequenceNumber = r.texts.pointer(l.UnsafeString())
		case "PartitionKey":
			record.PartitionKey = r.texts.pointer(l.UnsafeString())
		case "ApproximateArrivalTimestamp":
			record.ApproximateArrivalTimestamp = r.time(l.Float64())
		case "EncryptionType":
			record.EncryptionType = types.EncryptionType(l.String())
		default:
			l.AddError(errUnexpected)
		}
	})
	return record
}

func (r *recordReader) data(text []byte) []byte {
	size := base64.StdEncoding.DecodedLen(len(text))
	if cap(r.block)-len(r.block) < size {
		r.block = make([]byte, 0, max(size, min(len(r.lexer.Data)-r.lexer.GetPos()+len(text), maxBlock)))
	}
	start := len(r.block)
	r.block = r.block[:start+size]
	n, err := base64.StdEncoding.Decode(r.block[start:], text)
	if err != nil {
		r.lexer.AddError(err)
	}
	r.block = r.block[:start+n]
	return r.block[start : start+n : start+n]
}

// maxBlock bounds the memory that one record, kept, keeps with it.
const maxBlock = 64 << 10

// time is a time in seconds since the Unix epoch.
func (r *recordReader) time(seconds float64) *time.Time {
	if r.arrival == nil || seconds != r.seconds {
		arrival := smithytime.ParseEpochSeconds(seconds)
		r.seconds, r.arrival = seconds, &arrival
	}
	return r.arrival
}

func readPutRecords(body []byte, out *kinesis.PutRecordsOutput) bool {
	read := kinesis.PutRecordsOutput{ResultMetadata: out.ResultMetadata}
	l := &jlexer.Lexer{Data: body}
	var texts texts
	var result types.PutRecordsResultEntry
	member := func(name string) {
		switch name {
		case "SequenceNumber":
			result.SequenceNumber = texts.pointer(l.UnsafeString())
		case "ShardId":
			result.ShardId = texts.pointer(l.UnsafeString())
		case "ErrorCode":
			result.ErrorCode = texts.pointer(l.UnsafeString())
		case "ErrorMessage":
			result.ErrorMessage = texts.pointer(l.UnsafeString())
		default:
			l.AddError(errUnexpected)
		}
	}
	object(l, func(name string) {
		switch name {
		case "Records":
			read.Records = make([]types.PutRecordsResultEntry, 0, len(body)/96+1)
			array(l, func() {
				result = types.PutRecordsResultEntry{}
				object(l, member)
				read.Records = append(read.Records, result)
			})
		case "FailedRecordCount":
			failed := l.Int32()
			read.FailedRecordCount = &failed
		case "EncryptionType":
			read.EncryptionType = types.EncryptionType(l.String())
		default:
			l.AddError(errUnexpected)
		}
	})
	l.Consumed()
	if l.Error() != nil {
		return false
	}
	*out = read
	return true
}
