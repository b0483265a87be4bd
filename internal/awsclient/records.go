package awsclient

import (
	"errors"
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithytime "github.com/aws/smithy-go/time"
	"github.com/mailru/easyjson/jlexer"
	"github.com/segmentio/asm/base64"
)

// recordsReader reads the body of an answer that holds records into out, which it leaves as it is where it says false, and keeps nothing
// of the body. It is nil for other answers.
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

// keeper copies what is kept of a body, many pieces in one allocation.
type keeper struct {
	body    int // its length
	block   []byte
	strings []string
}

// maxBlock bounds the memory that one record, kept, keeps with it.
const maxBlock = 64 << 10

// room is empty memory for a piece, to be given back with [keeper.keep].
func (k *keeper) room(size int) []byte {
	if cap(k.block)-len(k.block) < size {
		k.block = make([]byte, 0, max(size, min(k.body, maxBlock)))
	}
	return k.block[len(k.block):]
}

// keep takes the piece that was written into the room.
func (k *keeper) keep(piece []byte) []byte {
	k.block = k.block[:len(k.block)+len(piece)]
	return piece[:len(piece):len(piece)]
}

// text copies a string, and gives it a place that can be pointed to.
func (k *keeper) text(text []byte) *string {
	if len(k.strings) == 0 {
		k.strings = make([]string, 512)
	}
	p := &k.strings[0]
	k.strings = k.strings[1:]
	kept := k.keep(append(k.room(len(text)), text...))
	*p = unsafe.String(unsafe.SliceData(kept), len(kept))
	return p
}

func readGetRecords(body []byte, out *kinesis.GetRecordsOutput) bool {
	read := kinesis.GetRecordsOutput{ResultMetadata: out.ResultMetadata}
	r := recordReader{lexer: jlexer.Lexer{Data: body}, keeper: keeper{body: len(body)}}
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

// recordReader reads records.
type recordReader struct {
	lexer jlexer.Lexer
	keeper
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
			record.SequenceNumber = r.text(l.UnsafeBytes())
		case "PartitionKey":
			record.PartitionKey = r.text(l.UnsafeBytes())
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
	data := r.room(size)[:size]
	n, err := base64.StdEncoding.Decode(data, text)
	if err != nil {
		r.lexer.AddError(err)
	}
	return r.keep(data[:n])
}

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
	kept := keeper{body: len(body)}
	var result types.PutRecordsResultEntry
	member := func(name string) {
		switch name {
		case "SequenceNumber":
			result.SequenceNumber = kept.text(l.UnsafeBytes())
		case "ShardId":
			result.ShardId = kept.text(l.UnsafeBytes())
		case "ErrorCode":
			result.ErrorCode = kept.text(l.UnsafeBytes())
		case "ErrorMessage":
			result.ErrorMessage = kept.text(l.UnsafeBytes())
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
