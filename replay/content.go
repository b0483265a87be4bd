package replay

import (
	"bufio"
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
)

// content reads a file's text, decompressed where the file is gzip, of one member or several (RFC 1952, section 2.2). Its
// buffers serve one file after another.
type content struct {
	raw     *bufio.Reader
	zip     *gzip.Reader
	zipped  bool
	failure error // of the first look at the file, once what it saw has been read
}

// encodings are told by the bytes that files of them start with, none of which can start a JSON object.
var encodings = [...]struct{ magic, name string }{
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\xff\x06\x00\x00sNaPpY", "snappy"},
	{"\x04\x22\x4d\x18", "lz4"},
	{"PK\x03\x04", "zip"},
	{"BZh", "bzip2"},
	{"PAR1", "Parquet"},
	{"Obj\x01", "Avro"},
}

const (
	gzipMagic    = "\x1f\x8b"
	longestMagic = 10
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
	c.zipped = bytes.HasPrefix(start, []byte(gzipMagic))
	if !c.zipped {
		return nil
	}
	if c.zip == nil {
		c.zip, err = gzip.NewReader(c.raw)
		return err
	}
	return c.zip.Reset(c.raw)
}

func (c *content) Read(p []byte) (int, error) {
	switch {
	case c.zipped:
		return c.zip.Read(p)
	case c.failure != nil && c.raw.Buffered() == 0:
		return 0, c.failure
	}
	return c.raw.Read(p)
}
