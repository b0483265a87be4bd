// Package simulator goes through a run in virtual time: what a load does to a pipeline, batch by batch and poll by poll, under the limits of
// weir/limits and by the window rules of weir/aggregator/window, which are the ones of a real run.
//
// There is no goroutine and no clock in it. Whatever happens is an event: a call of the writer, a poll of a shard, a page that a subtask has worked
// through, a write of the table. So a minute of a pipeline takes less than a second, and a load may be more than this machine could send.
//
//	trace ─► stream: lanes, calls, token buckets ─► engine: polls, source and window subtasks ─┬─ direct ─► table
//	                                                                                            └─ stream ─► mappings ─► table
//
// What is left out: faults, reshards, checkpoints, on-demand capacity that grows, and the time that this machine takes beyond [Machine].
package simulator

import (
	"fmt"
	"math/rand/v2"
	"time"

	"weir/aggregator/window"
	"weir/record"
	"weir/result"
	"weir/scenarios"
	"weir/sizing/trace"
)

// Machine is how long calls take beside what the scenario's latency adds, and the aggregator a record.
type Machine struct {
	// Put, Get and Table are for a call, PutRecord, GetRecord and TableItem for each record or item in it.
	Put, PutRecord, Get, GetRecord, Table, TableItem time.Duration
	// Record is what a source subtask takes for a record, where the scenario gives no cost.
	Record time.Duration
}

// Idle is a machine with two cores and nothing else to do, and the embedded AWS on it.
var Idle = Machine{
	Put: 700 * time.Microsecond, PutRecord: 2 * time.Microsecond, Get: 600 * time.Microsecond, GetRecord: time.Microsecond,
	Table: 900 * time.Microsecond, TableItem: 20 * time.Microsecond, Record: 2 * time.Microsecond,
}

// Outcome is what came of a simulated run.
type Outcome struct {
	// Result is as a real run would have it, as far as it can be simulated: nothing of the host, and no table that was proved.
	Result result.Result
	// Use is how much is asked of each part of the pipeline, in the order of the data's way.
	Use []Part
}

// Run simulates a run of a resolved scenario whose load is the trace. It never changes the trace, so that several may run at a time.
//
// What the load of a scenario begins with is the bound of a window and so long, in whole milliseconds: windows go by the clock on the wall, and polls from
// when a run begins, so that how long a row waits for a poll is chance, and differs from run to run. The event times of a recording are as they are.
func Run(t *trace.Trace, s *scenarios.Scenario, m Machine, begins time.Duration) (*Outcome, error) {
	if s.ClosedLoop() {
		return nil, fmt.Errorf("a load without a schedule is not simulated")
	}
	w, err := newWorld(t, s, m)
	if err != nil {
		return nil, err
	}
	if t.Made() {
		w.begins = begins.Milliseconds()
	}
	w.begin()
	w.clock.run(func() bool { return w.over })
	return w.outcome(), nil
}

// begin begins to feed and to poll.
func (w *world) begin() {
	w.feeder.start()
	w.engine.start()
	for _, mapping := range w.mappings {
		mapping.start()
	}
}

// world is the state of a simulated run.
type world struct {
	clock    clock
	trace    *trace.Trace
	scenario *scenarios.Scenario
	machine  Machine
	begins   int64 // what is added to event times, in milliseconds
	draws    scenarios.Draws
	means    scenarios.Draws // the same, to be drawn from without an effect on what happens
	random   *rand.Rand
	measures *measures
	demand   *demand

	feeder   *feeder
	input    *stream
	engine   *engine
	direct   *direct
	output   *stream
	mappings []*mapping
	table    *table

	// rows are those that fired, and open counts the writes that are still to come for them.
	rows []row
	open int
	over bool
}

// row is one that fired.
type row struct {
	key     int32 // in the trace's Rows
	trigger time.Duration
	newest  time.Duration
	flushed bool
	again   bool // of a window that had fired before
	written bool
	// unread and unhandled count the routes that have not read it, or have to do with it yet; writes is how many have it written at the moment.
	unread, unhandled, writes uint16
}

func newWorld(t *trace.Trace, s *scenarios.Scenario, m Machine) (*world, error) {
	w := &world{trace: t, scenario: s, machine: m, random: rand.New(rand.NewPCG(s.Seed, 1))}
	var err error
	if w.draws, err = s.Latency.Draws(s.Seed); err != nil {
		return nil, fmt.Errorf("latency: %w", err)
	}
	w.means, _ = s.Latency.Draws(s.Seed) // as it was
	w.measures = newMeasures(w)
	w.table = newTable(w)
	w.input = newStream(w, s.Pipeline.Input.Shards, s.Pipeline.Input.OtherReaders)
	w.input.packed = s.Pipeline.Input.Packing == scenarios.KPLPacking
	w.input.strict = s.Pipeline.Input.Order == scenarios.StrictOrder
	if s.Pipeline.Input.Retries != nil {
		w.input.attempts = 1 + int(*s.Pipeline.Input.Retries)
	}
	if w.input.packed {
		w.input.linger, w.input.callBytes = packLinger, packedBytes
	}
	w.input.acked, w.input.failed = w.measures.acked, w.measures.failed
	w.feeder = &feeder{world: w}
	if w.engine, err = newEngine(w); err != nil {
		return nil, err
	}
	w.demand = newDemand(w)
	return w, w.sink()
}

// sink makes what is behind the engine.
func (w *world) sink() error {
	p := &w.scenario.Pipeline
	if p.Shape == scenarios.Direct {
		w.direct = &direct{world: w}
		return nil
	}
	w.output = newStream(w, p.Output.Shards, 0)
	w.output.acked = w.measures.forwarded
	return w.newMappings()
}

// draw is what a latency of the scenario adds to a call.
func draw(latency func() time.Duration) time.Duration {
	if latency == nil {
		return 0
	}
	return latency()
}

// jitter is between d and twice d, as the writer's and the reader's pauses are.
func (w *world) jitter(d time.Duration) time.Duration {
	return d + time.Duration(w.random.Int64N(int64(d)))
}

// grown doubles a pause for each time, up to a bound.
func grown(from, to time.Duration, times int) time.Duration { return min(to, from<<min(times, 16)) }

// shards are those of an evenly split stream, as the aggregator assigns them.
func shards(n int) []record.Shard {
	starts := record.EvenSplit(n)
	list := make([]record.Shard, n)
	for i := range list {
		list[i].Start = starts[i]
		list[i].End = record.HashKey{Hi: ^uint64(0), Lo: ^uint64(0)}
		if i+1 < n {
			list[i].End = before(starts[i+1])
		}
	}
	return list
}

func before(h record.HashKey) record.HashKey {
	if h.Lo == 0 {
		h.Hi--
	}
	h.Lo--
	return h
}

// rules are the windows and the watermarks of the scenario.
func rules(a *scenarios.Aggregator) (grid window.Grid, bound window.Bound, err error) {
	if grid, err = window.NewGrid(time.Duration(a.Window), a.SlideOrWindow(), a.Lateness()); err != nil {
		return grid, bound, err
	}
	bound, err = window.NewBound(time.Duration(a.OutOfOrderness), false)
	return grid, bound, err
}
