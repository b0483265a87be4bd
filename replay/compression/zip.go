package compression

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"

	"github.com/klauspost/compress/flate"
)

// archive reads the files of a ZIP archive one after another, as they come (APPNOTE.TXT, sections 4.3.7 and 4.3.9): what stands in the directory at its end is not
// needed.
type archive struct {
	raw    *bufio.Reader
	depth  int       // how deep the archive stands in others, and in what is compressed
	member io.Reader // nil between files
	file   zipFile
	sum    uint32
	size   uint64
	over   bool // the directory was reached, or it is said already why the rest is not
}

// zipFile is the local header of a file.
type zipFile struct {
	name          string
	flags, method uint16
	sum           uint32
	size          uint64
	sizesFollow   bool
}

const (
	zipHeader     = "PK\x03\x04"
	zipDescriptor = "PK\x07\x08"
	zipDeflated   = 8
	encryptedFlag = 1
	streamedFlag  = 8
)

var errZIP = errors.New("ZIP: it is corrupt")

// Read reads the file that next has gone to.
func (a *archive) Read(p []byte) (int, error) {
	if a.member == nil {
		return 0, io.EOF
	}
	n, err := a.member.Read(p)
	if n > 0 {
		a.sum, a.size = crc32.Update(a.sum, crc32.IEEETable, p[:n]), a.size+uint64(n)
		return n, nil
	}
	if err != io.EOF {
		return 0, a.lost(err)
	}
	a.member = nil
	if err := a.end(); err != nil {
		return 0, a.lost(err)
	}
	if err := a.check(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

// lost ends the archive: where a file's end is not found, nor is the next one.
func (a *archive) lost(err error) error {
	if err == nil {
		return nil
	}
	a.member, a.over = nil, true
	return fmt.Errorf("ZIP: %w; what stands behind %s in the archive is not reached", err, a.file.name)
}

// next goes to the next file, and passes over what was not read of the one before it.
func (a *archive) next() (more bool, err error) {
	for a.member != nil {
		if _, err := io.Copy(io.Discard, a); a.over {
			return false, err
		}
	}
	if a.over {
		return false, nil
	}
	magic, err := a.raw.Peek(4)
	if err != nil {
		return false, fmt.Errorf("ZIP: it ends before its directory: %w", cut(err))
	}
	if string(magic) != zipHeader {
		a.over = true
		if magic[0] != 'P' || magic[1] != 'K' {
			return false, errZIP
		}
		return false, nil // the directory
	}
	if a.file, err = readZIPHeader(a.raw); err != nil {
		return false, fmt.Errorf("ZIP: it ends before its directory: %w", err)
	}
	a.sum, a.size = 0, 0
	return true, a.lost(a.open())
}

func (a *archive) open() error {
	f := &a.file
	switch {
	case f.flags&encryptedFlag != 0:
		return errors.New("it is encrypted: unpack it first")
	case f.method == zipDeflated:
		a.member = flate.NewReader(a.raw)
	case f.method == 0 && !f.sizesFollow:
		a.member = io.LimitReader(a.raw, int64(min(f.size, math.MaxInt64)))
	case f.method == 0 && strings.HasSuffix(f.name, "/"):
		a.member = io.LimitReader(a.raw, 0)
	case f.method == 0:
		return errors.New("it is stored without compression, and its length stands behind it alone: pack it again, into a file and not into a pipe")
	default:
		return fmt.Errorf("it is packed by method %d, which is not read: unpack it first", f.method)
	}
	return nil
}

// readZIPHeader reads the header in front of a file.
func readZIPHeader(from *bufio.Reader) (f zipFile, err error) {
	var b [30]byte
	if _, err := io.ReadFull(from, b[:]); err != nil {
		return f, cut(err)
	}
	le := binary.LittleEndian
	f.flags, f.method, f.sum = le.Uint16(b[6:]), le.Uint16(b[8:]), le.Uint32(b[14:])
	f.size = uint64(le.Uint32(b[22:]))
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
		if id == 1 && size >= 8 && f.size == 1<<32-1 { // of files of 4 GiB and more
			f.size = le.Uint64(extra[4:])
		}
		extra = extra[4+size:]
	}
	return f, nil
}

// end goes behind the file.
func (a *archive) end() error {
	f := &a.file
	switch {
	case f.sizesFollow && (f.method == zipDeflated || a.size > 0):
		return a.descriptor()
	case f.method == 0 && a.size < f.size:
		return io.ErrUnexpectedEOF
	}
	return nil
}

// check holds the file against what its header, or what follows it, says of it.
func (a *archive) check() error {
	f := &a.file
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
