package compression

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/s2"
)

const (
	// maxSnappyBlock is the most that a block of Hadoop's holds, many times what anything writes.
	maxSnappyBlock = 64 << 20
	// snappyHistory is how far back a copy reaches at most. Most compressors work on pieces of 64 KiB, but the format allows more, and S2's use it.
	snappyHistory = 16 << 20
	// snappyAhead is how much text is made at a time.
	snappyAhead = 64 << 10
)

// kplMagic is how a KPL aggregate begins, which a length may, too.
const kplMagic = "\xf3\x89\x9a\xc2"

var (
	errSnappy   = errors.New("snappy: it is corrupt")
	errTrailing = errors.New("snappy: there is something behind its end")
)

// withoutMagic tells the forms that begin with lengths alone, by whether the lengths fit what follows: an event stream, and two forms of snappy.
func withoutMagic(start []byte) string {
	switch {
	case isEventStream(start):
		return EventStream
	case isHadoopSnappy(start):
		return HadoopSnappy
	case isRawSnappy(start):
		return RawSnappy
	}
	return ""
}

// isHadoopSnappy says that a file begins with the length of a block, that of its compressed first piece, and a piece that holds no more than the block.
func isHadoopSnappy(start []byte) bool {
	if len(start) < 10 {
		return false
	}
	block, piece := binary.BigEndian.Uint32(start), binary.BigEndian.Uint32(start[4:])
	length, n := binary.Uvarint(start[8:])
	return block > 0 && block <= maxSnappyBlock && n > 0 && length > 0 && length <= uint64(block) &&
		piece > 0 && int(piece) <= s2.MaxEncodedLen(int(block)) && beginsWithText(start[8+n:])
}

// isRawSnappy says that a file begins with a length, and then with text.
func isRawSnappy(start []byte) bool {
	if bytes.HasPrefix(start, []byte(kplMagic)) {
		return false
	}
	length, n := binary.Uvarint(start)
	return n > 0 && n <= 5 && length > 0 && length <= 1<<32-1 && beginsWithText(start[n:])
}

// beginsWithText says that snappy's first element is a literal, and that its first byte is one that a recording can begin with.
func beginsWithText(element []byte) bool {
	if len(element) == 0 || element[0]&3 != 0 {
		return false
	}
	more := 0
	if length := element[0] >> 2; length >= 60 {
		more = int(length) - 59
	}
	if len(element) < 2+more {
		return false
	}
	c := element[1+more]
	return c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t' || c == 0xef || c == 0xf3 || c == 0x1f
}

// hadoopSnappy reads blocks: the length of a block, and then pieces, each behind its compressed length, until the block is whole.
type hadoopSnappy struct {
	from  *bufio.Reader
	left  int // of the block
	piece []byte
	text  []byte // of the piece
	rest  []byte // of text, not read yet
}

func (h *hadoopSnappy) Read(p []byte) (int, error) {
	for len(h.rest) == 0 {
		if err := h.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, h.rest)
	h.rest = h.rest[n:]
	return n, nil
}

func (h *hadoopSnappy) next() error {
	length, err := h.length()
	if err != nil {
		if err == io.EOF && h.left > 0 {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	if h.left == 0 {
		h.left = length
		return nil
	}
	if cap(h.piece) < length {
		h.piece = make([]byte, length)
	}
	h.piece = h.piece[:length]
	if _, err := io.ReadFull(h.from, h.piece); err != nil {
		return cut(err)
	}
	n, err := s2.DecodedLen(h.piece)
	if err != nil || n > h.left {
		return errSnappy
	}
	if h.text, err = s2.Decode(h.text[:cap(h.text)], h.piece); err != nil {
		return errSnappy
	}
	h.left -= len(h.text)
	h.rest = h.text
	return nil
}

func (h *hadoopSnappy) length() (int, error) {
	var b [4]byte
	if _, err := io.ReadFull(h.from, b[:]); err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(b[:])
	if n > maxSnappyBlock {
		return 0, fmt.Errorf("%w: a block of %d bytes", errSnappy, n)
	}
	return int(n), nil
}

// rawSnappy reads a block without a frame, in the memory of what its copies can reach.
type rawSnappy struct {
	from *bufio.Reader
	left uint64 // of the text, not made yet
	text []byte // what was made last, and before it what copies reach
	read int    // of text
	err  error
}

func newRawSnappy(from *bufio.Reader) (io.Reader, error) {
	length, err := binary.ReadUvarint(from)
	if err != nil {
		return nil, cut(err)
	}
	return &rawSnappy{from: from, left: length, text: make([]byte, 0, 4*snappyAhead)}, nil
}

func (r *rawSnappy) Read(p []byte) (int, error) {
	for r.read == len(r.text) {
		if r.err != nil {
			return 0, r.err
		}
		r.fill()
	}
	n := copy(p, r.text[r.read:])
	r.read += n
	return n, nil
}

// fill makes some text.
func (r *rawSnappy) fill() {
	if len(r.text) > 2*snappyHistory {
		n := copy(r.text, r.text[len(r.text)-snappyHistory:])
		r.text, r.read = r.text[:n], n
	}
	for enough := len(r.text) + snappyAhead; len(r.text) < enough && r.err == nil; {
		if r.left == 0 {
			r.err = io.EOF
			if _, err := r.from.Peek(1); err == nil {
				r.err = errTrailing
			}
			return
		}
		r.err = r.element()
	}
}

// element makes the text of one element: a literal, or a copy of what came before.
func (r *rawSnappy) element() error {
	tag, err := r.from.ReadByte()
	if err != nil {
		return cut(err)
	}
	switch tag & 3 {
	case 0:
		length := uint64(tag >> 2)
		if length >= 60 {
			if length, err = r.number(int(length) - 59); err != nil {
				return err
			}
		}
		return r.literal(length + 1)
	case 1:
		low, err := r.number(1)
		if err != nil {
			return err
		}
		return r.copy(uint64(tag>>5)<<8|low, uint64(tag>>2&7)+4)
	case 2:
		offset, err := r.number(2)
		if err != nil {
			return err
		}
		return r.copy(offset, uint64(tag>>2)+1)
	}
	offset, err := r.number(4)
	if err != nil {
		return err
	}
	return r.copy(offset, uint64(tag>>2)+1)
}

// number is a little-endian one of so many bytes.
func (r *rawSnappy) number(bytes int) (n uint64, err error) {
	for i := range bytes {
		b, err := r.from.ReadByte()
		if err != nil {
			return 0, cut(err)
		}
		n |= uint64(b) << (8 * i)
	}
	return n, nil
}

// literal may be longer than what is held, so that it goes by pieces.
func (r *rawSnappy) literal(length uint64) error {
	if length > r.left {
		return errSnappy
	}
	if length > maxSnappyBlock {
		return fmt.Errorf("%w: a literal of %d bytes", errSnappy, length)
	}
	start := len(r.text)
	if need := start + int(length); need > cap(r.text) {
		grown := make([]byte, start, need)
		copy(grown, r.text)
		r.text = grown
	}
	n, err := io.ReadFull(r.from, r.text[start:start+int(length)])
	r.text = r.text[:start+n]
	r.left -= uint64(n)
	return cut(err)
}

func (r *rawSnappy) copy(offset, length uint64) error {
	if offset == 0 || offset > uint64(len(r.text)) || length > r.left {
		return errSnappy
	}
	for range length { // it may overlap itself
		r.text = append(r.text, r.text[uint64(len(r.text))-offset])
	}
	r.left -= length
	return nil
}

// cut makes an end in the middle an error.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
