package kinesis

import (
	"io"
	"slices"

	"github.com/segmentio/asm/base64"

	"weir/internal/localaws/wire"
)

// What is written of records, in order: a record's sequence number, arrival, data and key stand between these.
const (
	jsonRecords  = `"Records":[`
	jsonSequence = `,{"SequenceNumber":"` // the first has no comma
	jsonArrival  = `","ApproximateArrivalTimestamp":`
	jsonData     = `,"Data":"`
	jsonKey      = `","PartitionKey":`
	jsonEnd      = `}`
)

// lengthJSON is how long writeJSON's text is, to the byte.
func (r *records) lengthJSON() int {
	const members = len(jsonSequence) + sequenceLength + len(jsonArrival) + len(jsonData) + len(jsonKey) + len(jsonEnd)
	length := len(jsonRecords) + r.count*members - min(r.count, 1) + len("]") // a comma less than records
	var at wire.Time
	seconds := 0 // how long at is: records come in bursts of one time
	for n := range r.parts {
		part := &r.parts[n]
		for i := range part.places {
			place := &part.places[i]
			if arrived := wire.Time(place.arrival()); arrived != at || seconds == 0 {
				at, seconds = arrived, len(arrived.AppendJSON(nil))
			}
			length += seconds + base64Len(len(part.data(place))) + len(`""`) + int(place.keyLen())
			if place.escaped() {
				length += len(appendText(nil, string(part.key(place)))) - len(`""`) - int(place.keyLen())
			}
		}
	}
	return length
}

// writeJSON writes the member of an answer that holds records.
func (r *records) writeJSON(p *pieces) {
	p.text = append(p.text, jsonRecords...)
	var head recordHead
	at := sequence{index: r.first, number: r.shard}
	comma := 0
	for n := range r.parts {
		part := &r.parts[n]
		for i := range part.places {
			place := &part.places[i]
			at.arrival = place.arrival()
			p.text = append(p.text, head.next(at)[1-comma:]...)
			p.data(part.data(place))
			p.text = append(p.text, jsonKey...)
			if key := part.key(place); place.escaped() {
				p.text = appendText(p.text, string(key))
			} else {
				p.text = append(append(append(p.text, '"'), key...), '"')
			}
			p.text = append(p.text, jsonEnd...)
			p.pass()
			at.index++
			comma = len(",")
		}
	}
	p.text = append(p.text, ']')
}

// recordHead is the text of a record before its data. That of the next record differs in a few digits, as a rule.
type recordHead struct {
	text    []byte
	arrival int64
}

// next is the head of a record whose index follows that of the one before.
func (h *recordHead) next(at sequence) []byte {
	if at.arrival == h.arrival && len(h.text) > 0 {
		increment(h.text[len(jsonSequence)+indexAt : len(jsonSequence)+numberAt])
		return h.text
	}
	h.arrival = at.arrival
	h.text = at.append(append(h.text[:0], jsonSequence...))
	h.text = append(h.text, jsonArrival...)
	h.text = wire.Time(at.arrival).AppendJSON(h.text)
	h.text = append(h.text, jsonData...)
	return h.text
}

// pieces is a text that is passed on by the piece, so that what is written next is written to memory that the processor's caches still hold.
type pieces struct {
	to   io.Writer // nil keeps all of it in text
	text []byte
	err  error // of the first piece that could not be passed on; those behind it are not tried
}

const (
	// pieceBytes is a piece's length, more or less: each is a system call, and wakes its reader.
	pieceBytes = 1 << 20
	// blockBytes is how much data is written at once: a multiple of three, so that nothing is padded before the end.
	blockBytes = 24 << 10
)

// roomJSON is for a piece, or for all of an answer that is shorter, where few keys have to be escaped.
func (r *records) roomJSON() int {
	const record, rest = 256, 1 << 10
	return min(pieceBytes+2*blockBytes, r.count*record+2*int(r.bytes)+rest)
}

// pass passes on what is a piece by now.
func (p *pieces) pass() {
	if p.to != nil && len(p.text) >= pieceBytes {
		p.flush()
	}
}

func (p *pieces) flush() {
	if p.err == nil {
		_, p.err = p.to.Write(p.text)
	}
	p.text = p.text[:0]
}

// data writes data in base64.
func (p *pieces) data(data []byte) {
	for p.to != nil && len(data) > blockBytes {
		p.base64(data[:blockBytes])
		p.pass()
		data = data[blockBytes:]
	}
	p.base64(data)
}

func (p *pieces) base64(data []byte) {
	begin, text := len(p.text), base64Len(len(data))
	p.text = slices.Grow(p.text, text)[:begin+text]
	base64.StdEncoding.Encode(p.text[begin:], data)
}

func base64Len(bytes int) int { return (bytes + 2) / 3 * 4 }
