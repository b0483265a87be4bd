package simulator

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"weir/aggregator"
	"weir/aggregator/window"
	"weir/record"
	"weir/scenarios"
	"weir/sizing/trace"
)

// queueBatches is how many batches wait in front of a window subtask; see weir/aggregator.
const queueBatches = 4

// besideQueue is how many fetches a source subtask has beside those in its queue, be they asked for, read or processed: as in Flink, one is with the fetcher and
// one with the reader; see weir/aggregator.
const besideQueue = 2

// engine is the aggregator: source subtasks that watch the watermarks of their shards, and window subtasks that hold the open windows.
type engine struct {
	world   *world
	grid    window.Grid
	bound   window.Bound
	readers []*reader
	sources []*source
	windows []*windows
	// splits is the window subtask of each row key.
	splits []int32
	// order is the place of each row key among all by kind and key.
	order []int32
}

// noDue is a due time that is not known, or that nothing counts from.
const noDue = record.NoDue

func newEngine(w *world) (*engine, error) {
	a := &w.scenario.Pipeline.Aggregator
	e := &engine{world: w, order: orderOf(w.trace.Rows)}
	var err error
	if e.grid, e.bound, err = rules(a); err != nil {
		return nil, fmt.Errorf("aggregator: %w", err)
	}
	if e.splits, err = WindowSubtasks(w.trace.Rows, a, a.Parallelism); err != nil {
		return nil, fmt.Errorf("aggregator: %w", err)
	}
	for i := range a.Parallelism {
		if err := e.subtask(i); err != nil {
			return nil, err
		}
	}
	e.assign(a)
	return e, nil
}

// subtask adds a source subtask and a window subtask.
func (e *engine) subtask(i int) error {
	w := e.world
	capacity := w.scenario.Pipeline.Aggregator.SourceReaderElementQueueCapacity
	e.sources = append(e.sources, &source{engine: e, index: i, capacity: capacity, places: capacity + besideQueue})
	to := &windows{engine: e, watermark: window.NewMinimum(w.scenario.Pipeline.Aggregator.Parallelism), open: make(map[int64]*pane)}
	to.paid = to.settle
	e.windows = append(e.windows, to)
	charge, err := w.scenario.Pipeline.Aggregator.Cost.Charge(w.scenario.Seed)
	if err == nil && charge != nil {
		to.draw = charge.Draw(i)
	}
	return err
}

// orderOf is the order in which the rows of a window fire.
func orderOf(rows []trace.RowKey) []int32 {
	sorted := make([]int32, len(rows))
	for i := range sorted {
		sorted[i] = int32(i)
	}
	slices.SortFunc(sorted, func(a, b int32) int {
		return cmp.Or(cmp.Compare(rows[a].Kind, rows[b].Kind), cmp.Compare(rows[a].Key, rows[b].Key))
	})
	order := make([]int32, len(rows))
	for place, i := range sorted {
		order[i] = int32(place)
	}
	return order
}

// assign gives the shards to the source subtasks.
func (e *engine) assign(a *scenarios.Aggregator) {
	w := e.world
	subtasks := aggregator.SourceSubtasks(aggregator.Assign(a.Assign), shards(len(w.input.shards)), a.Parallelism)
	for i, s := range w.input.shards {
		to := e.sources[subtasks[i]]
		in := &inlet{source: to, place: to.shards, watermark: window.Unset, next: window.Unset}
		to.shards++
		e.readers = append(e.readers, &reader{
			world: w, stream: w.input, shard: s, poll: time.Duration(a.Poll), limit: a.SourceShardGetRecordsMaxRecordCount, admit: to.admit, spare: to.spare, read: w.measures.read, deliver: in.deliver,
		})
	}
	for i, s := range e.sources {
		s.watermark = window.NewMinimum(s.shards)
		if s.shards > 0 {
			continue
		}
		for _, to := range e.windows {
			to.watermark.Raise(i, math.MaxInt64) // without shards it holds nothing back
		}
	}
}

func (e *engine) start() {
	for _, r := range e.readers {
		r.start()
	}
}

// idle says that no subtask has anything to do.
func (e *engine) idle() bool {
	for i := range e.sources {
		if e.sources[i].working || e.windows[i].working {
			return false
		}
	}
	return true
}

// inlet is a shard as its source subtask sees it.
type inlet struct {
	source          *source
	place           int
	watermark, next int64
}

func (in *inlet) deliver(p page, taken func()) {
	if len(p.items) == 0 {
		taken()
		return
	}
	in.source.offer(visit{in, p, taken})
}

// visit is a page on its way into a source subtask.
type visit struct {
	inlet *inlet
	page  page
	taken func()
}

// source is a source subtask.
type source struct {
	engine    *engine
	index     int
	shards    int
	watermark *window.Minimum
	capacity  int // of the queue
	queue     []visit
	waiting   []visit // behind a full queue
	places    int     // for fetches that may be asked for yet
	asking    []func()
	working   bool
	waits
}

// admit gives a place to a fetch, as soon as there is one.
func (s *source) admit(then func()) {
	if s.places == 0 {
		s.asking = append(s.asking, then)
		return
	}
	s.places--
	then()
}

// spare takes a place back.
func (s *source) spare() {
	if len(s.asking) == 0 {
		s.places++
		return
	}
	next := s.asking[0]
	s.asking = s.asking[1:]
	next()
}

func (s *source) offer(v visit) {
	if len(s.queue) >= s.capacity {
		s.waiting = append(s.waiting, v)
		return
	}
	s.queue = append(s.queue, v)
	v.taken()
	s.work()
}

// work takes the next page, if the subtask has nothing to do.
func (s *source) work() {
	if s.working || len(s.queue) == 0 {
		return
	}
	s.working = true
	v := s.queue[0]
	s.queue = s.queue[1:]
	if len(s.waiting) > 0 {
		next := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.queue = append(s.queue, next)
		next.taken()
	}
	w := s.engine.world
	w.clock.after(time.Duration(len(v.page.items))*w.machine.Record, func() { s.send(s.process(v), 0) })
}

// send hands the batches to the window subtasks one after another, and waits where one has no room.
func (s *source) send(batches []*batch, from int) {
	for i := from; i < len(batches); i++ {
		if b := batches[i]; len(b.events) == 0 && len(b.marks) == 0 {
			continue
		}
		to := s.engine.windows[i]
		if len(to.queue) >= queueBatches {
			begun := s.engine.world.clock.now
			to.waiting = append(to.waiting, func() {
				s.held(begun, s.engine.world.clock.now)
				to.queue = append(to.queue, batches[i])
				s.send(batches, i+1)
			})
			return
		}
		to.queue = append(to.queue, batches[i])
		to.work()
	}
	s.working = false
	s.spare()
	s.work()
}

// batch is what one page has for one window subtask.
type batch struct {
	source int
	events []arrival
	marks  []mark
}

// arrival is a record in a window subtask's batch.
type arrival struct {
	id   int32
	row  int32
	pane int64 // the start of its pane
	due  time.Duration
}

// mark says that the source subtask's watermark has come to another step; see weir/aggregator.
type mark struct {
	at        int
	watermark int64
	trigger   time.Duration
	flushed   bool
}

// process splits a page, and lets its event times count.
func (s *source) process(v visit) []*batch {
	e := s.engine
	batches := make([]*batch, len(e.windows))
	for i := range batches {
		batches[i] = &batch{source: s.index}
	}
	records := e.world.trace.Records
	var unreadable []arrival
	for i := range v.page.items {
		id := v.page.items[i].id
		if id == flushID {
			s.flush(v.inlet, batches)
			continue
		}
		r := &records[id]
		if r.Row < 0 {
			unreadable = append(unreadable, arrival{id: id, due: r.Due})
			continue
		}
		b := batches[e.splits[r.Row]]
		at := r.Event + e.world.begins
		b.events = append(b.events, arrival{id, r.Row, e.grid.Pane(at), r.Due})
		s.advance(v.inlet, at, r.Due, false, batches)
	}
	e.world.measures.processed(unreadable)
	return batches
}

// flush closes every window.
func (s *source) flush(in *inlet, batches []*batch) {
	w := s.engine.world
	a := &w.scenario.Pipeline.Aggregator
	past := w.feeder.newest + (time.Duration(a.Window) + time.Duration(a.OutOfOrderness) + time.Second).Milliseconds()
	s.advance(in, past, noDue, true, batches)
	w.feeder.flushes--
}

func (s *source) advance(in *inlet, ts int64, due time.Duration, flushed bool, batches []*batch) {
	in.watermark = max(in.watermark, s.engine.bound.Watermark(ts))
	if in.watermark < in.next {
		return
	}
	step := s.engine.grid.Step(in.watermark)
	in.next = s.engine.grid.Next(step)
	if !s.watermark.Raise(in.place, step) {
		return
	}
	for _, b := range batches {
		b.marks = append(b.marks, mark{len(b.events), s.watermark.Value(), due, flushed})
	}
}
