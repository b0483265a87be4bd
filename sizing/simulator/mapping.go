package simulator

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"weir/limits"
	"weir/record"
	"weir/result"
	"weir/routing"
	"weir/routing/filter"
	"weir/scenarios"
	"weir/sizing/trace"
)

// mapping is one route: it reads every shard of the output stream, and gives what its filters match to the table, in batches of which a shard has so many
// under way.
type mapping struct {
	world   *world
	name    string
	batch   int
	factor  int
	hits    []bool // by row key
	lanes   []int  // by row key, of those of a shard
	readers []*reader
	counts  struct{ hits, rows, misses int64 }
	backlog *crowd
}

// outlets are what the rows of each key are on the output stream.
type outlets struct {
	shard []int32
	bytes []int32
	// routes counts those that let the rows through.
	routes []int
}

// newMappings makes the routes. Their filters are asked of one row a key: what they say of its count or its values is taken to hold for all.
func (w *world) newMappings() error {
	o := newOutlets(w)
	w.measures.outlets = o
	p := &w.scenario.Pipeline
	for _, name := range w.scenario.RouteNames() {
		patterns, err := filter.Compile(p.Routes[name].Filters)
		if err != nil {
			return fmt.Errorf("route %s: %w", name, err)
		}
		route := p.Routes[name]
		m := &mapping{
			world: w, name: name, batch: max(1, route.BatchSize), factor: max(1, route.ParallelizationFactor),
			hits: make([]bool, len(w.trace.Rows)), lanes: make([]int, len(w.trace.Rows)),
		}
		for key := range w.trace.Rows {
			row := sample(w.trace, w.scenario, key)
			data, err := json.Marshal(row)
			if err != nil {
				return fmt.Errorf("route %s: %w", name, err)
			}
			m.lanes[key] = routing.Lane(routing.PartitionKey(row.RowID), m.factor)
			if m.hits[key] = patterns.Match(data) == filter.Through; m.hits[key] {
				o.routes[key]++
			}
		}
		m.backlog = newCrowd(result.OutputBacklog, w.triggerOf)
		for _, s := range w.output.shards {
			m.readers = append(m.readers, &reader{
				world: w, stream: w.output, shard: s, poll: time.Duration(p.Output.Poll), limit: limits.GetRecordsRecords, read: m.read, deliver: newLanes(m).take,
			})
		}
		w.mappings = append(w.mappings, m)
	}
	w.demand.routed()
	return nil
}

func newOutlets(w *world) *outlets {
	n := len(w.trace.Rows)
	off := 0.0
	if n > 0 {
		off = sampleOff(w.trace, w.scenario)
	}
	o := &outlets{shard: make([]int32, n), bytes: make([]int32, n), routes: make([]int, n)}
	for i := range w.trace.Rows {
		row := sample(w.trace, w.scenario, i)
		key := routing.PartitionKey(row.RowID)
		data, err := json.Marshal(row)
		if err == nil {
			o.shard[i], o.bytes[i] = int32(trace.ShardOf(w.output.starts, RowHash(w.trace.Rows[i]))), int32(math.Round(float64(len(data)+len(key))+off))
		}
	}
	return o
}

// sample is a row as the key's are.
func sample(t *trace.Trace, s *scenarios.Scenario, key int) *record.Row {
	k := &t.Rows[key]
	row := &record.Row{RowID: record.RowID{Kind: k.Kind, Key: k.Key, WindowStart: 1_577_836_800_000}, Count: 10}
	row.WindowEnd = row.WindowStart + time.Duration(s.Pipeline.Aggregator.Window).Milliseconds()
	if t.Values {
		row.Sum, row.Min, row.Max = "1234.56", "12.34", "123.45"
	}
	return row
}

// forward puts rows on the output stream, and goes on once all are taken: while enough is queued to keep the writer busy, none is.
func (w *world) forward(ids []int32, then func()) {
	o := w.measures.outlets
	for i, id := range ids {
		if w.output.keptBusy() {
			w.output.look()
			w.output.waiting = append(w.output.waiting, func() { w.forward(ids[i:], then) })
			return
		}
		key := w.rows[id].key
		w.open += o.routes[key]
		w.output.put(id, int(o.shard[key]), o.bytes[key])
	}
	w.output.look()
	then()
}

func (m *mapping) start() {
	for _, r := range m.readers {
		r.start()
	}
}

// lanes are what a mapping has read of a shard and not handed over, a queue for each batch that may be under way at once.
type lanes struct {
	mapping *mapping
	queues  [][]int32
	busy    []bool
	waiting int
	missed  []int32 // of a page
	taken   func()  // has the shard read on; nil while it is
}

func newLanes(m *mapping) *lanes {
	return &lanes{mapping: m, queues: make([][]int32, m.factor), busy: make([]bool, m.factor)}
}

// take gives a page to the lanes, and has the shard read on once less than a batch for each is left.
func (l *lanes) take(p page, taken func()) {
	m := l.mapping
	l.missed = l.missed[:0]
	for i := range p.items {
		id := p.items[i].id
		key := m.world.rows[id].key
		if !m.hits[key] {
			m.counts.misses++
			l.missed = append(l.missed, id)
			continue
		}
		m.counts.hits++
		l.queues[m.lanes[key]] = append(l.queues[m.lanes[key]], id)
		l.waiting++
	}
	m.done(l.missed)
	l.taken = taken
	for i := range l.queues {
		l.handle(i)
	}
	l.readOn()
}

func (l *lanes) readOn() {
	if l.taken != nil && l.waiting < l.mapping.batch*len(l.queues) {
		taken := l.taken
		l.taken = nil
		taken()
	}
}

// handle hands over a lane's next batch, if none is under way.
func (l *lanes) handle(lane int) {
	queue := l.queues[lane]
	if l.busy[lane] || len(queue) == 0 {
		return
	}
	m := l.mapping
	batch := queue[:min(len(queue), m.batch)]
	l.queues[lane] = queue[len(batch):]
	l.waiting -= len(batch)
	l.busy[lane] = true
	m.world.measures.routed(batch)
	m.world.measures.writing(batch)
	m.world.table.handle(batch, func() {
		m.counts.rows += int64(len(batch))
		m.done(batch)
		l.busy[lane] = false
		l.handle(lane)
	})
	l.readOn()
}
