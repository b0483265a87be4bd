package compression

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
)

// archive reads the files of a ZIP archive one behind another, as they come (APPNOTE.TXT, sections 4.3.7 and 4.3.9): what stands in the directory at
// its end is not needed. A file that does not end in a line end gets one, so that its last record and the next file's first stay two.
type archive struct {
	raw    *bufio.Reader
	member io.Reader // nil between files
	file   zipFile
	inside bool // of a file that has text
	last   byte
	sum    uint32
	size   uint64
}

// zipFile is the local header of a file.
type zipFile struct {
	name              string
	flags, method     uint16
	sum               uint32
	packed, size      uint64
	sizesFollow, is64 bool
}

const (
	zipHeader     = "PK\x03\x04"
	zipDescriptor = "PK\x07\x08"
	zipDeflated   = 8
	encryptedFlag = 1
	streamedFlag  = 8
)

var errZIP = errors.New("ZIP: it is corrupt")

func (a *archive) Read(p []byte) (int, error) {
	for {
		if a.member == nil {
			done, err := a.next()
			if err != nil {
				return 0, err
			}
			if done {
				return 0, io.EOF
			}
			if a.inside && a.last != '\n' && len(p) > 0 {
				a.last, p[0] = '\n', '\n'
				return 1, nil
			}
		}
		n, err := a.member.Read(p)
		if n > 0 {
			a.inside, a.last = true, p[n-1]
			a.sum, a.size = crc32.Update(a.sum, crc32.IEEETable, p[:n]), a.size+uint64(n)
			return n, nil
		}
		if err == io.EOF {
			a.member, err = nil, a.check()
		}
		if err != nil {
			return 0, err
		}
	}
}

// next goes to the next file; done says that there is none.
func (a *archive) next() (done bool, err error) {
	magic, err := a.raw.Peek(4)
	if err != nil {
		return false, cut(err)
	}
	if string(magic) != zipHeader {
		if magic[0] != 'P' || magic[1] != 'K' {
			return false, errZIP
		}
		return true, nil // the directory
	}
	if a.file, err = readZIPHeader(a.raw); err != nil {
		return false, err
	}
	a.sum, a.size = 0, 0
	return false, a.open()
}

func (a *archive) open() error {
	f := &a.file
	switch {
	case f.flags&encryptedFlag != 0:
		return fmt.Errorf("ZIP: %s is encrypted: unpack it first", f.name)
	case f.method == zipDeflated:
		a.member = flate.NewReader(a.raw)
	case f.method == 0 && !f.sizesFollow:
		a.member = &exactly{from: a.raw, left: f.size}
	case f.method == 0 && strings.HasSuffix(f.name, "/"):
		a.member = &exactly{from: a.raw}
	default:
		return fmt.Errorf("ZIP: %s is packed by method %d, which is not read: unpack it first", f.name, f.method)
	}
	return nil
}

// exactly reads so many bytes, and takes an earlier end for a cut.
type exactly struct {
	from io.Reader
	left uint64
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.from.Read(p[:min(uint64(len(p)), e.left)])
	e.left -= uint64(n)
	return n, cut(err)
}

// readZIPHeader reads the header in front of a file.
func readZIPHeader(from *bufio.Reader) (f zipFile, err error) {
	var b [30]byte
	if _, err := io.ReadFull(from, b[:]); err != nil {
		return f, cut(err)
	}
	le := binary.LittleEndian
	f.flags, f.method, f.sum = le.Uint16(b[6:]), le.Uint16(b[8:]), le.Uint32(b[14:])
	f.packed, f.size = uint64(le.Uint32(b[18:])), uint64(le.Uint32(b[22:]))
	f.sizesFollow = f.flags&streamedFlag != 0
	name, extra := make([]byte, le.Uint16(b[26:])), make([]byte, le.Uint16(b[28:]))
	for _, part := range [][]byte{name, extra} {
		if _, err := io.ReadFull(from, part); err != nil {
			return f, cut(err)
		}
	}
	f.name = string(name)
	for len(extra) >= 4 {
		id, size := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if size > len(extra)-4 {
			break
		}
		if id == 1 { // of files of 4 GiB and more
			f.is64 = true
			if field := extra[4 : 4+size]; f.size == 1<<32-1 && size >= 16 {
				f.size, f.packed = le.Uint64(field), le.Uint64(field[8:])
			}
		}
		extra = extra[4+size:]
	}
	return f, nil
}

// check holds the file against what its header, or what follows it, says of it.
func (a *archive) check() error {
	f := &a.file
	if f.sizesFollow && (f.method == zipDeflated || a.size > 0) {
		if err := a.descriptor(); err != nil {
			return err
		}
	}
	if f.sum != a.sum || !f.sizesFollow && f.size != a.size {
		return fmt.Errorf("%w: the checksum of %s is not that of its text", errZIP, f.name)
	}
	return nil
}

// descriptor reads what follows a file that was written as it came. Its sizes have four bytes or eight, and nothing says which.
func (a *archive) descriptor() error {
	b, _ := a.raw.Peek(28)
	skip := 0
	if len(b) >= 4 && string(b[:4]) == zipDescriptor {
		skip = 4
	}
	if len(b) < skip+12 {
		return io.ErrUnexpectedEOF
	}
	a.file.sum = binary.LittleEndian.Uint32(b[skip:])
	length := skip + 12
	if wide := skip + 20; len(b) >= wide+2 && b[wide] == 'P' && b[wide+1] == 'K' && !(b[length] == 'P' && b[length+1] == 'K') {
		length = wide
	}
	_, err := a.raw.Discard(length)
	return err
}
