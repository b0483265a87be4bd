package compression

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"
)

const (
	// snappyHistory is how far back a copy reaches at most. Most compressors work on pieces of 64 KiB, but the format allows more, and S2's use it.
	snappyHistory = 16 << 20
	// snappyAhead is how much text is made at a time.
	snappyAhead = 64 << 10
)

// rawSnappy reads a block without a frame, in the memory of what its copies can reach.
type rawSnappy struct {
	from *bufio.Reader
	left uint64 // of the text, not made yet
	text []byte // what was made last, and before it what copies reach
	read int    // of text
	// literal is how much of a literal is still to come: it may be longer than what is held, so that it goes by pieces.
	literal uint64
	err     error
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
		switch {
		case r.literal > 0:
			r.err = r.piece(min(r.literal, uint64(enough-len(r.text))))
		case r.left == 0:
			r.err = io.EOF
			if _, err := r.from.Peek(1); err == nil {
				r.err = errTrailing
			}
		default:
			r.err = r.element()
		}
	}
}

// element begins a literal, or makes the text of a copy of what came before.
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
		if r.literal = length + 1; r.literal > r.left {
			return errSnappy
		}
		return nil
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

// piece reads some of a literal.
func (r *rawSnappy) piece(length uint64) error {
	start := len(r.text)
	r.text = slices.Grow(r.text, int(length))
	n, err := io.ReadFull(r.from, r.text[start:start+int(length)])
	r.text = r.text[:start+n]
	r.left -= uint64(n)
	r.literal -= uint64(n)
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
