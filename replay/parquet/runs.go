package parquet

import (
	"encoding/binary"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

// spareValues is how many values a run may have beyond those of its page: writers fill up the last group of eight, and some the last of 504.
const spareValues = 512

// runsFit says that the runs of a data page have no more values than its header says: of its levels, of its indices into a dictionary, and of what it has delta by
// delta. The library takes a run's length at its word, so that a few bytes that are damaged are gigabytes of memory.
func runsFit(page []byte, header *format.PageHeader, n *node) bool {
	switch v1, v2 := &header.DataPageHeader, &header.DataPageHeaderV2; {
	case v1.Valid:
		at, values := 0, int(v1.V.NumValues)
		for _, highest := range []byte{n.repetition, n.definition} {
			if highest == 0 {
				continue
			}
			end, ok := behindLevels(page, at)
			if !ok || !hybridFits(page[at+4:end], bits.Len8(highest), values) {
				return false
			}
			at = end
		}
		return valuesFit(page[at:], v1.V.Encoding, values)
	case v2.Valid:
		at, values := 0, int(v2.V.NumValues)
		for _, levels := range []struct {
			highest byte
			length  int32
		}{{n.repetition, v2.V.RepetitionLevelsByteLength}, {n.definition, v2.V.DefinitionLevelsByteLength}} {
			if levels.length < 0 || int(levels.length) > len(page)-at {
				return false
			}
			if !hybridFits(page[at:at+int(levels.length)], bits.Len8(levels.highest), values) {
				return false
			}
			at += int(levels.length)
		}
		return valuesFit(page[at:], v2.V.Encoding, values)
	}
	return true
}

// plainDictionary is how writers of Parquet's first version name [format.RLEDictionary] (Encodings.md, "Dictionary Encoding").
const plainDictionary format.Encoding = 2

func valuesFit(data []byte, encoding format.Encoding, values int) bool {
	switch encoding {
	case format.RLEDictionary, plainDictionary:
		return len(data) == 0 || hybridFits(data[1:], int(data[0]), values)
	case format.RLE: // of booleans
		end, ok := behindLevels(data, 0)
		return ok && hybridFits(data[4:end], 1, values)
	case format.DeltaBinaryPacked, format.DeltaLengthByteArray:
		_, ok := deltasFit(data, values)
		return ok
	case format.DeltaByteArray: // the lengths of what each has of the one before, and of what is its own
		rest, ok := deltasFit(data, values)
		if ok {
			_, ok = deltasFit(rest, values)
		}
		return ok
	}
	return true
}

// hybridFits looks at runs of values of some width in bits (Parquet's Encodings.md, "Run Length Encoding / Bit-Packing Hybrid"). What else is wrong with them is for the
// library to say.
func hybridFits(runs []byte, width, values int) bool {
	left := uint64(values) + spareValues
	for len(runs) > 0 {
		head, size := binary.Uvarint(runs)
		if size <= 0 {
			return true
		}
		run, take := head>>1, uint64(width+7)/8
		if head&1 == 1 {
			if run > left {
				return false
			}
			take = run * uint64(width)
			run *= 8
		}
		if run > left {
			return false
		}
		left -= run
		runs = runs[min(uint64(size)+take, uint64(len(runs))):]
	}
	return true
}

// deltasFit looks at values that are stored delta by delta (Encodings.md, "Delta Encoding"), and gives what is behind them.
func deltasFit(data []byte, values int) (rest []byte, ok bool) {
	block, miniblocks, total, data := deltaHeader(data)
	if total > uint64(values) {
		return nil, false
	}
	if miniblocks == 0 || block == 0 || miniblocks > block {
		return nil, true // for the library to say
	}
	perMiniblock := block / miniblocks
	for left := max(total, 1) - 1; left > 0; {
		_, size := binary.Uvarint(data) // the least delta
		if size <= 0 || uint64(len(data)-size) < miniblocks {
			return nil, true
		}
		widths := data[size : size+int(miniblocks)]
		data = data[size+int(miniblocks):]
		for _, width := range widths {
			if left == 0 {
				break // those that are not needed have no data
			}
			length := perMiniblock / 8 * uint64(width)
			data = data[min(length, uint64(len(data))):]
			left -= min(perMiniblock, left)
		}
	}
	return data, true
}

// deltaHeader reads how many values there are in all, in how large blocks of how many miniblocks.
func deltaHeader(data []byte) (block, miniblocks, total uint64, rest []byte) {
	for _, field := range []*uint64{&block, &miniblocks, &total, new(uint64)} { // the last is the first value
		n, size := binary.Uvarint(data)
		if size <= 0 {
			return 0, 0, 0, nil
		}
		*field, data = n, data[size:]
	}
	const largestBlock = 1 << 20
	if block > largestBlock {
		return 0, 0, total, nil
	}
	return block, miniblocks, total, data
}
