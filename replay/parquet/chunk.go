package parquet

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	// maxChunk is the most that a column of a row group may have, compressed, and maxPage a page, when it is not.
	maxChunk = 1 << 30
	maxPage  = 512 << 20
	// maxPageValues is how many values a page may have: a hundred times what writers put into one, for a run of nulls takes no room.
	maxPageValues = 1 << 26
	// maxGroup is the most that the columns of a row group may have together, decompressed.
	maxGroup = 4 << 30
	// footerSlack is by how much a column's pages may be more than twice the size in the footer, or more than usualRatio times their compressed size: a writer
	// may leave headers or a dictionary out of its footer, or have a wrong size there.
	footerSlack = 1 << 20
	usualRatio  = 64
	// maxHollow is how many bytes a data page without a value may have: the lengths of its levels, and the head of an encoding.
	maxHollow = 64
)

// errPage says that a page is not as its header has it.
var errPage = errors.New("it is corrupt: a page is not as its header says")

// unpacked is a file as the library is given it: the columns of one row group at a time, decompressed here, each at a place of its own beyond the end of every
// real file, and a footer that says so, behind them.
//
// The library decompresses by itself, too. But where it has to take more memory for a page than the page has, of an exact size, it goes on with the memory
// that it had (version 0.32.0, Column.decompress); and it takes as much of it as a damaged header asks for.
type unpacked struct {
	start   []byte // the magic number
	columns [][]byte
	footer  []byte
}

const (
	// columnRoom is how much room a column has, and columnsAt where the first is.
	columnRoom = 1 << 40
	columnsAt  = 1 << 41
	footerAt   = 1 << 61
)

func (u *unpacked) size() int64 { return footerAt + int64(len(u.footer)) }

func (u *unpacked) ReadAt(p []byte, at int64) (int, error) {
	from := u.start
	switch {
	case at >= footerAt:
		from, at = u.footer, at-footerAt
	case at >= columnsAt:
		i := (at - columnsAt) / columnRoom
		if i >= int64(len(u.columns)) {
			return 0, io.EOF
		}
		from, at = u.columns[i], (at-columnsAt)%columnRoom
	}
	if at >= int64(len(from)) {
		return 0, io.EOF
	}
	n := copy(p, from[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// place is where a column of a row group stands in the file, and how it is compressed.
type place struct {
	start, size int64
	unpacked    int64 // bytes of its pages, decompressed, as the footer has it
	values      int64
	codec       format.CompressionCodec
	node        *node
}

// rearrange notes where the columns are that are read, and makes the metadata say where they will be.
func (r *Rows) rearrange(m *format.FileMetaData) ([]byte, error) {
	r.places = make([][]place, len(m.RowGroups))
	for g := range m.RowGroups {
		for i := range m.RowGroups[g].Columns {
			c := &m.RowGroups[g].Columns[i].MetaData
			p := place{start: c.DataPageOffset, size: c.TotalCompressedSize, unpacked: c.TotalUncompressedSize, values: c.NumValues, codec: c.Codec}
			if c.DictionaryPageOffset > 0 && c.DictionaryPageOffset < p.start {
				p.start = c.DictionaryPageOffset
			}
			r.places[g] = append(r.places[g], p)
			at := columnsAt + int64(i)*columnRoom
			c.DataPageOffset, c.DictionaryPageOffset, c.IndexPageOffset, c.TotalCompressedSize, c.Codec = at, 0, 0, columnRoom, format.Uncompressed
			c.BloomFilterOffset, c.BloomFilterLength = 0, 0
		}
	}
	return thrift.Marshal(new(thrift.CompactProtocol), m)
}

// load reads and decompresses the columns of a row group.
func (r *Rows) load(group int) error {
	room := r.room
	for _, c := range r.columns {
		p := &r.places[group][c.index]
		p.node = c.node
		column, err := r.read(p)
		if err != nil {
			return fmt.Errorf("column %s: %w", c.node.path, err)
		}
		most := min(room, p.most())
		if r.unpacked.columns[c.index], err = r.unpackColumn(r.unpacked.columns[c.index][:0], column, p, most); err != nil {
			return fmt.Errorf("column %s: %w", c.node.path, err)
		}
		room -= int64(len(r.unpacked.columns[c.index]))
	}
	return nil
}

// read is a column as it stands in the file, in memory that the next one takes over.
func (r *Rows) read(p *place) ([]byte, error) {
	if p.start < int64(len(Magic)) || p.size < 0 || p.size > maxChunk || p.size > r.size-p.start || p.values < 0 {
		return nil, errPage
	}
	if int64(cap(r.packed)) < p.size {
		r.packed = make([]byte, p.size)
	}
	column := r.packed[:p.size]
	n, err := r.from.ReadAt(column, p.start)
	switch {
	case n == len(column):
		return column, nil
	case err == nil || err == io.EOF:
		return nil, fmt.Errorf("%w: the file ends in it", errPage)
	}
	return nil, err
}

// most is how many bytes the pages may have, decompressed.
func (p *place) most() int64 {
	return max(2*min(p.unpacked, maxGroup), usualRatio*p.size) + footerSlack
}

// pageHeader is what of a page's header matters.
type pageHeader struct {
	kind, unpacked, packed, values     int64
	definitionLevels, repetitionLevels int64 // bytes of a page of the second version, which are not compressed
	compressed, summed                 bool
	sum                                uint32
}

// The fields of a page's header, and of the headers in it (parquet.thrift, PageHeader).
const (
	kindField       = 1
	unpackedField   = 2
	packedField     = 3
	sumField        = 4
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
	case sumField:
		h.sum, h.summed = uint32(n), true
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

// levels is how many bytes of the page are in front of what is compressed.
func (h *pageHeader) levels() int64 { return h.definitionLevels + h.repetitionLevels }

// possible says that the header's numbers can be, with so many bytes left.
func (h *pageHeader) possible(left int) bool {
	return h.unpacked >= 0 && h.unpacked <= maxPage && h.packed >= 0 && h.packed <= int64(left) && h.values >= 0 && h.values <= maxPageValues &&
		h.definitionLevels >= 0 && h.repetitionLevels >= 0 && h.levels() <= h.packed && h.levels() <= h.unpacked
}

// hollow says that a page has no value that a row could need.
func (h *pageHeader) hollow() bool {
	switch format.PageType(h.kind) {
	case format.DataPage, format.DataPageV2:
		return h.values == 0
	case format.IndexPage:
		return true
	}
	return false
}

// unpackColumn appends a column's pages, decompressed, and no more than so many bytes of them.
func (r *Rows) unpackColumn(to, column []byte, p *place, most int64) ([]byte, error) {
	c := compact{data: column}
	for values := int64(0); values < p.values && c.at < len(column); {
		start := c.at
		h := pageHeader{compressed: true}
		if err := c.structure(0, 0, h.set); err != nil {
			return nil, err
		}
		head := column[start:c.at]
		if !h.possible(len(column) - c.at) {
			return nil, errPage
		}
		page := column[c.at : c.at+int(h.packed)]
		c.at += int(h.packed)
		if h.kind != int64(format.DictionaryPage) {
			values += h.values
		}
		if err := h.check(page, most-int64(len(to))); err != nil {
			return nil, err
		}
		if h.hollow() {
			continue
		}
		var err error
		if to, err = r.unpackPage(to, head, page, &h, p); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// check says what is wrong with a page, with room for so many bytes.
func (h *pageHeader) check(page []byte, room int64) error {
	switch {
	case h.summed && crc32.ChecksumIEEE(page) != h.sum:
		return fmt.Errorf("%w: its checksum is another", errPage)
	case h.unpacked > room:
		return fmt.Errorf("%w: it would be decompressed to more than the footer has, or than a row group may have, 4 GiB", errPage)
	case h.hollow() && h.kind != int64(format.IndexPage) && h.unpacked > maxHollow:
		return fmt.Errorf("%w: it has bytes and no value", errPage)
	}
	return nil
}

// unpackPage appends a page with a header that says that it is not compressed.
func (r *Rows) unpackPage(to, head, page []byte, h *pageHeader, p *place) ([]byte, error) {
	var header format.PageHeader
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), head, &header); err != nil {
		return nil, err
	}
	if p.codec == format.Uncompressed || !h.compressed {
		if h.packed != h.unpacked {
			return nil, errPage
		}
	} else {
		var err error
		if r.page, err = r.codecs.append(append(r.page[:0], page[:h.levels()]...), page[h.levels():], int(h.unpacked-h.levels()), p.codec); err != nil {
			return nil, err
		}
		page = r.page
	}
	if !runsFit(page, &header, p.node) {
		return nil, errPage
	}
	page = page[:plainEnd(page, &header, p.node)]
	header.UncompressedPageSize, header.CompressedPageSize, header.CRC = int32(len(page)), int32(len(page)), 0
	if header.DataPageHeaderV2.Valid {
		header.DataPageHeaderV2.V.IsCompressed = thrift.New(false)
	}
	head, err := thrift.Marshal(new(thrift.CompactProtocol), &header)
	if err != nil {
		return nil, err
	}
	return append(append(to, head...), page...), nil
}
