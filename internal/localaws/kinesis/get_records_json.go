package kinesis

import (
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/segmentio/asm/base64"

	"weir/internal/localaws/wire"
)

// SizeJSON is how long the answer is, at most where no key has to be escaped; see [wire.JSON].
func (out *getRecordsOutput) SizeJSON() int {
	return len(out.NextShardIterator) + recordsSize(len(out.Records), out.bytes) + childrenSize*(1+len(out.ChildShards))
}

// AppendJSON writes the answer; see [wire.JSON].
func (out *getRecordsOutput) AppendJSON(to []byte) []byte {
	to = appendRecords(append(to, '{'), out.Records)
	to = append(to, `,"MillisBehindLatest":`...)
	to = appendInt(to, int(out.MillisBehindLatest))
	if out.NextShardIterator != "" {
		to = append(to, `,"NextShardIterator":`...)
		to = appendText(to, out.NextShardIterator)
	}
	return append(appendChildren(to, out.ChildShards), '}')
}

// SizeJSON is as that of GetRecords's answer.
func (e *shardEvent) SizeJSON() int {
	return recordsSize(len(e.Records), e.bytes) + childrenSize*(1+len(e.ChildShards))
}

// AppendJSON writes the event; see [wire.JSON].
func (e *shardEvent) AppendJSON(to []byte) []byte {
	to = appendRecords(append(to, '{'), e.Records)
	if e.ContinuationSequenceNumber != (sequence{}) {
		to = append(to, `,"ContinuationSequenceNumber":"`...)
		to = append(e.ContinuationSequenceNumber.append(to), '"')
	}
	to = append(to, `,"MillisBehindLatest":`...)
	to = appendInt(to, int(e.MillisBehindLatest))
	return append(appendChildren(to, e.ChildShards), '}')
}

// childrenSize is room for a child shard, and for the other members of an answer.
const childrenSize = 512

func appendChildren(to []byte, children []childShard) []byte {
	if len(children) == 0 {
		return to
	}
	// They have nothing that cannot be marshalled.
	text, _ := json.Marshal(children)
	return append(append(to, `,"ChildShards":`...), text...)
}

// recordsSize is for so many records, whose data and keys are so many bytes.
func recordsSize(records int, bytes int64) int {
	const members, number, padding = 128, 64, 4 // the names of a record's members, its sequence number, and the end of its data
	return records*(members+number+padding) + int(bytes/3+1)*4
}

// appendRecords writes the member of an answer that holds records.
func appendRecords(to []byte, records []readRecord) []byte {
	to = append(to, `"Records":[`...)
	var at wire.Time
	var texts sequenceTexts
	var seconds []byte // at in digits: records come in bursts of one time
	for i := range records {
		r := &records[i]
		if r.ApproximateArrivalTimestamp != at || i == 0 {
			at = r.ApproximateArrivalTimestamp
			seconds = at.AppendJSON(seconds[:0])
		}
		if i > 0 {
			to = append(to, ',')
		}
		to = texts.append(append(to, `{"SequenceNumber":"`...), r.SequenceNumber)
		to = append(to, `","ApproximateArrivalTimestamp":`...)
		to = append(to, seconds...)
		to = append(to, `,"Data":"`...)
		begin, text := len(to), base64.StdEncoding.EncodedLen(len(r.Data))
		to = slices.Grow(to, text)[:begin+text]
		base64.StdEncoding.Encode(to[begin:], r.Data)
		to = append(to, `","PartitionKey":`...)
		to = appendText(to, r.PartitionKey)
		to = append(to, '}')
	}
	return append(to, ']')
}

func appendInt(to []byte, n int) []byte { return strconv.AppendInt(to, int64(n), 10) }

// appendText writes a string in quotes, as encoding/json does.
func appendText(to []byte, text string) []byte {
	if !unescaped(text) {
		// A string can always be marshalled.
		quoted, _ := json.Marshal(text)
		return append(to, quoted...)
	}
	to = append(to, '"')
	to = append(to, text...)
	return append(to, '"')
}

// unescaped says that encoding/json escapes nothing in a text.
func unescaped(text string) bool {
	for i := range len(text) {
		switch b := text[i]; {
		case b < ' ', b >= utf8.RuneSelf, b == '"', b == '\\', b == '<', b == '>', b == '&', b == 0x7f:
			return false
		}
	}
	return true
}
