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

	points [points]*hdrhistogram.Histogram // without the warm-up; nil where there is no sample
	phases []*phase                        // by name, in the order of their first
	spans  []span
	at     int // the span of the last time asked for
}

// span is a phase of the schedule.
type span struct {
	start, end time.Duration
	phase      *phase
	hold       bool
	offered    int64
	input      *verdict.Trend
	output     *verdict.Trend
}

// phase is what is measured of the phases of one name.
type phase struct {
	result.Phase
	points          [points]*hdrhistogram.Histogram
	inputAt, outAt  int64
	inputAge, ouAge time.Duration
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
	period := verdict.Period(w.scenario.Periods())
	for _, p := range w.trace.Phases {
		m.span(p, period)
	}
	if len(m.spans) > 0 {
		w.clock.at(time.Second, m.sample)
	}
	return m
}

func (m *measures) span(p trace.Phase, period time.Duration) {
	i := slices.IndexFunc(m.phases, func(known *phase) bool { return known.Name == p.Name })
	if i < 0 {
		i = len(m.phases)
		m.phases = append(m.phases, &phase{
			Phase: result.Phase{Name: p.Name, LeftOut: p.Name == warmup, Backlog: map[string]result.Backlog{}},
		})
	}
	of := m.phases[i]
	of.Starts = append(of.Starts, p.Start.Seconds())
	of.Seconds += (p.End - p.Start).Seconds()
	s := span{start: p.Start, end: p.End, phase: of, hold: p.Hold}
	if p.Hold && p.Name != warmup {
		s.input, s.output = verdict.NewTrend(period), verdict.NewTrend(period)
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

func (m *measures) acked(items []item) {
	now := m.world.clock.now
	m.records.Acked += int64(len(items))
	m.current().Acked += int64(len(items))
	for i := range items {
		due := m.world.trace.Records[items[i].id].Due
		m.take(acked, now-due, due)
	}
}

func (m *measures) failed(items []item) { m.records.Failed += int64(len(items)) }

func (m *measures) read(items []item, now time.Duration) {
	current := m.current()
	for i := range items {
		if items[i].id == flushID {
			continue
		}
		m.records.Read++
		current.Read++
		due := m.world.trace.Records[items[i].id].Due
		m.take(read, now-due, due)
	}
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
	for _, id := range ids {
		r := &m.world.rows[id]
		m.rows.ByKind[m.world.trace.Rows[r.key].Kind]++
		if r.flushed {
			m.rows.Flushed++
			continue
		}
		m.take(fired, now-r.trigger, r.trigger)
	}
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
}

func (m *measures) routed(ids []int32) { m.rowsAt(routed, ids) }

func (m *measures) written(ids []int32) {
	now := m.world.clock.now
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

// sample looks at the backlogs once a second, while the feed goes on.
func (m *measures) sample() {
	w := m.world
	if w.feeder.ended {
		return
	}
	now := w.clock.now
	if s := m.spanAt(now - 1); s != nil {
		s.phase.inputAt = max(s.phase.inputAt, w.input.unread)
		s.phase.inputAge = max(s.phase.inputAge, w.input.oldest(now))
		add(s.input, now-s.start, w.input.unread)
		if w.output != nil {
			s.phase.outAt = max(s.phase.outAt, w.output.unread)
			s.phase.ouAge = max(s.phase.ouAge, w.output.oldest(now))
			add(s.output, now-s.start, w.output.unread)
		}
	}
	w.clock.after(time.Second, m.sample)
}

func add(t *verdict.Trend, at time.Duration, backlog int64) {
	if t != nil {
		t.Add(at, backlog)
	}
}

// oldest is the greatest age of a record that is stored and not read.
func (s *stream) oldest(now time.Duration) (oldest time.Duration) {
	for _, r := range s.booked() {
		if r.next >= len(r.shard.log) {
			continue
		}
		if id := r.shard.log[r.next].id; id != flushID && s.dueOf(id) != noDue {
			oldest = max(oldest, now-s.dueOf(id))
		}
	}
	return oldest
}

// booked are the readers that keep the stream's books.
func (s *stream) booked() []*reader {
	w := s.world
	if s == w.input {
		return w.engine.readers
	}
	if len(w.mappings) == 0 {
		return nil
	}
	return w.mappings[0].readers
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
