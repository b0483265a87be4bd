// Package compression reads what compressed files hold. How a file is compressed is told by its first bytes, never by its name: Firehose calls two forms of
// snappy alike, and its extension can be chosen.
package compression

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// The names of what is read.
const (
	Gzip         = "gzip"
	Zstd         = "zstd"
	Bzip2        = "bzip2"
	LZ4          = "lz4"
	FramedSnappy = "snappy (framed)"
	HadoopSnappy = "snappy (Hadoop's)"
	RawSnappy    = "snappy (raw)"
	ZIP          = "ZIP"
	EventStream  = "event stream"
)

const (
	// maxDepth is how often a file may be compressed: Firehose compresses what CloudWatch Logs has compressed, and somebody may have done it again.
	maxDepth = 4
	// longestMagic is how many bytes tell most forms, and binaryLook how many tell those without a magic number.
	longestMagic = 10
	binaryLook   = 16 << 10
	// maxWindow is the largest window of a zstd file that is held: that of zstd --long, which its own command takes unasked. Each stage holds one for itself, so that a
	// file that is compressed by zstd over and over holds several.
	maxWindow = 128 << 20
)

// ErrTooDeep says that a file is compressed more often than is read.
var ErrTooDeep = errors.New("it is compressed over and over: unpack it first")

// Reader reads a file's text. Several members, frames or streams one behind another are one text; an archive has a text for each of its files, to which Next goes. Its
// buffers serve one file after another; the zero value is ready for Reset.
type Reader struct {
	stages   [maxDepth + 1]stage
	from     io.Reader // the innermost
	names    []string
	archives []*archive // that the text is in, the outermost first
}

// stage is one decompression, or, innermost, none.
type stage struct {
	raw     *bufio.Reader
	gzip    *gzip.Reader
	zstd    *zstd.Decoder
	lz4     *lz4.Reader
	snappy  *s2.Reader
	failure error // of the first look, once what it saw has been read
}

// Reset turns to the next file. An archive has no text before Next.
func (r *Reader) Reset(file io.Reader) error {
	r.names, r.archives = r.names[:0], r.archives[:0]
	return r.descend(file, 0)
}

// descend finds the text in a file that stands so deep in others.
func (r *Reader) descend(file io.Reader, depth int) error {
	for ; depth <= maxDepth; depth++ {
		s := &r.stages[depth]
		r.from = s
		name, err := s.look(file, depth == 0)
		switch {
		case err != nil:
			return err
		case name == "":
			return nil
		case depth == maxDepth:
			return ErrTooDeep
		}
		r.names = append(r.names, name)
		if name == ZIP {
			r.archives = append(r.archives, &archive{raw: s.raw, depth: depth})
			return nil
		}
		if file, err = s.decompress(name); err != nil {
			return err
		}
	}
	return ErrTooDeep
}

// IsArchive says that the file is an archive, or that there is one in it.
func (r *Reader) IsArchive() bool { return len(r.archives) > 0 }

// Next goes to the text of the archive's next file, whatever was read of the one before it; where there is none, more is false. An error while there is more is that
// file's own, else the archive's, behind which nothing is reached.
func (r *Reader) Next() (more bool, err error) {
	for len(r.archives) > 0 {
		depth := len(r.archives)
		inner := r.archives[depth-1]
		found, err := inner.next()
		switch {
		case found && err == nil:
			r.names = r.names[:inner.depth+1]
			if err := r.descend(inner, inner.depth+1); err != nil || len(r.archives) == depth {
				return true, err
			}
		case found:
			return true, err
		default:
			r.archives = r.archives[:depth-1]
			if err != nil {
				return depth > 1, err
			}
		}
	}
	return false, nil
}

// Member is the name of the archive's file whose text is read, behind the names of the archives that it is in; it is empty where there is no archive.
func (r *Reader) Member() string {
	var names []string
	for _, a := range r.archives {
		names = append(names, a.file.name)
	}
	return strings.Join(names, "!")
}

// Names are how the file is compressed, the outermost form first; there is none where it is plain. They hold until the next Reset.
func (r *Reader) Names() []string { return r.names }

// Peek is how the text starts, without reading on. What it fails with comes again when all that it saw was read.
func (r *Reader) Peek(n int) ([]byte, error) { return r.from.(*stage).peek(n) }

func (r *Reader) Read(p []byte) (int, error) { return r.from.Read(p) }

// look begins a stage, and says by what its text is compressed.
func (s *stage) look(file io.Reader, outermost bool) (name string, err error) {
	size := binaryLook // a larger read goes past the buffer
	if outermost {
		size = 64 << 10
	}
	if s.raw == nil {
		s.raw = bufio.NewReaderSize(file, size)
	} else {
		s.raw.Reset(file)
	}
	s.failure = nil
	start, _ := s.peek(longestMagic)
	if name := byMagic(start); name != "" {
		return name, nil
	}
	if isText(start) || bytes.HasPrefix(start, []byte(kplMagic)) {
		return "", nil
	}
	start, err = s.peek(binaryLook)
	return withoutMagic(start, err == io.EOF), nil
}

// peek is how the text starts. A failure is kept: asked once more, a decoder may give what it has refused, or say that the file has ended.
func (s *stage) peek(n int) ([]byte, error) {
	if s.failure != nil && n > s.raw.Buffered() {
		start, _ := s.raw.Peek(s.raw.Buffered())
		return start, s.failure
	}
	start, err := s.raw.Peek(n)
	if err != nil && err != bufio.ErrBufferFull {
		s.failure = err
	}
	return start, err
}

// Read reads what is not compressed. What a look failed with comes when all that it saw was read.
func (s *stage) Read(p []byte) (int, error) {
	if s.failure != nil && s.raw.Buffered() == 0 {
		return 0, s.failure
	}
	return s.raw.Read(p)
}

// byMagic is the form that begins with these bytes, empty for none. No JSON and no text begins so.
func byMagic(start []byte) string {
	for _, form := range [...]struct{ magic, name string }{
		{"\x1f\x8b", Gzip},
		{"\x28\xb5\x2f\xfd", Zstd},
		{"\x04\x22\x4d\x18", LZ4},
		{"\x02\x21\x4c\x18", LZ4}, // of before there were frames
		{"\xff\x06\x00\x00sNaPpY", FramedSnappy},
		{"PK\x03\x04", ZIP},
		{"PK\x05\x06", ZIP}, // an empty one
	} {
		if bytes.HasPrefix(start, []byte(form.magic)) {
			return form.name
		}
	}
	switch {
	case len(start) >= 4 && start[0]&0xf0 == 0x50 && string(start[1:4]) == "\x2a\x4d\x18":
		return Zstd // a frame that holds no text (RFC 8878, section 3.1.2), as pzstd writes
	case len(start) >= 10 && string(start[:3]) == "BZh" && '1' <= start[3] && start[3] <= '9' &&
		(string(start[4:10]) == "1AY&SY" || string(start[4:10]) == "\x17\x72\x45\x38\x50\x90"):
		return Bzip2
	}
	return ""
}

// isText says that a file begins as text does.
func isText(start []byte) bool {
	for len(start) > 0 {
		r, size := utf8.DecodeRune(start)
		if r == utf8.RuneError && size == 1 && len(start) >= utf8.UTFMax || r < ' ' && !isTextByte(start[0]) {
			return false
		}
		start = start[size:]
	}
	return true
}

// decompress begins to read what the stage's file holds.
func (s *stage) decompress(name string) (io.Reader, error) {
	switch name {
	case Gzip:
		return s.startGzip()
	case Zstd:
		return s.startZstd()
	case Bzip2:
		return bzip2.NewReader(s.raw), nil
	case LZ4:
		if s.lz4 == nil {
			s.lz4 = lz4.NewReader(s.raw)
		}
		s.lz4.Reset(s.raw)
		return &frames{raw: s.raw, lz4: s.lz4}, nil
	case FramedSnappy:
		if s.snappy == nil {
			s.snappy = s2.NewReader(s.raw)
		}
		s.snappy.Reset(s.raw)
		return s.snappy, nil
	case HadoopSnappy:
		return &hadoopSnappy{from: s.raw}, nil
	case EventStream:
		return &events{raw: s.raw}, nil
	}
	return newRawSnappy(s.raw)
}

func (s *stage) startGzip() (io.Reader, error) {
	var err error
	if s.gzip == nil {
		s.gzip, err = gzip.NewReader(s.raw)
	} else {
		err = s.gzip.Reset(s.raw)
	}
	if err == nil {
		s.gzip.Multistream(false)
	}
	return &members{raw: s.raw, gzip: s.gzip}, err
}

// startZstd has one thread decode, the reader's own: with that, a decoder owns no goroutine, and need not be closed.
func (s *stage) startZstd() (io.Reader, error) {
	var err error
	if s.zstd == nil {
		s.zstd, err = zstd.NewReader(s.raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	} else {
		err = s.zstd.Reset(s.raw)
	}
	return s.zstd, err
}

// frames are those of lz4, one behind another.
type frames struct {
	raw *bufio.Reader
	lz4 *lz4.Reader
}

func (f *frames) Read(p []byte) (int, error) {
	for {
		n, err := f.lz4.Read(p)
		if err != io.EOF || n > 0 {
			return n, broken(err)
		}
		if _, err := f.raw.Peek(1); err != nil {
			return 0, err // the end, too
		}
		f.lz4.Reset(f.raw)
	}
}

// broken gives an error of the library its sentence.
func broken(err error) error {
	if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
		return err
	}
	return fmt.Errorf("lz4: %w", err)
}
