// Package parquet reads the rows of Parquet files as JSON objects: of a row group at a time, and of the columns those that are asked for. The pages are
// decompressed here, and decoded by github.com/parquet-go/parquet-go; how columns become rows is Dremel's record assembly (Melnik et al.: "Dremel: Interactive
// Analysis of Web-Scale Datasets", VLDB 2010, appendix B).
package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Magic is what a file starts with, and EncryptedMagic what one starts with whose footer is encrypted.
const (
	Magic          = "PAR1"
	EncryptedMagic = "PARE"
)

var (
	// ErrCut says that a file has lost its end, where Parquet has its schema and where its columns are.
	ErrCut = errors.New("it is cut: Parquet has its schema at its end, and there is none")
	// ErrEncrypted says that a file, or a column of it, is encrypted.
	ErrEncrypted = errors.New("it is encrypted: write it again without encryption, or leave the column out with --columns")
	errLevels    = errors.New("it is corrupt: its columns do not make up rows")
)

// Rows are the rows of a file.
type Rows struct {
	from     io.ReaderAt
	size     int64 // of the file
	file     *parquet.File
	root     *node
	columns  []*column // that are read
	places   [][]place // of the columns of each row group
	unpacked *unpacked
	room     int64  // bytes that the columns of a row group may have, decompressed
	packed   []byte // a column as it stands in the file
	page     []byte // one, decompressed
	codecs   codecs
	group    int   // the row group that is read next
	left     int64 // rows of this one
	row      int64 // rows given
}

// readBuffer is how much of a column is copied out of memory at a time.
const readBuffer = 16 << 10

// Options say what of a file is read, and how.
type Options struct {
	// Columns are the paths of those that are read, with all below them; none stands for all.
	Columns []string
}

// Open reads a file's footer.
func Open(file io.ReaderAt, size int64, o Options) (rows *Rows, err error) {
	defer recovered(&err)
	if err := checkEnds(file, size); err != nil {
		return nil, err
	}
	footer, err := readFooter(file, size)
	if err != nil {
		return nil, err
	}
	var metadata format.FileMetaData
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), footer, &metadata); err != nil {
		return nil, fmt.Errorf("its footer cannot be read: %w", err)
	}
	r := &Rows{from: file, size: size, room: maxGroup}
	if r.root, err = newTree(metadata.Schema); err != nil {
		return nil, err
	}
	if r.columns, err = r.root.choose(o.Columns); err != nil {
		return nil, err
	}
	if err := r.checkChunks(metadata.RowGroups); err != nil {
		return nil, err
	}
	return r, r.open(&metadata)
}

// open gives the library the file as it is to see it.
func (r *Rows) open(metadata *format.FileMetaData) error {
	footer, err := r.rearrange(metadata)
	if err != nil {
		return err
	}
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
	most := 0
	for _, places := range r.places {
		most = max(most, len(places))
	}
	r.unpacked = &unpacked{start: []byte(Magic), footer: append(footer, Magic...), columns: make([][]byte, most)}
	r.file, err = parquet.OpenFile(r.unpacked, r.unpacked.size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(readBuffer), parquet.FileReadMode(parquet.ReadModeSync))
	if err != nil {
		return fmt.Errorf("its footer cannot be read: %w", err)
	}
	return nil
}

// readFooter is the file's metadata, which were walked through.
func readFooter(file io.ReaderAt, size int64) ([]byte, error) {
	const tail = 8 // the footer's length, and the magic number
	var last [tail]byte
	if _, err := file.ReadAt(last[:], size-tail); err != nil && err != io.EOF {
		return nil, err
	}
	length := int64(binary.LittleEndian.Uint32(last[:]))
	if length > size-tail-int64(len(Magic)) {
		return nil, ErrCut
	}
	footer := make([]byte, length)
	if _, err := file.ReadAt(footer, size-tail-length); err != nil && err != io.EOF {
		return nil, err
	}
	c := compact{data: footer}
	if err := c.structure(0, 0, func(uint64, int64) {}); err != nil {
		return nil, err
	}
	return footer[:c.at], nil
}

// checkEnds looks at the magic numbers, so that what is no whole file has a sentence of its own.
func checkEnds(file io.ReaderAt, size int64) error {
	const ends = int64(len(Magic))
	var last [4]byte
	if size < 2*ends+4 {
		return ErrCut
	}
	if _, err := file.ReadAt(last[:], size-ends); err != nil && err != io.EOF {
		return err
	}
	switch string(last[:]) {
	case Magic:
		return nil
	case EncryptedMagic:
		return ErrEncrypted
	}
	return ErrCut
}

// checkChunks sees to it that every column that is read is there, compressed in a way that is known, and not encrypted.
func (r *Rows) checkChunks(groups []format.RowGroup) error {
	for g := range groups {
		for _, c := range r.columns {
			if c.index >= len(groups[g].Columns) {
				return fmt.Errorf("column %s: %w", c.node.path, errLevels)
			}
			chunk := &groups[g].Columns[c.index]
			switch {
			case len(chunk.EncryptedColumnMetadata) > 0 || chunk.CryptoMetadata.Value != nil:
				return fmt.Errorf("column %s: %w", c.node.path, ErrEncrypted)
			case chunk.FilePath != "":
				return fmt.Errorf("column %s lies in another file", c.node.path)
			case !known(chunk.MetaData.Codec):
				return fmt.Errorf("column %s is compressed by %s, which is not read: write it with snappy or zstd", c.node.path, chunk.MetaData.Codec)
			}
		}
	}
	return nil
}

// Compression is how the first column is compressed, empty for not at all.
func (r *Rows) Compression() string {
	if len(r.places) == 0 {
		return ""
	}
	codec := r.places[0][r.columns[0].index].codec
	if codec == format.Uncompressed {
		return ""
	}
	return codec.String()
}

// Append appends rows as JSON objects, each with a line end, until there is no row left or what was appended has most bytes, and says how many they are. The
// error is io.EOF after the last; what was appended before another error is whole.
func (r *Rows) Append(to []byte, most int) (out []byte, rows int64, err error) {
	start := len(to)
	out = to
	defer func() {
		if fault := recover(); fault != nil {
			err = r.fault(fmt.Errorf("it is corrupt: %v", fault))
		}
	}()
	for len(out)-start < most {
		if r.left == 0 {
			if err := r.nextGroup(); err != nil {
				return out, rows, err
			}
			continue
		}
		whole := len(out)
		object, err := r.root.appendObject(out)
		if err != nil {
			return out[:whole], rows, r.fault(err)
		}
		out = append(object, '\n')
		r.left--
		r.row++
		rows++
	}
	return out, rows, nil
}

// fault names the column that is being read.
func (r *Rows) fault(err error) error {
	for _, c := range r.columns {
		if c.busy {
			return fmt.Errorf("row %d, column %s: %w", r.row+1, c.node.path, err)
		}
	}
	return fmt.Errorf("row %d: %w", r.row+1, err)
}

func (r *Rows) nextGroup() error {
	groups := r.file.RowGroups()
	for _, c := range r.columns {
		if err := c.ended(); err != nil {
			return r.fault(err)
		}
	}
	for r.group < len(groups) && groups[r.group].NumRows() == 0 && r.valueless(r.group) { // some writers write what they were given, and that may be nothing
		r.group++
	}
	if r.group == len(groups) {
		return io.EOF
	}
	group := groups[r.group]
	if err := r.load(r.group); err != nil {
		return fmt.Errorf("row %d, %w", r.row+1, err)
	}
	chunks := group.ColumnChunks()
	r.group++
	for _, c := range r.columns {
		c.begin(chunks[c.index])
	}
	if r.left = group.NumRows(); r.left < 0 {
		return fmt.Errorf("row %d: %w", r.row+1, errLevels)
	}
	return nil
}

// valueless says that the columns that are read have no value in a row group.
func (r *Rows) valueless(group int) bool {
	return !slices.ContainsFunc(r.columns, func(c *column) bool { return r.places[group][c.index].values != 0 })
}

// Close gives back what the columns hold.
func (r *Rows) Close() {
	for _, c := range r.columns {
		c.close()
	}
}

// recovered makes an error of what the library panics with: a corrupt file is no fault of the program.
func recovered(err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("it is corrupt: %v", fault)
	}
}
