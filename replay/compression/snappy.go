package compression

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/s2"
)

const (
	// maxSnappyBlock is the most that a block of Hadoop's holds, many times what anything writes.
	maxSnappyBlock = 64 << 20
)

var (
	errSnappy   = errors.New("snappy: it is corrupt")
	errTrailing = errors.New("snappy: there is something behind its end")
)

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

// cut makes an end in the middle an error.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
