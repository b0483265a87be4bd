package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

const (
	// maxChunk is the most that a column of a row group may have, compressed, and maxPage a page, when it is not.
	maxChunk = 1 << 30
	maxPage  = 512 << 20
	// maxPageValues is how many values a page may have: a hundred times what writers put into one, for a run of nulls takes no room.
	maxPageValues = 1 << 26
)

// errPage says that a page is not as its header has it.
var errPage = errors.New("it is corrupt: a page is not as its header says")

// held is a file of which some stretches are in memory: the columns of the row group that is being read.
type held struct {
	io.ReaderAt
	stretches []stretch
}

type stretch struct {
	start int64
	bytes []byte
}

func (h *held) ReadAt(p []byte, at int64) (int, error) {
	for i := range h.stretches {
		s := &h.stretches[i]
		if from := at - s.start; from >= 0 && from < int64(len(s.bytes)) {
			n := copy(p, s.bytes[from:])
			if n < len(p) {
				return n, io.EOF // a column is never read beyond its end
			}
			return n, nil
		}
	}
	return h.ReaderAt.ReadAt(p, at)
}

// load reads the columns of a row group, and sees to it that their pages are as their headers say.
func (r *Rows) load(group *format.RowGroup) error {
	if len(r.held.stretches) < len(r.columns) {
		r.held.stretches = make([]stretch, len(r.columns))
	}
	for i, c := range r.columns {
		m := &group.Columns[c.index].MetaData
		start := m.DataPageOffset
		if m.DictionaryPageOffset > 0 && m.DictionaryPageOffset < start {
			start = m.DictionaryPageOffset
		}
		size := m.TotalCompressedSize
		if start < int64(len(Magic)) || size < 0 || size > maxChunk || start+size > r.size || m.NumValues < 0 {
			return fmt.Errorf("column %s: %w", c.node.path, errPage)
		}
		s := &r.held.stretches[i]
		if int64(cap(s.bytes)) < size {
			s.bytes = make([]byte, size)
		}
		s.start, s.bytes = start, s.bytes[:size]
		if _, err := r.held.ReaderAt.ReadAt(s.bytes, start); err != nil && err != io.EOF {
			return fmt.Errorf("column %s: %w", c.node.path, err)
		}
		if err := r.checkPages(s.bytes, m); err != nil {
			return fmt.Errorf("column %s: %w", c.node.path, err)
		}
	}
	return nil
}

// pageHeader is what of a page's header matters.
type pageHeader struct {
	kind, unpacked, packed, values     int64
	definitionLevels, repetitionLevels int64 // bytes of a page of the second version, which are not compressed
	compressed                         bool
}

// The fields of a page's header, and of the headers in it (parquet.thrift, PageHeader).
const (
	kindField       = 1
	unpackedField   = 2
	packedField     = 3
	valuesV1Field   = 5<<8 | 1
	valuesDictField = 7<<8 | 1
	valuesV2Field   = 8<<8 | 1
	definitionField = 8<<8 | 5
	repetitionField = 8<<8 | 6
	compressedField = 8<<8 | 7
)

func (h *pageHeader) set(path uint64, n int64) {
	switch path {
	case kindField:
		h.kind = n
	case unpackedField:
		h.unpacked = n
	case packedField:
		h.packed = n
	case valuesV1Field, valuesDictField, valuesV2Field:
		h.values = n
	case definitionField:
		h.definitionLevels = n
	case repetitionField:
		h.repetitionLevels = n
	case compressedField:
		h.compressed = n != 0
	}
}

// checkPages goes through a column's pages.
func (r *Rows) checkPages(column []byte, m *format.ColumnMetaData) error {
	c := compact{data: column}
	for values := int64(0); values < m.NumValues && c.at < len(column); {
		h := pageHeader{compressed: true}
		if err := c.structure(0, 0, h.set); err != nil {
			return err
		}
		if h.unpacked < 0 || h.unpacked > maxPage || h.packed < 0 || h.packed > int64(len(column)-c.at) || h.values < 0 || h.values > maxPageValues {
			return errPage
		}
		page := column[c.at : c.at+int(h.packed)]
		c.at += int(h.packed)
		if h.kind != int64(format.DictionaryPage) {
			values += h.values
		}
		levels := h.definitionLevels + h.repetitionLevels
		if h.definitionLevels < 0 || h.repetitionLevels < 0 || levels > h.packed || levels > h.unpacked {
			return errPage
		}
		if !h.compressed {
			continue
		}
		if err := r.checkCompressed(m.Codec, page[levels:], int(h.unpacked-levels)); err != nil {
			return err
		}
	}
	return nil
}

// checkCompressed sees to it that what a page holds is as long as its header says, where the library would take as much memory as it is told.
func (r *Rows) checkCompressed(codec format.CompressionCodec, page []byte, length int) error {
	if len(page) == 0 {
		return nil
	}
	switch codec {
	case format.Snappy:
		if n, err := s2.DecodedLen(page); err != nil || n > length {
			return errPage
		}
	case format.Lz4Raw:
		if cap(r.unpacked) < length+1 {
			r.unpacked = make([]byte, length+1)
		}
		if _, err := lz4.UncompressBlock(page, r.unpacked[:length+1]); err != nil {
			return errPage
		}
	}
	return nil
}

// checkFooter walks through the file's metadata.
func checkFooter(file io.ReaderAt, size int64) error {
	const tail = 8 // the footer's length, and the magic number
	var last [tail]byte
	if _, err := file.ReadAt(last[:], size-tail); err != nil && err != io.EOF {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(last[:]))
	if length > size-tail-int64(len(Magic)) {
		return ErrCut
	}
	footer := make([]byte, length)
	if _, err := file.ReadAt(footer, size-tail-length); err != nil && err != io.EOF {
		return err
	}
	return (&compact{data: footer}).structure(0, 0, func(uint64, int64) {})
}
