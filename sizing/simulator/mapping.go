package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"weir/record"
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
	readers []*reader
	counts  struct{ hits, rows, misses int64 }
}

// outlets are what the rows of each key are on the output stream.
type outlets struct {
	hash  []uint64
	bytes []int32
	// routes counts those that let the rows through.
	routes []int
}

// newMappings makes the routes. Their filters are asked of one row a key: what they say of its count or its values is taken to hold for all.
func (w *world) newMappings() error {
	o := newOutlets(w)
	w.measures.outlets = o
	p := &w.scenario.Pipeline
	for i, name := range w.scenario.RouteNames() {
		patterns, err := filter.Compile(p.Routes[name].Filters)
		if err != nil {
			return fmt.Errorf("route %s: %w", name, err)
		}
		route := p.Routes[name]
		m := &mapping{world: w, name: name, batch: max(1, route.BatchSize), factor: max(1, route.ParallelizationFactor), hits: make([]bool, len(w.trace.Rows))}
		for key := range w.trace.Rows {
			data, err := json.Marshal(sample(w.trace, w.scenario, key))
			if err != nil {
				return fmt.Errorf("route %s: %w", name, err)
			}
			if m.hits[key] = patterns.Match(data) == filter.Through; m.hits[key] {
				o.routes[key]++
			}
		}
		for _, s := range w.output.shards {
			m.readers = append(m.readers, &reader{
				world: w, stream: w.output, shard: s, poll: time.Duration(p.Output.Poll), books: i == 0, deliver: m.take,
			})
		}
		w.mappings = append(w.mappings, m)
	}
	return nil
}

func newOutlets(w *world) *outlets {
	n := len(w.trace.Rows)
	o := &outlets{hash: make([]uint64, n), bytes: make([]int32, n), routes: make([]int, n)}
	for i := range w.trace.Rows {
		row := sample(w.trace, w.scenario, i)
		key := routing.PartitionKey(row.RowID)
		data, err := json.Marshal(row)
		if err == nil {
			o.hash[i], o.bytes[i] = record.HashOf(key).Hi, int32(len(data)+len(key))
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

// forward puts rows on the output stream.
func (w *world) forward(ids []int32) {
	o := w.measures.outlets
	for _, id := range ids {
		key := w.rows[id].key
		if o.routes[key] > 0 {
			w.open++
		}
		w.output.put(id, o.hash[key], o.bytes[key])
	}
	w.output.look()
}

func (m *mapping) start() {
	for _, r := range m.readers {
		r.start()
	}
}

// take gives a page to the handler, each key's rows in their order.
func (m *mapping) take(p page, taken func()) {
	lanes := make([][]int32, m.factor)
	for i := range p.items {
		id := p.items[i].id
		key := m.world.rows[id].key
		if !m.hits[key] {
			m.counts.misses++
			continue
		}
		m.counts.hits++
		lane := int(key) % m.factor
		lanes[lane] = append(lanes[lane], id)
	}
	open := m.factor
	for _, lane := range lanes {
		m.handle(slices.Collect(slices.Chunk(lane, m.batch)), func() {
			if open--; open == 0 {
				taken()
			}
		})
	}
}

func (m *mapping) handle(batches [][]int32, taken func()) {
	if len(batches) == 0 {
		taken()
		return
	}
	m.world.measures.routed(batches[0])
	m.world.table.handle(batches[0], func() {
		m.counts.rows += int64(len(batches[0]))
		m.handle(batches[1:], taken)
	})
}
