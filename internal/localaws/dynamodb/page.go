package dynamodb

import (
	"math/bits"

	"weir/limits"
)

// span is a range of places: from is in it, to is not. An open span has no upper end.
type span struct {
	from, to place
	open     bool
}

// segment is one of the spans that a parallel scan divides a table into: equal parts of the range of hashes.
//
// D15: The segments of a parallel scan are disjoint and hold the whole table (API reference, Scan)
func segment(number, of int) span {
	s := span{from: place{hash: boundary(number, of)}, open: number == of-1}
	if !s.open {
		s.to = place{hash: boundary(number+1, of)}
	}
	return s
}

// boundary is number/of of the range of 64 bits.
func boundary(number, of int) uint64 {
	quotient, _ := bits.Div64(uint64(number), 0, uint64(of))
	return quotient
}

func (s span) holds(p place) bool { return s.from.compare(p) <= 0 && (s.open || p.compare(s.to) < 0) }

// page is what one Query or Scan reads.
type page struct {
	items []*stored
	bytes int
	// more says that the page ended before its span did: by its limit, even if nothing follows, or by its size.
	more bool
}

// read collects a page: at most limit items (no bound if 0), and none after the one that reaches 1 MB, which is still
// part of it. It goes downwards only in a span that is not open.
//
// D14: A page of a Query or Scan ends at 1 MB, or at its limit, both counted before the filter (API reference, Query)
func (v view) read(s span, forward bool, limit int, whole bool) page {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var p page
	entries := v.sorted().from(s.from)
	if !forward {
		entries = v.sorted().before(s.to)
	}
	for e := range entries {
		if !s.holds(e.place) {
			break
		}
		item := v.whole(e.stored, whole)
		p.items = append(p.items, item)
		p.bytes += item.size
		if len(p.items) == limit || p.bytes >= limits.PageBytes {
			p.more = true
			break
		}
	}
	return p
}
