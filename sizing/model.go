package sizing

import (
	"fmt"
	"math"
	"slices"
	"time"

	"weir/limits"
	"weir/result"
	"weir/scenarios"
	"weir/sizing/simulator"
	"weir/sizing/trace"
	"weir/stream/kpl"
	"weir/survey"
)

// Headroom is what a production pipeline has to spare, as Flink's autoscaler reckons it (flink-kubernetes-operator, AutoScalerUtils).
type Headroom struct {
	// Utilisation is how much of what it can do a subtask or a shard is to do at most, 0 to 1.
	Utilisation float64
	// Restart is how long the pipeline stands still when it restarts, CatchUp how long it may take to make up for it.
	Restart, CatchUp time.Duration
	// Lag is what has to be caught up with beside, in records.
	Lag float64
}

// model is what arithmetic says of a load and a pipeline.
type model struct {
	trace    *trace.Trace
	scenario *scenarios.Scenario
	headroom Headroom
	// record is what a record costs a subtask, and where that is known from.
	record   time.Duration
	recorded string

	demand result.SizingDemand
	needs  []result.SizingNeed
	// fullest are the row keys of the fullest window, and hashes where on the output stream they fall, once somebody has asked.
	fullest []int32
	hashes  []uint64
}

// newModel reckons with a machine; recorded is where its cost of a record is known from, if the scenario has none.
func newModel(t *trace.Trace, s *scenarios.Scenario, h Headroom, m simulator.Machine, recorded string) *model {
	md := &model{trace: t, scenario: s, headroom: h, record: m.Record, recorded: recorded}
	if cost, ok := simulator.Cost(s); ok {
		md.record, md.recorded = cost+m.Record, "pipeline.aggregator.cost"
	}
	md.demand = demandOf(t, s)
	md.fullestWindow()
	md.input()
	md.aggregator()
	if s.Pipeline.Shape == scenarios.Routed {
		md.output()
	}
	md.table()
	return md
}

// demandOf is what a load asks in its busiest seconds.
func demandOf(t *trace.Trace, s *scenarios.Scenario) result.SizingDemand {
	p := t.Survey.Peak
	d := result.SizingDemand{
		Records: t.Survey.Records, Bytes: t.Survey.Bytes, Seconds: t.For.Seconds(), PeakRecords: p.Records, PeakBytes: p.Bytes,
	}
	key := hottestKey(t, s)
	d.Key, d.KeyRecords, d.KeyBytes = key.Name, key.Records, key.Bytes
	d.RowBytes = simulator.RowBytes(t, s)
	return d
}

// hottestKey is the key that takes most of a shard in a second, be it by its records or by its bytes. Packed, records do not count.
func hottestKey(t *trace.Trace, s *scenarios.Scenario) *trace.Key {
	packed := s.Pipeline.Input.Packing == scenarios.KPLPacking
	if packed || float64(t.ByBytes.Bytes)/limits.ShardWriteBytesPerSecond > float64(t.ByRecords.Records)/limits.ShardWriteRecordsPerSecond {
		return &t.ByBytes
	}
	return &t.ByRecords
}

// fullestWindow finds the window with the most rows, and how long it is in a run until the next one fires: in a recording that is replayed faster, it is less.
func (m *model) fullestWindow() {
	t, a := m.trace, &m.scenario.Pipeline.Aggregator
	first, newest := int64(math.MaxInt64), int64(math.MinInt64)
	each, most := make(map[int64]int64), int64(0)
	m.rowsIn(func(window int64, _ int32) {
		if each[window]++; each[window] > each[most] {
			most = window
		}
	})
	for i := range t.Records {
		if r := &t.Records[i]; r.Row >= 0 {
			first, newest = min(first, r.Event), max(newest, r.Event)
		}
	}
	m.rowsIn(func(window int64, row int32) {
		if window == most {
			m.fullest = append(m.fullest, row)
		}
	})
	m.demand.WindowRows, m.demand.WindowSeconds = int64(len(m.fullest)), a.SlideOrWindow().Seconds()
	if !t.Made() && newest > first && t.For > 0 {
		m.demand.WindowSeconds *= float64(t.For.Milliseconds()) / float64(newest-first)
	}
}

// rowsIn goes through the rows of all windows, those that follow each other: a row is one of a window's as soon as the first record of its key is in it.
func (m *model) rowsIn(do func(window int64, row int32)) {
	last := make([]int64, len(m.trace.Rows)) // the window that a row key was in last, and one
	size := time.Duration(m.scenario.Pipeline.Aggregator.Window).Milliseconds()
	for i := range m.trace.Records {
		r := &m.trace.Records[i]
		if r.Row < 0 {
			continue
		}
		if n := r.Event/size + 1; last[r.Row] != n {
			last[r.Row] = n
			do(n, r.Row)
		}
	}
}

func (m *model) add(resource string, need float64, unit, format string, args ...any) *result.SizingNeed {
	m.needs = append(m.needs, result.SizingNeed{Resource: resource, Need: &need, Unit: unit, Formula: fmt.Sprintf(format, args...)})
	return &m.needs[len(m.needs)-1]
}

// ceil rounds up, but for what arithmetic adds.
func ceil(x float64) float64 { return math.Ceil(x - 1e-9) }

func (m *model) packed() bool { return m.scenario.Pipeline.Input.Packing == scenarios.KPLPacking }

// input is how many shards the input takes.
func (m *model) input() {
	d := &m.demand
	if m.packed() {
		m.add("input, by records", 1, "shards", "packed as the KPL does it, up to %s in a record: %s records/s do not count", survey.Size(kpl.MaxSize), thousands(d.PeakRecords))
	} else {
		m.add("input, by records", ceil(float64(d.PeakRecords)/limits.ShardWriteRecordsPerSecond), "shards", "ceil(%s records in the busiest second ÷ %s a shard)",
			thousands(d.PeakRecords), thousands(limits.ShardWriteRecordsPerSecond))
	}
	bytes := m.stored(d.PeakRecords, d.PeakBytes)
	m.add("input, by bytes", ceil(bytes/limits.ShardWriteBytesPerSecond), "shards", "ceil(%s in the busiest second ÷ %s a shard)",
		survey.Size(int64(bytes)), survey.Size(limits.ShardWriteBytesPerSecond))
	m.hottest()
	m.readers("input", 1, m.others(), bytes, time.Duration(m.scenario.Pipeline.Aggregator.Poll))
	m.placed()
}

// stored is how many bytes records take in the stream: packed, aggregates add something to each.
func (m *model) stored(records, bytes int64) float64 {
	if m.packed() {
		return simulator.Packed(float64(records), float64(bytes))
	}
	return float64(bytes)
}

// hottest is what the hottest key takes of one shard: more than one is more than any number of shards gives.
func (m *model) hottest() {
	d := &m.demand
	size := m.stored(d.KeyRecords, d.KeyBytes)
	records, bytes := float64(d.KeyRecords)/limits.ShardWriteRecordsPerSecond, size/limits.ShardWriteBytesPerSecond
	if m.packed() {
		records = 0
	}
	need := m.add("input, by the hottest key", max(records, bytes), "of one shard", "max(%s records ÷ %s, %s ÷ %s): key %s has so much in its busiest second, and a key is in one shard",
		thousands(d.KeyRecords), thousands(limits.ShardWriteRecordsPerSecond), survey.Size(int64(size)), survey.Size(limits.ShardWriteBytesPerSecond), d.Key)
	need.Impossible = max(records, bytes) > 1
}

// others are the readers that the input has beside the pipeline.
func (m *model) others() int { return m.scenario.Pipeline.Input.OtherReaders }

// readers are the reads that a shard has to give: five a second and 2 MiB a second, to all its readers together. Others come first, once a second each; where
// they leave nothing, no number of shards is enough.
func (m *model) readers(stream string, readers, others int, bytes float64, poll time.Duration) {
	polls := math.Min(limits.ShardReadsPerSecond, 1/poll.Seconds())
	formula := fmt.Sprintf("%s × %.3g polls a second (one each %s)", plural(readers, "reader"), polls, poll)
	if others > 0 {
		formula += fmt.Sprintf(" + %s × 1", plural(others, "other reader"))
	}
	need := m.add(stream+", by reads", float64(readers)*polls+float64(others), "of 5 reads a second and shard", "%s", formula)
	switch left := limits.ShardReadsPerSecond - others; {
	case left <= 0:
		need.Impossible = true
	case others > 0 && *need.Need > limits.ShardReadsPerSecond:
		need.Formula += fmt.Sprintf(": %d are left for the pipeline, which polls less often then", left)
	case others == 0:
		need.Impossible = *need.Need > limits.ShardReadsPerSecond
	}
	all := readers + others
	m.add(stream+", by bytes read", ceil(float64(all)*bytes/limits.ShardReadBytesPerSecond), "shards", "ceil(%s × %s/s ÷ %s/s, which all readers of a shard share)",
		plural(all, "reader"), survey.Size(int64(bytes)), survey.Size(limits.ShardReadBytesPerSecond))
}

// aggregator is what parallelism it takes, now and with room for a restart.
func (m *model) aggregator() {
	rate := 1 / m.record.Seconds() // of one subtask, always busy: Flink's true processing rate
	peak := float64(m.demand.PeakRecords)
	m.add("parallelism", ceil(peak/rate), "subtasks", "ceil(%s records in the busiest second ÷ %s/s of a subtask that is always busy: %s a record, %s)",
		thousands(m.demand.PeakRecords), thousands(int64(rate)), m.record, m.recorded)
	m.subtasks()
	h := &m.headroom
	restart, catchUp := h.Restart.Seconds(), h.CatchUp.Seconds()
	target := h.Lag/catchUp + peak*restart/catchUp + peak/h.Utilisation
	m.add("parallelism, with headroom", ceil(target/rate), "subtasks", "ceil(%s/s ÷ %s/s): LAG/CATCH_UP + INPUT×RESTART/CATCH_UP + INPUT/UTILISATION = %.0f/%.0f + %.0f×%.0f/%.0f + %.0f/%.2g",
		thousands(int64(target)), thousands(int64(rate)), h.Lag, catchUp, peak, restart, catchUp, peak, h.Utilisation)
	others := float64(m.others())
	stored := m.stored(m.demand.PeakRecords, m.demand.PeakBytes)
	bytes, read := survey.Size(int64(stored)), stored*(1+others+restart/catchUp)
	m.add("input, to catch up", ceil(max(read/limits.ShardReadBytesPerSecond, stored/limits.ShardWriteBytesPerSecond)), "shards",
		"ceil(max(%s/s × (%.0f + %.0f/%.0f) ÷ %s/s read, %s/s ÷ %s/s written)): a restart of %s, caught up with in %s", bytes, 1+others, restart, catchUp,
		survey.Size(limits.ShardReadBytesPerSecond), bytes, survey.Size(limits.ShardWriteBytesPerSecond), h.Restart, h.CatchUp)
}

// rowsPerSecond is how many rows the fullest window has for each second until the next one fires.
func (m *model) rowsPerSecond() float64 {
	return float64(m.demand.WindowRows) / max(m.demand.WindowSeconds, 1e-3)
}

// unitsPerSecond is what write capacity they take.
func (m *model) unitsPerSecond() float64 { return m.rowsPerSecond() * simulator.MeanUnits(m.trace) }

// output is how many shards the output takes, and how many batches of it are handled at a time.
func (m *model) output() {
	d := &m.demand
	rows := m.rowsPerSecond()
	bytes := rows * d.RowBytes
	m.add("output, by records", ceil(rows/limits.ShardWriteRecordsPerSecond), "shards", "ceil(%s rows of the fullest window ÷ %.3g s ÷ %s a shard)",
		thousands(d.WindowRows), d.WindowSeconds, thousands(limits.ShardWriteRecordsPerSecond))
	m.add("output, by bytes", ceil(bytes/limits.ShardWriteBytesPerSecond), "shards", "ceil(%s rows/s × %.0f B ÷ %s)", thousands(int64(rows)), d.RowBytes, survey.Size(limits.ShardWriteBytesPerSecond))
	m.placedRows()
	routes := len(m.scenario.RouteNames())
	m.readers("output", routes, 0, bytes, time.Duration(m.scenario.Pipeline.Output.Poll))
	shards := max(m.scenario.Pipeline.Output.Shards, m.least(scenarios.SoughtOutput, false))
	m.add("event sources", float64(shards*routes), "batches at a time", "%s × %s × 1 batch a shard at a time", plural(shards, "shard"), plural(routes, "route"))
	if routes > 1 {
		left := float64(limits.ShardReadBytesPerSecond)/float64(routes) - bytes/float64(shards)
		m.add("output, to catch up", left/limits.ShardReadBytesPerSecond, "of a shard's reads", "2 MiB/s ÷ %d readers - %s/s that come: what is left of a shard to catch up with", routes,
			survey.Size(int64(bytes/float64(shards))))
	}
}

// table is what write capacity the rows take.
func (m *model) table() {
	units := simulator.MeanUnits(m.trace)
	need := ceil(m.unitsPerSecond())
	m.add("table", need, "write units", "ceil(%s rows of the fullest window ÷ %.3g s × %.3g units a row)", thousands(m.demand.WindowRows), m.demand.WindowSeconds, units)
	if m.scenario.Pipeline.Table.WriteCapacity == 0 && need > limits.OnDemandWritesPerSecond {
		m.needs[len(m.needs)-1].Formula += fmt.Sprintf(", and a new on-demand table takes %s", thousands(limits.OnDemandWritesPerSecond))
	}
}

// least is the model's number for what is looked for: the most of its needs, or of those with headroom.
func (m *model) least(what scenarios.Sought, headroom bool) int {
	names := map[scenarios.Sought][]string{
		scenarios.SoughtShards:      {"input, by records", "input, by bytes", "input, by bytes read", "input, by where the keys fall"},
		scenarios.SoughtParallelism: {"parallelism", "parallelism, by where the keys fall"},
		scenarios.SoughtOutput:      {"output, by records", "output, by bytes", "output, by bytes read", "output, by where the keys fall"},
		scenarios.SoughtTable:       {"table"},
	}[what]
	switch {
	case headroom && what == scenarios.SoughtShards:
		names = append(names, "input, to catch up")
	case headroom && what == scenarios.SoughtParallelism:
		names = append(names, "parallelism, with headroom")
	}
	least := 1
	for i := range m.needs {
		if n := &m.needs[i]; n.Need != nil && slices.Contains(names, n.Resource) {
			least = max(least, int(*n.Need))
		}
	}
	return least
}

// impossible are the needs that nothing can meet.
func (m *model) impossible() (list []result.SizingNeed) {
	for _, n := range m.needs {
		if n.Impossible {
			list = append(list, n)
		}
	}
	return list
}
