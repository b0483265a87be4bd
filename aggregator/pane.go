package aggregator

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"weir/aggregator/window"
	"weir/record"
)

// pane is the state of one pane: an accumulator for each (kind, key), in an open-addressing table. All of it is the pane's own, names
// included, so that it is freed as a whole when its last window is over.
type pane struct {
	start int64
	// slots is the table: a power of two of them, each 0 or the number of its cell, from one on, beside the upper half of the hash.
	slots []uint64
	// blocks hold the cells, in the order of their coming. Each but the first is made at its full size, so that no cell is copied to make room for others.
	blocks [][]cell
	cells  int
	names  names
}

// cell is the state of one (kind, key) in one pane.
type cell struct {
	kind, key string
	window.Accumulator
	newest time.Duration // the greatest due time of the contributors
}

const (
	// blockCells is how many cells a block has: 24 KiB.
	blockCells = 256
	// firstSlots is how large a table begins: most panes of a small stream need no more.
	firstSlots = 16
)

func newPane(start int64) *pane { return &pane{start: start, slots: make([]uint64, firstSlots)} }

// add counts one event, and gives its cell, which stays where it is until the next one is added.
func (p *pane) add(e *event) (*cell, error) {
	c := p.cell(e.Kind, e.Key, e.hash)
	c.newest = max(c.newest, e.due)
	return c, c.Add(e.Value)
}

// cell finds or makes a cell. The strings of a new one are copied, so that an open window does not hold on to whole pages.
func (p *pane) cell(kind, key string, hash uint64) *cell {
	slot, found := p.find(kind, key, hash)
	if found != nil {
		return found
	}
	if 4*(p.cells+1) > 3*len(p.slots) {
		p.grow()
		slot, _ = p.find(kind, key, hash)
	}
	p.cells++
	p.slots[slot] = hash>>32<<32 | uint64(p.cells)
	last := len(p.blocks) - 1
	if last < 0 || len(p.blocks[last]) == blockCells {
		p.blocks = append(p.blocks, nil)
		if last++; last > 0 {
			p.blocks[last] = make([]cell, 0, blockCells)
		}
	}
	p.blocks[last] = append(p.blocks[last], cell{kind: p.names.kind(kind), key: p.names.keep(key), newest: record.NoDue})
	return p.at(p.cells)
}

// find is the cell of a (kind, key), or the slot where it would be. The slot hangs on the upper half of the hash, which the table holds, so that it grows without
// a look at the keys.
func (p *pane) find(kind, key string, hash uint64) (slot int, found *cell) {
	mask := uint64(len(p.slots) - 1)
	for i := hash >> 32 & mask; ; i = (i + 1) & mask {
		s := p.slots[i]
		if s == 0 {
			return int(i), nil
		}
		if s>>32 == hash>>32 {
			if c := p.at(int(uint32(s))); c.key == key && c.kind == kind {
				return int(i), c
			}
		}
	}
}

func (p *pane) grow() {
	was := p.slots
	p.slots = make([]uint64, 2*len(was))
	mask := uint64(len(p.slots) - 1)
	for _, s := range was {
		if s == 0 {
			continue
		}
		i := s >> 32 & mask
		for p.slots[i] != 0 {
			i = (i + 1) & mask
		}
		p.slots[i] = s
	}
}

// at is a cell by its number, from one on.
func (p *pane) at(number int) *cell {
	return &p.blocks[(number-1)/blockCells][(number-1)%blockCells]
}

// all are the cells, in the order of their coming.
func (p *pane) all() iter.Seq[*cell] {
	return func(yield func(*cell) bool) {
		for _, block := range p.blocks {
			for i := range block {
				if !yield(&block[i]) {
					return
				}
			}
		}
	}
}

// put adds what a cell of another pane holds.
func (p *pane) put(c *cell) error {
	to := p.cell(c.kind, c.key, hashOf(c.kind, c.key))
	to.newest = max(to.newest, c.newest)
	return to.Merge(&c.Accumulator)
}

// sorted are the cells in the order of kind and key.
func (p *pane) sorted() []*cell {
	cells := slices.AppendSeq(make([]*cell, 0, p.cells), p.all())
	slices.SortFunc(cells, func(a, b *cell) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.key, b.key))
	})
	return cells
}
