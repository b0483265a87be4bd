package kinesis

import (
	"encoding/json"
	"io"
	"strconv"
	"unicode/utf8"

	"weir/internal/localaws/wire"
)

// LengthJSON is how long the answer is; see [wire.JSON].
func (out *getRecordsOutput) LengthJSON() int {
	return len("{") + out.records.lengthJSON() + len(out.appendRest(nil))
}

// WriteJSON writes the answer; see [wire.JSON].
func (out *getRecordsOutput) WriteJSON(to io.Writer, room wire.Room) error {
	p := pieces{to: to, text: append(room(out.records.roomJSON()), '{')}
	out.records.writeJSON(&p)
	p.text = out.appendRest(p.text)
	p.flush()
	return p.err
}

// appendRest writes what is behind the records.
func (out *getRecordsOutput) appendRest(to []byte) []byte {
	to = append(to, `,"MillisBehindLatest":`...)
	to = appendInt(to, int(out.MillisBehindLatest))
	if out.NextShardIterator != "" {
		to = append(to, `,"NextShardIterator":`...)
		to = appendText(to, out.NextShardIterator)
	}
	return append(appendChildren(to, out.ChildShards), '}')
}

// SizeJSON is how long the event is, at most but for its children; see [wire.JSON].
func (e *shardEvent) SizeJSON() int {
	const members = 256
	return e.records.lengthJSON() + members
}

// AppendJSON writes the event; see [wire.JSON].
func (e *shardEvent) AppendJSON(to []byte) []byte {
	p := pieces{text: append(to, '{')}
	e.records.writeJSON(&p)
	to = p.text
	if e.ContinuationSequenceNumber != (sequence{}) {
		to = append(to, `,"ContinuationSequenceNumber":"`...)
		to = append(e.ContinuationSequenceNumber.append(to), '"')
	}
	to = append(to, `,"MillisBehindLatest":`...)
	to = appendInt(to, int(e.MillisBehindLatest))
	return append(appendChildren(to, e.ChildShards), '}')
}

func appendChildren(to []byte, children []childShard) []byte {
	if len(children) == 0 {
		return to
	}
	// They have nothing that cannot be marshalled.
	text, _ := json.Marshal(children)
	return append(append(to, `,"ChildShards":`...), text...)
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
