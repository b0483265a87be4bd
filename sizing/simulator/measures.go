package simulator

import (
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
	"weir/sizing/trace"
)

// measures are what a run measures, as weir/measure does.
type measures struct {
	world   *world
	records result.Records
	rows    result.Rows
	outside result.PhaseRecords // what happened in no phase
	outlets *outlets

	// The backlogs. Those of the routes are with their mappings.
	input, output, table *crowd

	points [points]*hdrhistogram.Histogram // without the warm-up; nil where there is no sample
	phases []*phase                        // by name, in the order of their first
	spans  []span
	at     int // the span of the last time asked for
	seen   int // the spans before it are over
}

// span is a phase of the schedule.
type span struct {
	start, end time.Duration
	phase      *phase
	// offered are records, and fired rows.
	offered, fired int64
	// trends are those of the backlogs, by place; nil where the span is no hold that is long enough.
	trends map[string]*trends
}

// phase is what is measured of the phases of one name.
type phase struct {
	result.Phase
	points [points]*hdrhistogram.Histogram
	most   map[string]most // by place
}

// point is a point in time, of those that weir/measure takes of a real run.
type point int

const (
	acked point = iota
	read
	fired
	forwarded
	routed
	written
	age
	points
)

func (p point) String() string {
	return [...]string{"acked", "read", "fired", "forwarded", "routed", "written", "age"}[p]
}

// warmup is the name of phases that are left out of the run's latencies.
const warmup = "warmup"

// A histogram holds 1 µs to an hour, as exactly as that of a real run.
const (
	longest   = int64(time.Hour / time.Microsecond)
	precision = 3
)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest, precision) }

func newMeasures(w *world) *measures {
	m := &measures{world: w}
	m.rows.ByKind = make(map[string]int64)
	m.input = newCrowd(result.InputBacklog, func(id int32) time.Duration { return w.trace.Records[id].Due })
	m.input.in = make([]stage, len(w.trace.Records))
	m.output, m.table = newCrowd(result.OutputBacklog, w.triggerOf), newCrowd(result.TableBacklog, w.triggerOf)
	period := verdict.Period(w.scenario.Periods())
	for _, p := range w.trace.Phases {
		m.span(p, period)
	}
	if len(m.spans) > 0 {
		w.clock.at(time.Second, m.sample)
	}
	for i := range m.spans {
		w.clock.at(m.spans[i].end, m.pass)
	}
	return m
}

func (w *world) triggerOf(id int32) time.Duration { return w.rows[id].trigger }

func (m *measures) span(p trace.Phase, period time.Duration) {
	i := slices.IndexFunc(m.phases, func(known *phase) bool { return known.Name == p.Name })
	if i < 0 {
		i = len(m.phases)
		m.phases = append(m.phases, &phase{
			Phase: result.Phase{Name: p.Name, LeftOut: p.Name == warmup, Backlog: make(map[string]result.Backlog)}, most: make(map[string]most),
		})
	}
	of := m.phases[i]
	of.Starts = append(of.Starts, p.Start.Seconds())
	of.Seconds += (p.End - p.Start).Seconds()
	s := span{start: p.Start, end: p.End, phase: of}
	if p.Hold && p.Name != warmup && p.End-p.Start >= verdict.ShortestHold(period) {
		s.trends = newTrends(period)
	}
	m.spans = append(m.spans, s)
}

// spanAt is the phase of a time, nil where there is none.
func (m *measures) spanAt(t time.Duration) *span {
	for m.at > 0 && t < m.spans[m.at].start {
		m.at--
	}
	for m.at < len(m.spans) && t >= m.spans[m.at].end {
		m.at++
	}
	if m.at == len(m.spans) {
		m.at = max(0, len(m.spans)-1)
		return nil
	}
	return &m.spans[m.at]
}

// take takes a sample that began at a time.
func (m *measures) take(p point, sample, from time.Duration) {
	value := min(max(int64(sample/time.Microsecond), 0), longest)
	if s := m.spanAt(from); s != nil {
		sampled(&s.phase.points[p], value)
		if s.phase.LeftOut {
			return
		}
	}
	sampled(&m.points[p], value)
}

func sampled(h **hdrhistogram.Histogram, value int64) {
	if *h == nil {
		*h = newHistogram()
	}
	_ = (*h).RecordValue(value) // in range
}

// current is what the phase counts that goes on: nothing once the feed has ended.
func (m *measures) current() *result.PhaseRecords {
	if !m.world.feeder.ended {
		if s := m.spanAt(m.world.clock.now); s != nil {
			return &s.phase.Records
		}
	}
	return &m.outside
}

func (m *measures) offered(r *trace.Record) {
	m.records.Offered++
	if s := m.spanAt(r.Due); s != nil {
		s.offered++
		s.phase.Records.Offered++
	}
}

// handed has a group of records go from the harness to the writer. How large they are is not known before.
func (m *measures) handed(g *group) {
	m.world.feeder.come()
	m.input.whole.Add(0, g.bytes)
	m.input.parts[inHarness].Aged(g.age)
	m.input.parts[inHarness].Add(-g.records, 0)
	m.input.parts[inWriter].Add(g.records, g.bytes)
}

func (m *measures) acked(items []item) {
	now := m.world.clock.now
	m.records.Acked += int64(len(items))
	m.current().Acked += int64(len(items))
	var g group
	for i := range items {
		due := m.world.trace.Records[items[i].id].Due
		m.take(acked, now-due, due)
		m.input.in[items[i].id] = inStream
		g.add(items[i].size, due, now)
	}
	m.input.move(&g, inWriter, inStream)
}

func (m *measures) failed(items []item) {
	m.records.Failed += int64(len(items))
	m.world.feeder.come()
	var g group
	for i := range items {
		m.input.in[items[i].id] = gone
		g.add(items[i].size, m.world.trace.Records[items[i].id].Due, m.world.clock.now)
	}
	m.input.leave(&g, inWriter)
}

func (m *measures) read(items []item) {
	now := m.world.clock.now
	current := m.current()
	var g group
	for i := range items {
		if items[i].id == flushID {
			continue
		}
		due := m.world.trace.Records[items[i].id].Due
		m.take(read, now-due, due)
		m.input.in[items[i].id] = inEngine
		g.add(items[i].size, due, now)
	}
	m.records.Read += g.records
	current.Read += g.records
	m.input.move(&g, inStream, inEngine)
}

// processed has records leave that were counted and paid for, that came too late, or that cannot be read.
func (m *measures) processed(of []arrival) {
	if len(of) == 0 {
		return
	}
	m.world.feeder.come()
	now := m.world.clock.now
	var g group
	for i := range of {
		m.input.in[of[i].id] = gone
		g.add(m.world.trace.Records[of[i].id].Bytes, of[i].due, now)
	}
	m.input.leave(&g, inEngine)
}

func (m *measures) late() {
	m.records.Late++
	m.current().Late++
}

// refused counts answers that a limit was exceeded, of the input.
func (m *measures) refused(n int64) {
	m.records.Throttled += n
	m.current().Throttled += n
}

// again counts attempts after the first.
func (m *measures) again(n int64) {
	m.records.Retried += n
	m.current().Retried += n
}

func (m *measures) fired(ids []int32) {
	now := m.world.clock.now
	m.rows.Expected += int64(len(ids))
	if s := m.spanAt(now); s != nil && !m.world.feeder.ended {
		s.fired += int64(len(ids))
	}
	for _, id := range ids {
		r := &m.world.rows[id]
		m.world.demand.row(r)
		m.rows.ByKind[m.world.trace.Rows[r.key].Kind]++
		if r.flushed {
			m.rows.Flushed++
			continue
		}
		m.take(fired, now-r.trigger, r.trigger)
	}
	m.appear(ids)
}

// rowsAt takes a sample of each row that has a trigger.
func (m *measures) rowsAt(p point, ids []int32) {
	now := m.world.clock.now
	for _, id := range ids {
		if r := &m.world.rows[id]; !r.flushed {
			m.take(p, now-r.trigger, r.trigger)
		}
	}
}

func (m *measures) forwarded(items []item) {
	for i := range items {
		m.rowsAt(forwarded, []int32{items[i].id})
	}
	m.stored(items)
}

func (m *measures) routed(ids []int32) { m.rowsAt(routed, ids) }

func (m *measures) written(ids []int32) {
	now := m.world.clock.now
	m.acknowledged(ids)
	for _, id := range ids {
		r := &m.world.rows[id]
		if r.written {
			continue
		}
		r.written = true
		m.rows.Matched++
		if r.flushed {
			continue
		}
		m.take(written, now-r.trigger, r.trigger)
		m.take(age, now-r.newest, r.newest)
	}
}

// percentiles are those of a [result.Latency].
var percentiles = []float64{50, 90, 99, 99.9}

// latency sums up a histogram.
func latency(h *hdrhistogram.Histogram) result.Latency {
	at := h.ValueAtPercentilesSlice(percentiles)
	ms := func(units int64) float64 { return float64(units) / 1000 }
	return result.Latency{Count: h.TotalCount(), P50: ms(at[0]), P90: ms(at[1]), P99: ms(at[2]), P999: ms(at[3]), Max: ms(h.Max())}
}

// latencies sum up the points that have a sample.
func latencies(of *[points]*hdrhistogram.Histogram) map[string]result.Latency {
	all := make(map[string]result.Latency)
	for p, h := range of {
		if h != nil {
			all[point(p).String()] = latency(h)
		}
	}
	return all
}

// expectations are those of the scenario; it was checked.
func expectations(s *scenarios.Scenario) []*verdict.Expectation {
	list, err := s.Expectations()
	if err != nil {
		return nil
	}
	return list
}
