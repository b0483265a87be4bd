package replay

import (
	"container/heap"
	"slices"
	"sort"

	"weir/record"
)

// bound is how much a sorter holds; what is beyond goes out, oldest event time first.
type bound struct {
	span    uint64 // ms of event time between the oldest and the newest record held
	records int
	bytes   int64
}

var sortBound = bound{span: 3_600_000, records: 1_000_000, bytes: 256 << 20}

// sorter brings records into the order of their event times as far as its bound allows; records of one event time keep
// their order.
//
// It holds runs, each of them in order (a patience sort). A record goes to the end of the first run whose last record is
// not newer, so the runs' last event times fall strictly from run to run, and a recording that is in order is one run: a
// queue. The oldest record held is the head of some run.
type sorter struct {
	bound    bound
	out      func(*record.Record)
	runs     []*run
	heads    runHeap // the same runs, the one with the oldest head first
	seq      uint64
	held     int
	bytes    int64
	newest   int64
	released bool
	horizon  int64 // event time of the newest record that went out
	// disordered counts records that were older than the horizon, so that they went out at once.
	disordered int64
}

type item struct {
	record record.Record
	seq    uint64 // place in the recording
}

type run struct {
	items []item
	head  int
}

func (r *run) first() *item { return &r.items[r.head] }
func (r *run) last() *item  { return &r.items[len(r.items)-1] }

// add takes one record and puts out what no longer fits the bound.
func (s *sorter) add(r *record.Record) {
	if s.released && moment(r) < s.horizon {
		s.disordered++
		s.out(r)
		return
	}
	if s.held == 0 || moment(r) > s.newest {
		s.newest = moment(r)
	}
	s.place(item{record: *r, seq: s.seq})
	s.seq++
	s.held++
	s.bytes += int64(r.Size())
	for s.held > 0 && s.full() {
		s.pop()
	}
}

func (s *sorter) full() bool {
	if s.held > s.bound.records || s.bytes > s.bound.bytes {
		return true
	}
	oldest := moment(&s.heads[0].first().record)
	return uint64(s.newest)-uint64(oldest) >= s.bound.span
}

// flush puts out everything.
func (s *sorter) flush() {
	for s.held > 0 {
		s.pop()
	}
}

// place appends to the first run that stays in order by it.
func (s *sorter) place(i item) {
	at := moment(&i.record)
	n := 0
	if len(s.runs) > 0 && moment(&s.runs[0].last().record) > at {
		n = sort.Search(len(s.runs), func(n int) bool { return moment(&s.runs[n].last().record) <= at })
	}
	if n < len(s.runs) {
		s.runs[n].items = append(s.runs[n].items, i)
		return
	}
	r := &run{items: []item{i}}
	s.runs = append(s.runs, r)
	heap.Push(&s.heads, r)
}

// pop puts out the oldest record.
func (s *sorter) pop() {
	r := s.heads[0]
	oldest := r.first()
	s.held--
	s.bytes -= int64(oldest.record.Size())
	s.released, s.horizon = true, moment(&oldest.record)
	s.out(&oldest.record)
	r.head++
	if r.head == len(r.items) {
		s.remove(r)
		return
	}
	r.compact()
	if len(s.heads) > 1 {
		heap.Fix(&s.heads, 0)
	}
}

// remove drops a run that has run empty.
func (s *sorter) remove(r *run) {
	heap.Pop(&s.heads)
	s.runs = slices.DeleteFunc(s.runs, func(other *run) bool { return other == r })
}

// compact gives back the memory of what has gone out, once that is the greater part.
func (r *run) compact() {
	const worthwhile = 4096
	if r.head < worthwhile || r.head < len(r.items)/2 {
		return
	}
	n := copy(r.items, r.items[r.head:])
	clear(r.items[n:])
	r.items, r.head = r.items[:n], 0
}

// runHeap orders runs by their heads.
type runHeap []*run

func (h runHeap) Len() int      { return len(h) }
func (h runHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h runHeap) Less(i, j int) bool {
	a, b := h[i].first(), h[j].first()
	if x, y := moment(&a.record), moment(&b.record); x != y {
		return x < y
	}
	return a.seq < b.seq
}
func (h *runHeap) Push(r any) { *h = append(*h, r.(*run)) }
func (h *runHeap) Pop() any {
	old := *h
	r := old[len(old)-1]
	*h = old[:len(old)-1]
	return r
}
