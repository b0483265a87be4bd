package replay

import (
	"bytes"
	"io"
	"strings"

	"weir/replay/compression"
	"weir/replay/parquet"
)

// content reads a file's text, decompressed by what it holds, and says what the file is where that is not text. Its buffers serve one file after another.
type content struct {
	compression.Reader
	parquet bool // the file's text is a Parquet file
}

// unreadable are kinds of file that are told by how they start, and not read, each with what to do instead. None of them is how a JSON object starts.
var unreadable = [...]struct{ magic, name, remedy string }{
	{"Obj\x01", "Avro", "write it as NDJSON or Parquet, as avro-tools tojson does"},
	{"ORC", "ORC", "write it as Parquet, as CREATE TABLE … AS SELECT does in Athena, with format = 'PARQUET'"},
	{parquet.EncryptedMagic, "encrypted Parquet", "write it again without encryption"},
	{"\xff\xfe", "UTF-16", "write it as UTF-8, as iconv -f UTF-16 -t UTF-8 does"},
	{"\xfe\xff", "UTF-16", "write it as UTF-8, as iconv -f UTF-16 -t UTF-8 does"},
	{"7z\xbc\xaf\x27\x1c", "7z", "unpack it first"},
	{"\xfd7zXZ\x00", "xz", "unpack it first"},
	{"SQLite format 3\x00", "a database of SQLite", "write its table as CSV"},
}

// encodingError says that a file is of a kind that replay does not read, and what to do.
type encodingError struct{ name, remedy string }

func (e *encodingError) Error() string { return "it is " + e.name + ": " + e.remedy }

// reset turns to the next file. An archive has no text before nextMember.
func (c *content) reset(file io.Reader) error {
	c.parquet = false
	if err := c.Reset(file); err != nil || c.IsArchive() {
		return err
	}
	return c.look()
}

// nextMember turns to the next file of an archive; see [compression.Reader.Next].
func (c *content) nextMember() (more bool, err error) {
	c.parquet = false
	more, err = c.Next()
	if more && err == nil {
		err = c.look()
	}
	return more, err
}

// look finds out whether the text is none.
func (c *content) look() error {
	const longest = 16
	start, _ := c.Peek(longest) // what it fails with comes again when it is read
	for _, kind := range unreadable {
		if bytes.HasPrefix(start, []byte(kind.magic)) {
			return &encodingError{kind.name, kind.remedy}
		}
	}
	c.parquet = bytes.HasPrefix(start, []byte(parquet.Magic))
	return nil
}

// compressedBy is how the file is compressed, in words; empty where it is not.
func (c *content) compressedBy() string { return strings.Join(c.Names(), " in ") }
