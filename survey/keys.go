package survey

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
)

// heavyCounters bounds the memory of a count of keys: whatever the number of keys, a count is too high by at most the
// records divided by it, and exact where there are no more keys than that.
const heavyCounters = 4096

// KeyCount is a partition key and how many records have it.
type KeyCount struct {
	Key     string
	Records int64
	// Over is by how much Records may be too high; it is never too low.
	Over int64
}

// heavy finds the most frequent keys of a stream in bounded memory: the space-saving algorithm (Metwally, Agrawal, El
// Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005). A key that has no counter
// takes over the lowest one.
type heavy struct {
	counters map[string]*counter
	lowest   counterHeap
	max      int
}

type counter struct {
	KeyCount
	place int // in the heap
}

func newHeavy(counters int) *heavy {
	return &heavy{counters: make(map[string]*counter), max: counters}
}

func (h *heavy) add(key string) {
	if c, ok := h.counters[key]; ok {
		c.Records++
		heap.Fix(&h.lowest, c.place)
		return
	}
	key = strings.Clone(key) // the record's own may share the memory of its whole block
	if len(h.lowest) < h.max {
		c := &counter{KeyCount: KeyCount{Key: key, Records: 1}}
		h.counters[key] = c
		heap.Push(&h.lowest, c)
		return
	}
	c := h.lowest[0]
	delete(h.counters, c.Key)
	c.Key, c.Over = key, c.Records
	c.Records++
	h.counters[key] = c
	heap.Fix(&h.lowest, 0)
}

// top is the n most frequent keys, the most frequent first.
func (h *heavy) top(n int) []KeyCount {
	all := make([]KeyCount, len(h.lowest))
	for i, c := range h.lowest {
		all[i] = c.KeyCount
	}
	slices.SortFunc(all, func(a, b KeyCount) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), strings.Compare(a.Key, b.Key))
	})
	return slices.Clip(all[:min(n, len(all))])
}

// counterHeap has the counter with the lowest count first.
type counterHeap []*counter

func (h counterHeap) Len() int           { return len(h) }
func (h counterHeap) Less(i, j int) bool { return h[i].Records < h[j].Records }
func (h counterHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *counterHeap) Push(c any) {
	c.(*counter).place = len(*h)
	*h = append(*h, c.(*counter))
}

func (h *counterHeap) Pop() any {
	old := *h
	c := old[len(old)-1]
	*h = old[:len(old)-1]
	return c
}
