package kpl

import (
	"crypto/md5"
	"encoding/binary"
	"unsafe"
)

// Opener opens aggregates, one after another. It is not safe for concurrent use.
type Opener struct {
	partitionKeys, hashKeys []string
	records                 []Record
	pointers                []pointer
}

// pointer says where the keys of a record are. An explicit hash key need not be.
type pointer struct{ partitionKey, hashKey int64 }

// IsAggregate says that data begins as an aggregate does.
func IsAggregate(data []byte) bool { return len(data) > envelope && [4]byte(data) == magic }

// message is what is between the magic number and the MD5.
func message(aggregate []byte) []byte { return aggregate[len(magic) : len(aggregate)-md5.Size] }

// Open gives the records of an aggregate, until the next call. Their strings and data share its memory: it must not be written to afterwards. What is no
// whole aggregate gives none, and ok is false: it is a plain record. A record without data or partition key, and one whose key is not in the tables, make
// none of it whole.
func (o *Opener) Open(aggregate []byte) (all []Record, ok bool) {
	if !IsAggregate(aggregate) {
		return nil, false
	}
	message := message(aggregate)
	if md5.Sum(message) != [md5.Size]byte(aggregate[len(aggregate)-md5.Size:]) {
		return nil, false
	}
	o.partitionKeys, o.hashKeys, o.records, o.pointers = o.partitionKeys[:0], o.hashKeys[:0], o.records[:0], o.pointers[:0]
	if !o.read(message) {
		return nil, false
	}
	return o.records, true
}

// read reads a message. The tables may come behind the records that point into them: protobuf's fields have no order.
func (o *Opener) read(message []byte) bool {
	for len(message) > 0 {
		f, rest, ok := next(message)
		if !ok {
			return false
		}
		message = rest
		switch f.tag {
		case partitionKeys:
			o.partitionKeys = append(o.partitionKeys, text(f.bytes))
		case explicitHashKeys:
			o.hashKeys = append(o.hashKeys, text(f.bytes))
		case records:
			if !o.record(f.bytes) {
				return false
			}
		}
	}
	for i, p := range o.pointers {
		r := &o.records[i]
		if p.partitionKey < 0 || p.partitionKey >= int64(len(o.partitionKeys)) || p.hashKey >= int64(len(o.hashKeys)) {
			return false
		}
		r.PartitionKey = o.partitionKeys[p.partitionKey]
		if p.hashKey >= 0 {
			r.ExplicitHashKey = o.hashKeys[p.hashKey]
		}
	}
	return true
}

func (o *Opener) record(message []byte) bool {
	at := pointer{-1, -1}
	var content []byte
	for len(message) > 0 {
		f, rest, ok := next(message)
		if !ok {
			return false
		}
		message = rest
		switch f.tag {
		case partitionKeyIndex:
			at.partitionKey = index(f.number)
		case explicitHashKeyIndex:
			at.hashKey = index(f.number)
		case data:
			content = f.bytes[:len(f.bytes):len(f.bytes)]
		}
	}
	if content == nil {
		return false
	}
	o.records = append(o.records, Record{Data: content})
	o.pointers = append(o.pointers, at)
	return true
}

// index is a number as a place in a table: one that is too large for any is beyond each.
func index(n uint64) int64 { return int64(min(n, 1<<62)) }

// field is a field of a message.
type field struct {
	tag    uint64
	number uint64 // of a varint
	bytes  []byte // of one with a length; not nil
}

// next reads the first field of a message, of whichever type: protobuf's readers pass over what they do not know.
func next(message []byte) (f field, rest []byte, ok bool) {
	f.tag, message, ok = varint(message)
	if !ok || f.tag>>3 == 0 {
		return f, nil, false
	}
	length := uint64(0)
	switch f.tag & 7 {
	case varints:
		f.number, rest, ok = varint(message)
		return f, rest, ok
	case lengths:
		if length, message, ok = varint(message); !ok {
			return f, nil, false
		}
	case 1:
		length = 8
	case 5:
		length = 4
	default:
		return f, nil, false
	}
	if length > uint64(len(message)) {
		return f, nil, false
	}
	f.bytes = message[:length]
	return f, message[length:], true
}

// varint reads a number, most of which take a byte.
func varint(message []byte) (n uint64, rest []byte, ok bool) {
	if len(message) > 0 && message[0] < 1<<7 {
		return uint64(message[0]), message[1:], true
	}
	n, size := binary.Uvarint(message)
	if size <= 0 {
		return 0, nil, false
	}
	return n, message[size:], true
}

func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
