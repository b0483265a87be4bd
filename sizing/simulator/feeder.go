package simulator

import (
	"time"
)

// tick is how often the feeder hands over what has come due. A real one does so four times as often, which shows in no latency that waits for a call.
const tick = time.Millisecond

// feeder hands the records over when they are due, and at the end sees that all of it gets through, as weir/harness does.
type feeder struct {
	world     *world
	next      int
	newest    int64 // event time
	seen      bool
	saturated bool
	ended     bool
	endedAt   time.Duration
	lastDue   time.Duration
	resolved  time.Duration // when the last record was final
	flushed   bool
	flushes   int // shards whose flush record was not processed yet
	drained   time.Duration
	undrained bool
}

func (f *feeder) start() { f.world.clock.at(0, f.hand) }

// hand hands over what is due by now.
func (f *feeder) hand() {
	w := f.world
	now, records := w.clock.now, w.trace.Records
	queue := int(w.scenario.Pipeline.Input.Queue)
	for f.next < len(records) && records[f.next].Due <= now {
		r := &records[f.next]
		if w.input.queued > 0 && w.input.bytes+int(r.Bytes) > queue {
			f.saturated = true
			f.end()
			return
		}
		w.input.put(int32(f.next), r.Hash, r.Bytes)
		w.measures.offered(r)
		if at := r.Event + w.begins; r.Row >= 0 && (!f.seen || at > f.newest) {
			f.newest, f.seen = at, true
		}
		f.lastDue = r.Due
		f.next++
	}
	w.input.look()
	if f.next < len(records) {
		w.clock.at(max(records[f.next].Due, now+tick), f.hand)
		return
	}
	w.clock.at(max(w.trace.For, now), f.end)
}

// end ends the feed: what waits goes at once, and the drain begins.
func (f *feeder) end() {
	w := f.world
	f.ended, f.endedAt = true, w.clock.now
	w.input.closed = true
	w.input.look()
	w.clock.after(time.Duration(w.scenario.DrainLimit), func() {
		if !w.over {
			f.undrained, w.over = true, true
		}
	})
	f.settle()
}

// statusPoll is how often the drain looks where the engine is.
const statusPoll = 2 * time.Millisecond

// settle waits until everything that was stored was processed, then has the last windows close, and waits until every row is written.
func (f *feeder) settle() {
	w := f.world
	if w.input.queued == 0 && f.resolved == 0 {
		f.resolved = w.clock.now
	}
	switch {
	case w.input.queued > 0 || w.input.unread > 0 || w.engine.processed < w.measures.records.Read:
	case !f.flushed:
		f.flushed = true
		f.flush()
	case f.flushes == 0 && w.engine.idle() && w.open == 0:
		f.drained, w.over = w.clock.now, true
		return
	}
	w.clock.after(statusPoll, f.settle)
}

// flush puts a flush record into every shard.
func (f *feeder) flush() {
	w := f.world
	m := &w.machine
	w.clock.after(m.Put+draw(w.draws.Put), func() {
		for _, s := range w.input.shards {
			s.log = append(s.log, item{id: flushID, at: w.clock.now})
			if w.input.packed {
				s.ends, s.sizes = append(s.ends, int32(len(s.log))), append(s.sizes, 100)
			}
		}
	})
	f.flushes = len(w.input.shards)
}
