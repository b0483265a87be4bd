package simulator

import (
	"time"

	"weir/sizing/trace"
)

// tick is how often the feeder hands over what has come due. A real one does so four times as often, which shows in no latency that waits for a call.
const tick = time.Millisecond

// feeder hands the records over when they are due, and at the end sees that all of it gets through, as weir/harness does.
type feeder struct {
	world     *world
	next      int
	due       int   // the records before it are due
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
	var handed group
	for f.next < len(records) && records[f.next].Due <= now {
		r := &records[f.next]
		if w.input.queued > 0 && w.input.bytes+int(r.Bytes) > queue {
			f.saturated = true
			break
		}
		f.put(r)
		handed.add(r.Bytes, r.Due, now)
	}
	w.measures.handed(&handed)
	if f.saturated {
		f.end()
		return
	}
	w.input.look()
	if f.next < len(records) {
		w.clock.at(max(records[f.next].Due, now+tick), f.hand)
		return
	}
	w.clock.at(max(w.trace.For, now), f.end)
}

// put hands over the next record.
func (f *feeder) put(r *trace.Record) {
	w := f.world
	shard := trace.ShardOf(w.input.starts, r.Hash)
	w.input.put(int32(f.next), shard, r.Bytes)
	w.measures.offered(r)
	w.measures.input.in[f.next] = inWriter
	w.demand.record(r, shard)
	if at := r.Event + w.begins; r.Row >= 0 && (!f.seen || at > f.newest) {
		f.newest, f.seen = at, true
	}
	f.lastDue = r.Due
	f.next++
}

// come has the records come into the backlog that are due by now.
func (f *feeder) come() {
	if f.ended {
		return
	}
	now, records, from := f.world.clock.now, f.world.trace.Records, f.due
	for f.due < len(records) && records[f.due].Due <= now {
		f.due++
	}
	if f.due > from {
		f.world.measures.input.come(&group{records: int64(f.due - from)})
	}
}

// giveUp counts what is not handed over any more: it is due, and in no backlog.
func (f *feeder) giveUp() {
	w := f.world
	var left group
	for i := f.next; i < len(w.trace.Records); i++ {
		r := &w.trace.Records[i]
		w.demand.record(r, trace.ShardOf(w.input.starts, r.Hash))
		if i < f.due {
			w.measures.input.in[i] = gone
			left.add(0, r.Due, w.clock.now)
		}
	}
	if left.records > 0 {
		w.measures.input.leave(&left, inHarness)
	}
}

// end ends the feed: what waits goes at once, and the drain begins.
func (f *feeder) end() {
	w := f.world
	f.come()
	f.giveUp()
	if f.saturated {
		w.measures.pass() // the phase goes no further
	}
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
	case w.measures.input.whole.Records() > 0:
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
