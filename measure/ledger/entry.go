package ledger

import (
	"encoding/binary"
	"time"
	"unsafe"

	"weir/record"
)

// entry is a record that waits to be read, as bytes: so it holds no record's memory, has nothing for the collector to look at, and goes into a file as it
// is. What follows it in its block may stand behind it.
//
//	 0  length of the entry                      uint32; all of it is little endian
//	 4  size of the record, as AWS counts it     uint32
//	 8  hash of partition key and data           uint64
//	16  due, acked                               int64 each, in ns since the start of the run
//	32  position                                 int64
//	40  event time                               int64
//	48  length of the sequence number            uint16
//	50  1 if the event is unreadable             uint16
//	52  lengths of the event's kind and key      uint32 each
//	60  sequence number, kind, key, value
type entry []byte

const entryHeader = 60

var order = binary.LittleEndian

// entryLength is how long the entry of a record is.
func entryLength(send *record.Send) int {
	e := &send.Event
	return entryHeader + len(send.Sequence) + len(e.Kind) + len(e.Key) + len(e.Value)
}

// encode is the entry of a record, in the memory of into if that suffices.
func encode(into entry, send *record.Send, hash uint64, acked time.Duration) entry {
	n := entryLength(send)
	if cap(into) < n {
		into = make(entry, n)
	}
	into = into[:n]
	into.put(send, hash, acked)
	return into
}

// put writes the entry, which has just the length for it.
func (e entry) put(send *record.Send, hash uint64, acked time.Duration) {
	event := &send.Event
	h := e[:entryHeader:entryHeader]
	order.PutUint32(h[0:], uint32(len(e)))
	order.PutUint32(h[4:], uint32(send.Size()))
	order.PutUint64(h[8:], hash)
	order.PutUint64(h[16:], uint64(send.Due))
	order.PutUint64(h[24:], uint64(acked))
	order.PutUint64(h[32:], uint64(send.Position))
	order.PutUint64(h[40:], uint64(event.Time))
	order.PutUint16(h[48:], uint16(len(send.Sequence)))
	unreadable := uint16(0)
	if event.Unreadable {
		unreadable = 1
	}
	order.PutUint16(h[50:], unreadable)
	order.PutUint32(h[52:], uint32(len(event.Kind)))
	order.PutUint32(h[56:], uint32(len(event.Key)))
	n := entryHeader
	n += copy(e[n:], send.Sequence)
	n += copy(e[n:], event.Kind)
	n += copy(e[n:], event.Key)
	copy(e[n:], event.Value)
}

func (e entry) length() int          { return int(order.Uint32(e[0:])) }
func (e entry) size() int64          { return int64(order.Uint32(e[4:])) }
func (e entry) hash() uint64         { return order.Uint64(e[8:]) }
func (e entry) due() time.Duration   { return time.Duration(order.Uint64(e[16:])) }
func (e entry) acked() time.Duration { return time.Duration(order.Uint64(e[24:])) }
func (e entry) position() int64      { return int64(order.Uint64(e[32:])) }

// sequence is the sequence number, and shares the entry's memory.
func (e entry) sequence() []byte {
	return e[entryHeader : entryHeader+int(order.Uint16(e[48:]))]
}

// kind is the kind of the record's event, and shares the entry's memory.
func (e entry) kind() []byte {
	kind := entryHeader + int(order.Uint16(e[48:]))
	return e[kind : kind+int(order.Uint32(e[52:]))]
}

// event is the record's event, and shares no memory.
func (e entry) event() record.Event {
	kind := entryHeader + int(order.Uint16(e[48:]))
	key := kind + int(order.Uint32(e[52:]))
	value := key + int(order.Uint32(e[56:]))
	return record.Event{
		Kind: string(e[kind:key]), Key: string(e[key:value]), Value: string(e[value:e.length()]),
		Time: int64(order.Uint64(e[40:])), Unreadable: order.Uint16(e[50:]) == 1,
	}
}

// text is the text in b, and shares its memory: it holds until b changes.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
