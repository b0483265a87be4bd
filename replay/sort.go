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
// their order. It holds what its form makes of each.
//
// It holds runs, each of them in order (a patience sort). A record goes to the end of the first run whose last record is
// not newer, so the runs' last event times fall strictly from run to run, and a recording that is in order is one run: a
// queue. The oldest record held is the head of some run.
type sorter[T any] struct {
	bound    bound
	form     form[T]
	out      func(*record.Record)
	runs     []*run[T]
	heads    runHeap[T] // the same runs, the one with the oldest head first
	spare    pieces[T]
	seq      uint64
	held     int
	bytes    int64
	newest   int64
	released bool
	horizon  int64 // event time of the newest record that went out
	// disordered counts records that were older than the horizon, so that they went out at once.
	disordered int64
}

// form is what is held of a record while it is sorted.
type form[T any] interface {
	pack(*record.Record) T
	// unpack gives the record back. It is good until the next call.
	unpack(*item[T]) *record.Record
}

// whole holds all of a record.
type whole struct{}

func (whole) pack(r *record.Record) record.Record          { return *r }
func (whole) unpack(i *item[record.Record]) *record.Record { return &i.held }

type item[T any] struct {
	at   int64  // the record's moment
	seq  uint64 // its place in the recording
	held T
}

func newSorter[T any](b bound, f form[T], out func(*record.Record)) *sorter[T] {
	return &sorter[T]{bound: b, form: f, out: out}
}

// add takes one record and puts out what no longer fits the bound.
func (s *sorter[T]) add(r *record.Record) {
	at := moment(r)
	if s.released && at < s.horizon {
		s.disordered++
		s.out(r)
		return
	}
	if s.held == 0 || at > s.newest {
		s.newest = at
	}
	s.place(at).held = s.form.pack(r)
	s.seq++
	s.held++
	s.bytes += int64(r.Size())
	for s.held > 0 && s.full() {
		s.pop()
	}
}

func (s *sorter[T]) full() bool {
	if s.held > s.bound.records || s.bytes > s.bound.bytes {
		return true
	}
	return uint64(s.newest)-uint64(s.heads[0].oldest) >= s.bound.span
}

// flush puts out everything.
func (s *sorter[T]) flush() {
	for s.held > 0 {
		s.pop()
	}
}

// late is how many records came too late to be sorted.
func (s *sorter[T]) late() int64 { return s.disordered }

// place makes room for an item at the end of the first run that stays in order by it.
func (s *sorter[T]) place(at int64) *item[T] {
	n := 0
	if len(s.runs) > 0 && s.runs[0].newest > at {
		n = sort.Search(len(s.runs), func(n int) bool { return s.runs[n].newest <= at })
	}
	if n < len(s.runs) {
		return s.runs[n].push(at, s.seq, &s.spare)
	}
	r := &run[T]{oldest: at}
	i := r.push(at, s.seq, &s.spare)
	s.runs = append(s.runs, r)
	heap.Push(&s.heads, r)
	return i
}

// pop puts out the oldest record.
func (s *sorter[T]) pop() {
	r := s.heads[0]
	oldest := r.first()
	out := s.form.unpack(oldest)
	s.held--
	s.bytes -= int64(out.Size())
	s.released, s.horizon = true, oldest.at
	s.out(out)
	if r.drop(&s.spare); len(r.pieces) == 0 {
		s.remove(r)
		return
	}
	if len(s.heads) > 1 {
		heap.Fix(&s.heads, 0)
	}
}

// remove drops a run that has run empty.
func (s *sorter[T]) remove(r *run[T]) {
	heap.Pop(&s.heads)
	s.runs = slices.DeleteFunc(s.runs, func(other *run[T]) bool { return other == r })
}

// runHeap orders runs by their heads.
type runHeap[T any] []*run[T]

func (h runHeap[T]) Len() int      { return len(h) }
func (h runHeap[T]) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h runHeap[T]) Less(i, j int) bool {
	a, b := h[i], h[j]
	if a.oldest != b.oldest {
		return a.oldest < b.oldest
	}
	return a.first().seq < b.first().seq
}
func (h *runHeap[T]) Push(r any) { *h = append(*h, r.(*run[T])) }
func (h *runHeap[T]) Pop() any {
	old := *h
	r := old[len(old)-1]
	*h = old[:len(old)-1]
	return r
}
