package wire

import (
	"encoding/binary"
	"hash/crc32"
)

// frame is one message of an event stream (Amazon event stream encoding): its headers, all of them text, and a payload.
//
//	total length | headers' length | CRC-32 of these two | headers | payload | CRC-32 of all before
//	      4      |        4        |          4          |         |         |          4           bytes
//
// A header is the length of its name in a byte, the name, the type 7, the length of its value in two bytes, and the value.
type frame struct {
	headers [][2]string
	payload []byte
}

const (
	framePrelude  = 12
	frameEnd      = 4
	headerOfAText = 7
)

func (f frame) append(to []byte) []byte {
	begin := len(to)
	to = append(to, make([]byte, framePrelude)...)
	for _, header := range f.headers {
		name, value := header[0], header[1]
		to = append(to, byte(len(name)))
		to = append(to, name...)
		to = append(to, headerOfAText)
		to = binary.BigEndian.AppendUint16(to, uint16(len(value)))
		to = append(to, value...)
	}
	headers := len(to) - begin - framePrelude
	to = append(to, f.payload...)
	prelude := to[begin:]
	binary.BigEndian.PutUint32(prelude, uint32(len(to)-begin+frameEnd))
	binary.BigEndian.PutUint32(prelude[4:], uint32(headers))
	binary.BigEndian.PutUint32(prelude[8:], crc32.ChecksumIEEE(prelude[:8]))
	return binary.BigEndian.AppendUint32(to, crc32.ChecksumIEEE(to[begin:]))
}
