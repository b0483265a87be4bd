package compression

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// A message of an event stream (Smithy's "Amazon Event Stream Specification") has its length, that of its headers, a checksum of both, the headers, a payload, and a
// checksum of all.
const (
	preludeBytes = 12
	sumBytes     = 4
	// maxMessage and maxHeaders are what AWS's clients take.
	maxMessage = 16 << 20
	maxHeaders = 128 << 10
)

var (
	errMessage = errors.New("event stream: a message is not as its checksum says")
	errNoEnd   = errors.New("event stream: S3 Select sent no End event, so that its answer is not whole")
)

// isEventStream says that a file begins with the lengths of a message, and their checksum.
func isEventStream(start []byte) bool {
	if len(start) < preludeBytes {
		return false
	}
	_, _, ok := prelude(start)
	return ok
}

// prelude reads a message's lengths.
func prelude(start []byte) (length, headers int, ok bool) {
	l, h := binary.BigEndian.Uint32(start), binary.BigEndian.Uint32(start[4:])
	fits := l <= maxMessage && h <= maxHeaders && h+preludeBytes+sumBytes <= l
	return int(l), int(h), fits && crc32.ChecksumIEEE(start[:8]) == binary.BigEndian.Uint32(start[8:])
}

// events reads the payloads of an event stream as they were saved: what SubscribeToShard pushes, an event to a line, and what S3 Select answers, which is cut into
// events anywhere.
type events struct {
	raw     *bufio.Reader
	message []byte // holds the payload that is given out
	payload []byte // what is left of it
	ends    bool   // an End event is to come
}

func (e *events) Read(p []byte) (int, error) {
	for len(e.payload) == 0 {
		if err := e.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, e.payload)
	e.payload = e.payload[n:]
	return n, nil
}

// next reads a message; its payload may be none.
func (e *events) next() error {
	var start [preludeBytes]byte
	if _, err := io.ReadFull(e.raw, start[:]); err != nil {
		if err == io.EOF && e.ends {
			return errNoEnd
		}
		return err
	}
	length, headers, ok := prelude(start[:])
	if !ok {
		return errMessage
	}
	if cap(e.message) < length {
		e.message = make([]byte, length)
	}
	m := e.message[:length]
	copy(m, start[:])
	if _, err := io.ReadFull(e.raw, m[preludeBytes:]); err != nil {
		return unexpected(err)
	}
	end := length - sumBytes
	if crc32.ChecksumIEEE(m[:end]) != binary.BigEndian.Uint32(m[end:]) {
		return errMessage
	}
	named, err := messageHeaders(m[preludeBytes : preludeBytes+headers])
	if err != nil {
		return err
	}
	return e.take(named, m[preludeBytes+headers:end])
}

// unexpected is the error of a file that ends in the middle of something.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// take judges a message by its headers, and keeps the payload of one that has records.
func (e *events) take(headers map[string]string, payload []byte) error {
	if kind := headers[":message-type"]; kind != "event" {
		return fmt.Errorf("event stream: it ended by an %s: %s %.200q", kind, headers[":exception-type"]+headers[":error-code"], headers[":error-message"]+string(payload))
	}
	if format := headers[":content-type"]; strings.HasSuffix(format, "cbor") {
		return fmt.Errorf("event stream: its events are %s, which is not read: save them by a client that speaks JSON, or capture the stream by weir capture", format)
	}
	switch event := headers[":event-type"]; event {
	case "SubscribeToShardEvent":
		e.payload = append(payload, '\n') // over the checksum, which has been looked at
	case "Records":
		e.payload, e.ends = payload, true
	case "End":
		e.ends = false
	case "initial-response", "Cont", "Progress", "Stats": // of no record
	default:
		return fmt.Errorf("event stream: events of type %q are not read: save what is in their payloads", event)
	}
	return nil
}

// messageHeaders are those that are texts.
func messageHeaders(data []byte) (map[string]string, error) {
	texts := make(map[string]string)
	for len(data) > 0 {
		name, rest, ok := prefixed(data, 1)
		if !ok || len(rest) == 0 {
			return nil, errMessage
		}
		kind, value, rest, ok := headerValue(rest)
		if !ok {
			return nil, errMessage
		}
		if kind == textHeader {
			texts[string(name)] = string(value)
		}
		data = rest
	}
	return texts, nil
}

// The types of a header.
const (
	bytesHeader = 6
	textHeader  = 7
)

// headerValue reads a header's type and value.
func headerValue(data []byte) (kind byte, value, rest []byte, ok bool) {
	lengths := [...]int{0, 0, 1, 2, 4, 8, bytesHeader: 0, textHeader: 0, 8: 8, 9: 16} // true, false, integers, a time, a UUID
	kind, data = data[0], data[1:]
	switch {
	case kind == bytesHeader || kind == textHeader:
		value, rest, ok = prefixed(data, 2)
		return kind, value, rest, ok
	case int(kind) >= len(lengths) || lengths[kind] > len(data):
		return kind, nil, nil, false
	}
	return kind, data[:lengths[kind]], data[lengths[kind]:], true
}

// prefixed takes bytes with their length, of one byte or two, in front.
func prefixed(data []byte, size int) (value, rest []byte, ok bool) {
	if len(data) < size {
		return nil, nil, false
	}
	n := int(data[0])
	if size == 2 {
		n = int(binary.BigEndian.Uint16(data))
	}
	if data = data[size:]; n > len(data) {
		return nil, nil, false
	}
	return data[:n], data[n:], true
}
