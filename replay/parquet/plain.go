package parquet

import (
	"encoding/binary"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

// plainEnd is where the last value ends of a page of byte arrays that stand one behind another. Fastparquet writes a few bytes behind it, of which the library
// tells on standard error, page by page. It is the page's length where that cannot be told.
func plainEnd(page []byte, header *format.PageHeader, n *node) int {
	if !n.byteArrays {
		return len(page)
	}
	at, values, ok := 0, 0, false
	switch v1, v2 := &header.DataPageHeader, &header.DataPageHeaderV2; {
	case v1.Valid && v1.V.Encoding == format.Plain:
		at, values, ok = plainStart(page, int(v1.V.NumValues), n)
	case v2.Valid && v2.V.Encoding == format.Plain:
		at, values, ok = int(v2.V.RepetitionLevelsByteLength+v2.V.DefinitionLevelsByteLength), int(v2.V.NumValues-v2.V.NumNulls), true
	case header.DictionaryPageHeader.Valid:
		at, values, ok = 0, int(header.DictionaryPageHeader.V.NumValues), true
	}
	if !ok {
		return len(page)
	}
	for range values {
		if len(page)-at < 4 {
			return len(page)
		}
		length := int64(binary.LittleEndian.Uint32(page[at:]))
		if length > int64(len(page)-at-4) {
			return len(page)
		}
		at += 4 + int(length)
	}
	return at
}

// plainStart is where the values of a page of the first version start, behind its levels, and how many there are that are not null.
func plainStart(page []byte, values int, n *node) (at, there int, ok bool) {
	if n.repetition > 0 {
		if at, ok = behindLevels(page, 0); !ok {
			return 0, 0, false
		}
	}
	if n.definition == 0 {
		return at, values, true
	}
	end, ok := behindLevels(page, at)
	if !ok {
		return 0, 0, false
	}
	there, ok = countLevels(page[at+4:end], values, n.definition)
	return end, there, ok
}

// behindLevels is where levels end that start at some place, with their length.
func behindLevels(page []byte, at int) (end int, ok bool) {
	if len(page)-at < 4 {
		return 0, false
	}
	length := int64(binary.LittleEndian.Uint32(page[at:]))
	if length > int64(len(page)-at-4) {
		return 0, false
	}
	return at + 4 + int(length), true
}

// countLevels counts the levels that are of some height (Parquet's Encodings.md, "Run Length Encoding / Bit-Packing Hybrid").
func countLevels(levels []byte, values int, height byte) (n int, ok bool) {
	width := bits.Len8(height)
	for values > 0 {
		head, size := binary.Uvarint(levels)
		if size <= 0 || head>>1 == 0 {
			return 0, false
		}
		levels = levels[size:]
		if head&1 == 0 {
			if len(levels) == 0 {
				return 0, false
			}
			run := int(min(head>>1, uint64(values)))
			if levels[0] == height {
				n += run
			}
			values -= run
			levels = levels[1:]
			continue
		}
		packed := min(head>>1, uint64(len(levels))) * 8 // no group takes less than a byte
		for i := range int(min(packed, uint64(values))) {
			bit := i * width
			if bit/8 >= len(levels) {
				return 0, false
			}
			word := uint16(levels[bit/8])
			if bit/8+1 < len(levels) {
				word |= uint16(levels[bit/8+1]) << 8
			}
			if byte(word>>(bit%8))&(1<<width-1) == height {
				n++
			}
			values--
		}
		levels = levels[min(int(packed)/8*width, len(levels)):]
	}
	return n, true
}
