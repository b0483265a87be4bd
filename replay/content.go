package replay

import (
	"bufio"
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// content reads a file's text, decompressed where the file is gzip, of one member or several (RFC 1952, section 2.2), or zstd, of one
// frame or several (RFC 8878, section 3). Its buffers serve one file after another.
type content struct {
	raw     *bufio.Reader
	from    io.Reader // raw, or what decompresses it
	gzip    *gzip.Reader
	zstd    *zstd.Decoder
	failure error // of the first look at the file, once what it saw has been read
}

// encodings are told by the bytes that files of them start with, none of which can start a JSON object.
var encodings = [...]struct{ magic, name string }{
	{"\xff\x06\x00\x00sNaPpY", "snappy"},
	{"\x04\x22\x4d\x18", "lz4"},
	{"PK\x03\x04", "zip"},
	{"BZh", "bzip2"},
	{"PAR1", "Parquet"},
	{"Obj\x01", "Avro"},
}

const (
	gzipMagic    = "\x1f\x8b"
	zstdMagic    = "\x28\xb5\x2f\xfd"
	longestMagic = 10
	// maxWindow is the largest window of a zstd file that is held: that of zstd --long, which its own command takes unasked.
	maxWindow = 128 << 20
)

// encodingError says that a file is of a kind that replay does not read.
type encodingError struct{ name string }

func (e *encodingError) Error() string { return "it is " + e.name }

// reset turns to the next file.
func (c *content) reset(file io.Reader) error {
	if c.raw == nil {
		c.raw = bufio.NewReaderSize(file, 64<<10)
	} else {
		c.raw.Reset(file)
	}
	start, err := c.raw.Peek(longestMagic)
	c.failure = err
	for _, e := range encodings {
		if bytes.HasPrefix(start, []byte(e.magic)) {
			return &encodingError{name: e.name}
		}
	}
	switch {
	case bytes.HasPrefix(start, []byte(gzipMagic)):
		return c.resetGzip()
	case bytes.HasPrefix(start, []byte(zstdMagic)), startsWithSkippableFrame(start):
		return c.resetZstd()
	}
	c.from = c.raw
	return nil
}

// startsWithSkippableFrame says that a file of zstd frames starts with one that holds no text (RFC 8878, section 3.1.2), as pzstd writes.
func startsWithSkippableFrame(start []byte) bool {
	return len(start) >= 4 && start[0]&0xf0 == 0x50 && string(start[1:4]) == "\x2a\x4d\x18"
}

func (c *content) resetGzip() (err error) {
	if c.gzip == nil {
		c.gzip, err = gzip.NewReader(c.raw)
	} else {
		err = c.gzip.Reset(c.raw)
	}
	c.from = c.gzip
	return err
}

// resetZstd has one thread decode, the reader's own: with that, a decoder owns no goroutine, and need not be closed.
func (c *content) resetZstd() (err error) {
	if c.zstd == nil {
		c.zstd, err = zstd.NewReader(c.raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	} else {
		err = c.zstd.Reset(c.raw)
	}
	c.from = c.zstd
	return err
}

func (c *content) Read(p []byte) (int, error) {
	if c.from == io.Reader(c.raw) && c.failure != nil && c.raw.Buffered() == 0 {
		return 0, c.failure
	}
	return c.from.Read(p)
}
