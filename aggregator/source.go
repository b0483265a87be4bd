package aggregator

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"weir/aggregator/window"
	"weir/record"
)

// sourceSubtask decodes the pages of its shards, keeps their watermarks, and splits the events among the window subtasks.
type sourceSubtask struct {
	index    int
	inputs   map[string]*input
	queue    chan delivery
	barriers chan *barrier
	// readAhead is how much more may be read than is processed.
	readAhead *readAhead
	// behind is the last barrier that went on: what follows it waits for the window subtasks to have aligned.
	behind  *barrier
	grid    window.Grid
	bound   window.Bound
	variant *Watermark
	// kplClosed is the configuration's.
	kplClosed bool
	pace      *pace
	observer  Observer
	totals    totals
	clock     record.Clock
	load      load
	groups    keyGroups

	decoder *record.Decoder
	decoded record.Decoded
	// watermark is, over the shards, the minimum of their watermarks' steps: the step of the minimum.
	watermark *window.Minimum
	windows   []*windowSubtask
	pool      *sync.Pool
	out       []*batch // one being filled for each window subtask
	emitted   int64    // the greatest of its shards' watermarks that went out
	idle      bool     // all its shards are
	// ended are the places of the page's records that go no further: flush records and unreadable ones. unreadable counts the latter.
	ended      []int64
	unreadable int64
}

func newSourceSubtask(a *Aggregator, index int, inputs []*input, windows []*windowSubtask, pool *sync.Pool) (*sourceSubtask, error) {
	decoder, err := record.NewDecoder(a.config.Fields)
	if err != nil {
		return nil, err
	}
	s := &sourceSubtask{
		index: index, inputs: make(map[string]*input, len(inputs)), queue: make(chan delivery, a.config.ElementQueueCapacity), barriers: make(chan *barrier),
		readAhead: newReadAhead(&a.config), grid: a.grid, bound: a.bound, variant: &a.config.Watermark, kplClosed: a.config.KPLClosed, pace: a.pace, observer: a.config.Observer, clock: a.config.Clock, load: newLoad(a.config.Clock),
		groups: a.groups, decoder: decoder, watermark: window.NewMinimum(a.config.Watermark.times(len(inputs))), emitted: window.Unset,
		windows: windows, pool: pool, out: make([]*batch, len(windows)),
	}
	for i, in := range inputs {
		in.index = s.variant.place(i)
		s.inputs[in.shard.ID] = in
	}
	s.resume()
	return s, nil
}

// run takes deliveries until ctx ends.
func (s *sourceSubtask) run(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	ticks, stop := s.ticks()
	defer stop()
	for {
		s.load.enter(idle)
		select {
		case b := <-s.barriers:
			s.load.enter(busy)
			if err := s.pass(ctx, b); err != nil {
				return err
			}
		case d := <-s.queue:
			s.load.enter(busy)
			if err := s.take(ctx, &d); err != nil {
				return err
			}
		case <-ticks:
			s.load.enter(busy)
			if err := s.tick(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take does what a delivery asks for, and sends on what came of it.
func (s *sourceSubtask) take(ctx context.Context, d *delivery) error {
	shard := d.page.Shard
	switch {
	case d.born != nil:
		shard = d.born.shard.ID
		defer close(d.born.assigned)
	case d.over != nil:
		shard = d.over.shard.ID
	}
	s.open(shard)
	switch {
	case d.born != nil:
		s.adopt(d.born)
	case d.over != nil:
		s.release(d.over)
	case d.quiet != nil:
		s.quiet(d.quiet)
	default:
		if err := s.process(&d.page); err != nil {
			return err
		}
	}
	if err := s.send(ctx); err != nil {
		return err
	}
	if d.room {
		s.readAhead.Release(1)
	}
	return s.report(ctx, shard)
}

// report reports the records that went no further. All that their page led to is handed on.
func (s *sourceSubtask) report(ctx context.Context, shard string) error {
	if len(s.ended) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.totals.unreadable.Add(s.unreadable)
	s.observer.Processed(shard, s.ended, s.clock.Now())
	s.ended, s.unreadable = s.ended[:0], 0
	return nil
}

// open begins a batch for each window subtask.
func (s *sourceSubtask) open(shard string) {
	for i := range s.out {
		s.out[i] = s.pool.Get().(*batch)
		s.out[i].source, s.out[i].shard = s.index, shard
	}
}

// adopt takes a shard that came of a reshard. The window subtasks hold their watermarks where they are until the shard has passed them, for this subtask
// may be ahead of others, of which one has read what the shard came of.
//
// A watermark of all the subtask's shards is the new one's, too, and holds only if the subtask had no other.
func (s *sourceSubtask) adopt(in *input) {
	sibling := s.live()
	s.inputs[in.shard.ID] = in
	if s.variant.PerSubtask && sibling != nil {
		in.index = sibling.index
		return
	}
	in.index = s.watermark.Add()
	s.watermark.Restart()
	s.idle = false
	s.mark(mark{kind: sourceHeld})
}

// release lets go of a shard that was read to its end: it holds no watermark back any more.
func (s *sourceSubtask) release(in *input) {
	s.emit(in)
	in.watermark, in.next, in.done = math.MaxInt64, math.MaxInt64, true
	in.seen.Store(in.watermark)
	if in.idle {
		s.wake(in)
	}
	if !s.variant.PerSubtask || s.live() == nil {
		s.raise(in, math.MaxInt64, record.NoDue, false)
	}
}

func (s *sourceSubtask) process(page *record.Page) error {
	in := s.inputs[page.Shard]
	if in == nil {
		return fmt.Errorf("a page of shard %q, which is not assigned to source subtask %d", page.Shard, s.index)
	}
	if len(page.Records) > 0 {
		s.wake(in)
	}
	read := int64(0)
	for i := range page.Records {
		stored := &page.Records[i]
		flush := record.IsFlush(stored.PartitionKey)
		if !flush {
			read++
		}
		if err := s.decode(in, stored, flush); err != nil {
			return err
		}
	}
	s.totals.read.Add(read)
	in.records.Add(read)
	in.seen.Store(in.watermark)
	in.passed(page)
	in.processedPages.Add(1)
	s.pace.move()
	if page.End {
		close(in.processed)
	}
	return nil
}

// decode decodes one record, adds it to its window subtask's batch, and only then lets its event time count.
func (s *sourceSubtask) decode(in *input, stored *record.Stored, flush bool) error {
	err := s.decoder.Decode(stored.Data, &s.decoded)
	if s.kplClosed && record.Packed(stored.Sequence) {
		err = ErrClosed
	}
	switch {
	case flush && err != nil && !errors.Is(err, record.ErrBadValue):
		return fmt.Errorf("flush record %s of shard %s: %w", stored.Sequence, in.shard.ID, err)
	case flush:
		s.advance(in, s.decoded.Event.Time, stored.Due, true)
		s.ended = append(s.ended, in.given)
	case err != nil:
		s.ended = append(s.ended, in.given)
		s.unreadable++
		s.observer.Unreadable(record.ID{Shard: in.shard.ID, Sequence: stored.Sequence}, stored.Data, err)
	default:
		to := s.out[s.groups.subtask(&s.decoded.Event)]
		to.events = append(to.events, event{s.decoded.Event, stored.Sequence, stored.Due, hashOf(s.decoded.Event.Kind, s.decoded.Event.Key)})
		to.places = append(to.places, in.given)
		s.advance(in, s.decoded.Event.Time, stored.Due, false)
	}
	in.given++
	return nil
}

// advance raises the shard's watermark to what an event time makes of it.
func (s *sourceSubtask) advance(in *input, ts int64, due time.Duration, flush bool) {
	to := s.bound.Watermark(ts)
	if to <= in.watermark {
		return
	}
	in.watermark = to
	if to >= in.next {
		s.hold(in, due, flush)
	}
	if s.emits(in) {
		s.emit(in)
	}
}

// raise marks the batches where the minimum over the shards comes to another step.
func (s *sourceSubtask) raise(in *input, step int64, due time.Duration, flush bool) {
	if !s.watermark.Raise(in.index, step) {
		return
	}
	s.mark(mark{watermark: s.watermark.Value(), trigger: due, flushed: flush})
}

// send hands the batches over. It counts as back-pressured only where a window subtask's queue is full.
func (s *sourceSubtask) send(ctx context.Context) error {
	for i, b := range s.out {
		s.out[i] = nil
		if b.empty() {
			s.pool.Put(b)
			continue
		}
		if err := s.align(ctx, i); err != nil {
			return err
		}
		select {
		case s.windows[i].queue <- b:
			continue
		default:
		}
		s.load.enter(backPressured)
		select {
		case s.windows[i].queue <- b:
			s.load.enter(busy)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
