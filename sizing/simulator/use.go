package simulator

import (
	"slices"
	"time"

	"weir/aggregator"
	"weir/limits"
	"weir/record"
	"weir/sizing/trace"
	"weir/stream/kpl"
)

// Kind is a kind of parts of a pipeline, each of which can do so much and no more.
type Kind string

// The kinds of parts, in the order of the data's way.
const (
	// WriterCalls are the calls that the writer has in flight at once.
	WriterCalls Kind = "writer"
	// WriterLane is the writer's queue of one shard: one call at a time has records of it.
	WriterLane Kind = "writer's lane"
	// InputRecords and InputBytes are what a shard of the input stores.
	InputRecords Kind = "input records"
	InputBytes   Kind = "input bytes"
	// KeyRecords and KeyBytes are what one shard stores of the hottest key.
	KeyRecords Kind = "key records"
	KeyBytes   Kind = "key bytes"
	// InputReads are the reads of a shard of the input, by all of its readers, and InputReadBytes what they read. InputReadTime stands for InputReads where a call
	// takes so long that one after another does not come to five a second.
	InputReads     Kind = "input reads"
	InputReadTime  Kind = "input read time"
	InputReadBytes Kind = "input bytes read"
	// Source and Window are the aggregator's subtasks.
	Source Kind = "source subtask"
	Window Kind = "window subtask"
	// OutputRecords, OutputBytes, OutputReads, OutputReadTime and OutputReadBytes are those of a shard of the output.
	OutputRecords   Kind = "output records"
	OutputBytes     Kind = "output bytes"
	OutputReads     Kind = "output reads"
	OutputReadTime  Kind = "output read time"
	OutputReadBytes Kind = "output bytes read"
	// Function is what handles the batches of one lane of a shard for a route, one after another.
	Function Kind = "function"
	// TableCalls are the calls of a direct pipeline that are in flight at once.
	TableCalls Kind = "table calls"
	// TableUnits are the table's write units.
	TableUnits Kind = "table units"
)

// Part is the busiest part of its kind.
type Part struct {
	Kind
	Load
	// Index is the number of the shard or the subtask; Route and Lane are a function's, and Key is a key's.
	Index int
	Route string
	Lane  int
	Key   string
	// PerSecond is how much it can do a second: records, bytes, reads, write units. It is infinite where that takes no time.
	PerSecond float64
	// Others is the share of it that other readers take, however many shards there are.
	Others float64
	// CallTime is how long a call takes whose time is the limit.
	CallTime time.Duration
	// Throttled counts the records, rows or writes that the part has refused, and ReadsThrottled the reads.
	Throttled, ReadsThrottled int64
	// BackPressured is the share of the feed for which a subtask waited for what is behind it.
	BackPressured float64
}

// Spared reports whether the part is one that refuses what is too much, and has refused nothing: in the seconds in which more is asked of it than it can do, it
// takes from what it saved.
func (p *Part) Spared() bool {
	switch p.Kind {
	case InputRecords, InputBytes, KeyRecords, KeyBytes, OutputRecords, OutputBytes, TableUnits:
		return p.Throttled == 0
	}
	return false
}

// demand is what a load asks of each part.
type demand struct {
	schedule
	world *world
	hold  cursor

	all            asked   // records
	records, bytes []asked // by shard of the input
	sources        []asked // records, by subtask
	windows        []asked // records, by subtask
	subtasks       []int   // the source subtask of each shard

	rows, rowBytes []asked   // by shard of the output
	routes         [][]asked // rows, by mapping, then by shard and lane
	fired          asked     // rows
	units          asked
	firings
}

func newDemand(w *world) *demand {
	p := &w.scenario.Pipeline
	d := &demand{
		world: w, schedule: scheduleOf(w.trace),
		records: make([]asked, p.Input.Shards), bytes: make([]asked, p.Input.Shards),
		sources: make([]asked, p.Aggregator.Parallelism), windows: make([]asked, p.Aggregator.Parallelism),
		subtasks: aggregator.SourceSubtasks(aggregator.Assign(p.Aggregator.Assign), shards(p.Input.Shards), p.Aggregator.Parallelism),
	}
	d.firings = newFirings(w, &d.schedule)
	return d
}

// record counts a record that is due, for the shard that it falls into.
func (d *demand) record(r *trace.Record, shard int) {
	second, hold := int(r.Due/time.Second), d.schedule.at(&d.hold, r.Due)
	d.all.add(second, hold, 1)
	d.records[shard].add(second, hold, 1)
	d.bytes[shard].add(second, hold, float64(r.Bytes))
	d.sources[d.subtasks[shard]].add(second, hold, 1)
	if r.Row != trace.Unreadable {
		d.windows[d.world.engine.splits[r.Row]].add(second, hold, 1)
	}
}

// routed makes room for what is asked of the output.
func (d *demand) routed() {
	n := len(d.world.output.shards)
	d.rows, d.rowBytes = make([]asked, n), make([]asked, n)
	for _, m := range d.world.mappings {
		d.routes = append(d.routes, make([]asked, n*m.factor))
	}
}

// use is the use of the busiest part of each kind.
func (d *demand) use() []Part {
	w := d.world
	list := d.writer()
	entries, sizes := d.kinesis()
	if !w.input.packed {
		list = append(list, *d.throttled(d.schedule.busiest(InputRecords, d.records, limits.ShardWriteRecordsPerSecond, 0), w.input))
	}
	list = append(list, *d.throttled(d.schedule.busiest(InputBytes, sizes, limits.ShardWriteBytesPerSecond, 0), w.input))
	list = append(list, *d.key())
	list = append(list, d.reads(reading{InputReads, InputReadTime, InputReadBytes, 1, w.scenario.Pipeline.Input.OtherReaders}, w.input, &d.schedule, entries, sizes)...)
	list = append(list, d.aggregator()...)
	fired := d.covered(&d.schedule)
	if w.output != nil {
		list = append(list,
			*d.throttled(fired.busiest(OutputRecords, d.rows, limits.ShardWriteRecordsPerSecond, 0), w.output),
			*d.throttled(fired.busiest(OutputBytes, d.rowBytes, limits.ShardWriteBytesPerSecond, 0), w.output))
		list = append(list, d.reads(reading{OutputReads, OutputReadTime, OutputReadBytes, len(w.mappings), 0}, w.output, fired, d.rows, d.rowBytes)...)
	}
	return append(list, d.table(fired)...)
}

// key is the part of the hottest key, in the shard that it falls into.
func (d *demand) key() *Part {
	t, in := d.world.trace, d.world.input
	shard := trace.ShardOf(in.starts, record.HashOf(t.ByBytes.Name).Hi)
	p := keyPart(t, in.packed, d.packingOf(shard).overhead)
	p.Throttled = in.shards[trace.ShardOf(in.starts, record.HashOf(p.Key).Hi)].refused(p.Kind)
	return p
}

// throttled adds how many records the part's shard has refused by the limit that the part is.
func (d *demand) throttled(p *Part, s *stream) *Part {
	p.Throttled = s.shards[p.Index].refused(p.Kind)
	return p
}

// mean is about what a latency adds to a call, on average.
func mean(draws func() time.Duration) float64 {
	if draws == nil {
		return 0
	}
	const drawn = 1000
	sum := time.Duration(0)
	for range drawn {
		sum += draws()
	}
	return sum.Seconds() / drawn
}

// writer is what the writer can do with calls as full as they get.
func (d *demand) writer() []Part {
	w, s := d.world, d.world.input
	m := &w.machine
	bytes := 1.0
	if n := len(w.trace.Records); n > 0 {
		bytes = max(1, float64(w.trace.Survey.Bytes)/float64(n))
	}
	// How many records a call holds: of one shard, and of all.
	one := min(limits.PutRecordsRecords, float64(s.callBytes)/bytes)
	if s.packed {
		one = float64(s.callBytes) / bytes
	}
	all := one
	if s.strict {
		one = 1
		if s.packed {
			one = max(1, kpl.MaxSize/bytes)
		}
		all = min(all, one*float64(len(s.shards)))
	}
	put := mean(w.means.Put) + m.Put.Seconds()
	entry := m.PutRecord.Seconds()
	calls := d.schedule.of(&d.all, callsInFlight*all/(put+all*entry), 0)
	lane := d.schedule.busiest(WriterLane, d.records, one/(put+one*entry), 0)
	return []Part{{Kind: WriterCalls, Load: calls, PerSecond: callsInFlight * all / (put + all*entry)}, *lane}
}

// reading is the reading of the shards of a stream: the kinds of its parts, and how many readers there are.
type reading struct {
	calls, time, bytes Kind
	readers, others    int
}

// reads are those of a shard: the calls that it takes to read all that comes, of the five a second or of those that there is time for, and the bytes.
func (d *demand) reads(kinds reading, s *stream, over *schedule, records, sizes []asked) []Part {
	w, limit := d.world, float64(s.readers()[0].limit)
	readers, others := float64(kinds.readers), float64(kinds.others)
	anyway := others / limits.ShardReadsPerSecond
	most := over.busiest(kinds.calls, records, limits.ShardReadsPerSecond*limit/readers, anyway)
	if p := over.busiest(kinds.calls, sizes, limits.ShardReadsPerSecond*limits.GetRecordsBytes/readers, anyway); p.Worse(&most.Load) {
		most = p
	}
	most.PerSecond, most.Others = limits.ShardReadsPerSecond, anyway
	call := w.machine.Get.Seconds() + mean(w.means.Get) + limit*s.perEntry()*w.machine.GetRecord.Seconds()
	if p := over.busiest(kinds.time, records, limit/call, 0); p.Worse(&most.Load) {
		p.CallTime = time.Duration(call * float64(time.Second))
		most = p
	}
	most.ReadsThrottled = s.shards[most.Index].readsThrottled
	read := over.busiest(kinds.bytes, sizes, limits.ShardReadBytesPerSecond/(readers+others), 0)
	return []Part{*most, *read}
}

// aggregator is what its subtasks can do.
func (d *demand) aggregator() []Part {
	w := d.world
	source := d.schedule.busiest(Source, d.sources, 1/w.machine.Record.Seconds(), 0)
	source.BackPressured = w.engine.sources[source.Index].stalled(d.feed)
	cost, _ := Cost(w.scenario)
	windows := d.schedule.busiest(Window, d.windows, 1/cost.Seconds(), 0)
	windows.BackPressured = w.engine.windows[windows.Index].stalled(d.feed)
	return []Part{*source, *windows}
}

// invocation is how long a function takes for a batch, on average: several calls are under way at once, and the next one begins when the first of them is
// done, so that a batch waits for the slowest of its calls.
func (w *world) invocation(batch int) float64 {
	calls := (batch + limits.BatchWriteItems - 1) / limits.BatchWriteItems
	drawn := 1
	if w.means.Table != nil {
		drawn = max(100, 4000/calls)
	}
	sum := time.Duration(0)
	for range drawn {
		sum += w.batch(batch)
	}
	return sum.Seconds() / float64(drawn)
}

// batch is how long one batch takes, by a draw of the latency for each call.
func (w *world) batch(rows int) (took time.Duration) {
	var free [tableInFlight]time.Duration // when each of the calls at a time is done
	for ; rows > 0; rows -= limits.BatchWriteItems {
		next := slices.Index(free[:], slices.Min(free[:]))
		free[next] += w.machine.Table + time.Duration(min(rows, limits.BatchWriteItems))*w.machine.TableItem + draw(w.means.Table)
		took = max(took, free[next])
	}
	return took
}

// table is what the calls of the table can do, with batches as full as they get, and the table itself.
func (d *demand) table(fired *schedule) (list []Part) {
	w := d.world
	for i, m := range w.mappings {
		p := fired.busiest(Function, d.routes[i], float64(m.batch)/w.invocation(m.batch), 0)
		p.Route, p.Index, p.Lane = m.name, p.Index/m.factor, p.Index%m.factor
		list = append(list, *p)
	}
	if w.direct != nil {
		call := w.machine.Table.Seconds() + directBatch*w.machine.TableItem.Seconds() + mean(w.means.Table)
		perSecond := directInFlight * directBatch / call
		list = append(list, Part{Kind: TableCalls, Load: fired.of(&d.fired, perSecond, 0), PerSecond: perSecond})
	}
	perSecond := float64(w.scenario.Pipeline.Table.WriteCapacity)
	if perSecond == 0 {
		perSecond = limits.OnDemandWritesPerSecond
	}
	return append(list, Part{Kind: TableUnits, Load: fired.of(&d.units, perSecond, 0), PerSecond: perSecond, Throttled: w.table.throttled})
}
