package replay

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"weir/replay/compression"
	"weir/replay/parquet"
)

// content reads a file's text, decompressed by what it holds, and says what the file is where that is not text. Its buffers serve one file after another.
type content struct {
	compression.Reader
	parquet bool // the file's text is a Parquet file
}

// kind is a kind of file that is told by how it starts. A magic number of letters counts only in front of bytes that no text has, for a header may begin so, too.
type kind struct {
	magic, name, remedy string
	letters             bool
}

// unreadable are kinds of file that are not read, each with what to do instead. None of them is how a JSON object starts.
var unreadable = [...]kind{
	{"Obj\x01", "Avro", "write it as NDJSON or Parquet, as avro-tools tojson does", false},
	{"ORC", "ORC", "write it as Parquet, as CREATE TABLE … AS SELECT does in Athena, with format = 'PARQUET'", true},
	{parquet.EncryptedMagic, "encrypted Parquet", "write it again without encryption", true},
	{"\xff\xfe", "UTF-16", "write it as UTF-8, as iconv -f UTF-16 -t UTF-8 does", false},
	{"\xfe\xff", "UTF-16", "write it as UTF-8, as iconv -f UTF-16 -t UTF-8 does", false},
	{"7z\xbc\xaf\x27\x1c", "7z", "unpack it first", false},
	{"\xfd7zXZ\x00", "xz", "unpack it first", false},
	{"SQLite format 3\x00", "a database of SQLite", "write its table as CSV", false},
	{"ARROW1\x00\x00", "Arrow, which Feather is, too", asParquet, false},
	{"\xff\xff\xff\xff", "a stream of Arrow's", asParquet, false},
	{"FEA1", "Feather", asParquet, true},
	{"\x82SNAPPY\x00", "snappy in the frames of xerial's library", "unpack it first, as SnappyInputStream of snappy-java does", false},
}

const asParquet = "write it as Parquet, as pyarrow.parquet.write_table does"

var columnar = kind{magic: parquet.Magic, letters: true}

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
	const longest = 64
	start, _ := c.Peek(longest) // what it fails with comes again when it is read
	for i := range unreadable {
		if k := &unreadable[i]; c.isOf(k, start) {
			return &encodingError{k.name, k.remedy}
		}
	}
	if c.parquet = c.isOf(&columnar, start); c.parquet || beginsAsText(start) {
		return nil
	}
	start, _ = c.Peek(packedLook)
	if k := packedAs(start); k != nil {
		return &encodingError{k.name, k.remedy}
	}
	return nil
}

// isOf says that a file that starts so is of a kind.
func (c *content) isOf(k *kind, start []byte) bool {
	if !bytes.HasPrefix(start, []byte(k.magic)) {
		return false
	}
	if !k.letters {
		return true
	}
	const enough = 64 // no file of these kinds has as many bytes that are all of text
	start, _ = c.Peek(enough)
	return bytes.ContainsFunc(start, isNoText)
}

// compressedBy is how the file is compressed, in words, the innermost form first; empty where it is not.
func (c *content) compressedBy() string {
	inwards := slices.Clone(c.Names())
	slices.Reverse(inwards)
	return strings.Join(inwards, " in ")
}
