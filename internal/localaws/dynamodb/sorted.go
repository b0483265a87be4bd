package dynamodb

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// place is where an item stands in its table: by the hash of its partition key, by the partition key itself, by the sort
// key. The keys are in the form that sorts by bytes (attribute.SortKey).
type place struct {
	hash      uint64
	pk, order string
	item      string // in an index: the key of the table, for items may have one index key
}

func (p place) compare(other place) int {
	if p.hash != other.hash {
		return cmp.Compare(p.hash, other.hash)
	}
	if c := strings.Compare(p.pk, other.pk); c != 0 {
		return c
	}
	if c := strings.Compare(p.order, other.order); c != 0 {
		return c
	}
	return strings.Compare(p.item, other.item)
}

// next is the first place after p: none lies between the two.
func (p place) next() place {
	if p.item != "" {
		p.item += "\x00"
	} else {
		p.order += "\x00"
	}
	return p
}

// chunkSize bounds a chunk; a full one is split in two.
const chunkSize = 512

// sorted holds items in the order of their places, in chunks, so that an insertion moves few of them. A page is sought by
// place, so it stays right while items come and go between two pages. The zero value is empty.
type sorted struct {
	chunks [][]entry // none is empty
	count  int
}

type entry struct {
	place
	*stored
}

// seek is the position of the first entry at or after p: a chunk, one past the last where there is no such entry, and an
// index in it.
func (s *sorted) seek(p place) (chunk, index int, found bool) {
	chunk, found = slices.BinarySearchFunc(s.chunks, p, func(c []entry, p place) int { return c[0].compare(p) })
	if found {
		return chunk, 0, true
	}
	if chunk == 0 {
		return 0, 0, false
	}
	in := s.chunks[chunk-1]
	index, found = slices.BinarySearchFunc(in, p, func(e entry, p place) int { return e.compare(p) })
	if index == len(in) {
		return chunk, 0, false
	}
	return chunk - 1, index, found
}

// get is the item at p, nil if there is none.
func (s *sorted) get(p place) *stored {
	chunk, index, found := s.seek(p)
	if !found {
		return nil
	}
	return s.chunks[chunk][index].stored
}

// put stores an item at p in place of the one that may be there.
func (s *sorted) put(p place, item *stored) {
	chunk, index, found := s.seek(p)
	if found {
		s.chunks[chunk][index].stored = item
		return
	}
	s.count++
	if index == 0 && chunk > 0 { // after the last entry of the chunk before
		chunk, index = chunk-1, len(s.chunks[chunk-1])
	}
	if len(s.chunks) == 0 {
		s.chunks = [][]entry{make([]entry, 0, chunkSize)}
	}
	s.chunks[chunk] = slices.Insert(s.chunks[chunk], index, entry{p, item})
	if len(s.chunks[chunk]) == chunkSize {
		s.split(chunk)
	}
}

func (s *sorted) split(chunk int) {
	whole := s.chunks[chunk]
	upper := append(make([]entry, 0, chunkSize), whole[chunkSize/2:]...)
	clear(whole[chunkSize/2:])
	s.chunks[chunk] = whole[:chunkSize/2]
	s.chunks = slices.Insert(s.chunks, chunk+1, upper)
}

// remove takes the item at p out, if there is one.
func (s *sorted) remove(p place) {
	chunk, index, found := s.seek(p)
	if !found {
		return
	}
	s.count--
	s.chunks[chunk] = slices.Delete(s.chunks[chunk], index, index+1)
	if len(s.chunks[chunk]) == 0 {
		s.chunks = slices.Delete(s.chunks, chunk, chunk+1)
	}
}

// from yields the entries at and after p, upwards.
func (s *sorted) from(p place) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		chunk, index, _ := s.seek(p)
		for ; chunk < len(s.chunks); chunk, index = chunk+1, 0 {
			for _, e := range s.chunks[chunk][index:] {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// before yields the entries before p, downwards.
func (s *sorted) before(p place) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		chunk, index, _ := s.seek(p)
		for {
			for index--; index >= 0; index-- {
				if !yield(s.chunks[chunk][index]) {
					return
				}
			}
			if chunk--; chunk < 0 {
				return
			}
			index = len(s.chunks[chunk])
		}
	}
}
