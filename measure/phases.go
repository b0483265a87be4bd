package measure

import (
	"math"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"weir/measure/ledger"
	"weir/measure/verdict"
	"weir/result"
)

// Phase is a stretch of the schedule, from Start up to End, both since the start of the feed. Several may share a name.
type Phase struct {
	Name       string
	Start, End time.Duration
	// Hold says that the rate stands still, so that the trend of a backlog is judged.
	Hold bool
}

// Warmup is the name of the phases that are left out of a run's own latencies. They are in those of the phase.
const Warmup = "warmup"

// noPhase is where a time lies in none.
const noPhase = -1

// phases are those of a run: which one a time is in, and what each second counts for it. Their names are numbered in the order of their
// first phase.
type phases struct {
	spans  []Phase
	names  []string
	number []int // of each span's name
	warmup int   // the number of that name, noPhase where there is none
	// begun is when the feed began, by the run's clock; before that, no time is in a phase.
	begun atomic.Int64

	mu     sync.Mutex
	counts []phaseCounts // by number
	holds  []hold        // by span
}

// hold is what was seen of a span whose rate stands still: the backlogs at the end of each second, and how much was offered.
type hold struct {
	backlog map[string][]float64
	offered int64
}

// phaseCounts are what the seconds of one name's phases have counted.
type phaseCounts struct {
	totals  []int64 // as counterNames
	backlog map[string]result.Backlog
}

func newPhases(spans []Phase) *phases {
	p := &phases{spans: spans, warmup: noPhase}
	for _, span := range spans {
		n := slices.Index(p.names, span.Name)
		if n < 0 {
			n = len(p.names)
			p.names = append(p.names, span.Name)
			p.counts = append(p.counts, phaseCounts{totals: make([]int64, len(counterNames)), backlog: make(map[string]result.Backlog)})
		}
		p.number = append(p.number, n)
	}
	p.holds = make([]hold, len(spans))
	p.warmup = slices.Index(p.names, Warmup)
	p.begun.Store(math.MaxInt64)
	return p
}

// cursor finds the phases of times that come nearly in order. It belongs to one goroutine, or to a lock.
type cursor struct {
	phases *phases
	span   int
}

// at is the number of the name of the phase that a time is in.
func (c *cursor) at(t time.Duration) int {
	p := c.phases
	if len(p.spans) == 0 {
		return noPhase
	}
	t -= time.Duration(p.begun.Load())
	if s := &p.spans[c.span]; s.Start <= t && t < s.End {
		return p.number[c.span]
	}
	i := sort.Search(len(p.spans), func(i int) bool { return t < p.spans[i].End })
	if i == len(p.spans) || t < p.spans[i].Start {
		return noPhase
	}
	c.span = i
	return p.number[i]
}

// second counts what happened in the second that ends at a time, and what lay in the streams then.
func (p *phases) second(end time.Duration, deltas []int64, input, output []ledger.ShardBacklog) {
	c := cursor{phases: p}
	n := c.at(end - time.Second/2)
	if n == noPhase {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := &p.counts[n]
	for i, delta := range deltas {
		counts.totals[i] += delta
	}
	for name, backlog := range map[string][]ledger.ShardBacklog{"input": input, "output": output} {
		if len(backlog) > 0 {
			counts.backlog[name] = worse(counts.backlog[name], backlog, end)
			p.holds[c.span].add(p.spans[c.span].Hold, name, backlog)
		}
	}
	p.holds[c.span].offered += deltas[0]
}

func (h *hold) add(holds bool, name string, shards []ledger.ShardBacklog) {
	if !holds {
		return
	}
	if h.backlog == nil {
		h.backlog = make(map[string][]float64)
	}
	records := 0.0
	for _, shard := range shards {
		records += float64(shard.Records)
	}
	h.backlog[name] = append(h.backlog[name], records)
}

// trend judges the backlog of a stream over the holds that are long enough; the worst of them counts. It leaves b as it is where none is.
func (p *phases) trend(name string, window time.Duration, b *result.Backlog) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.holds {
		offered := float64(p.holds[i].offered) / max(1, float64(len(p.holds[i].backlog[name])))
		percent, trend, ok := verdict.Trend(p.holds[i].backlog[name], offered, window)
		if !ok {
			continue
		}
		if b.TrendPercent != nil {
			percent, trend = verdict.WorstTrend(*b.TrendPercent, b.Trend, percent, trend)
		}
		b.TrendPercent, b.Trend = &percent, trend
	}
}

// second gives the phases what was counted since the last second, and what lies in the streams.
func (m *Meter) second(end time.Duration, totals, last []int64) {
	if len(m.phases.spans) == 0 {
		return
	}
	deltas := make([]int64, len(totals))
	for i := range totals {
		deltas[i] = totals[i] - last[i]
	}
	m.phases.second(end, deltas, m.input.Ledger.Backlog(), m.output.Ledger.Backlog())
}

// worse is the backlog with what lies in the shards now, where that is more.
func worse(b result.Backlog, shards []ledger.ShardBacklog, now time.Duration) result.Backlog {
	var records int64
	var oldest time.Duration
	for _, shard := range shards {
		records += shard.Records
		oldest = max(oldest, shard.Age(now))
	}
	seconds := oldest.Seconds()
	if b.MaxSeconds != nil {
		seconds = max(seconds, *b.MaxSeconds)
	}
	b.MaxRecords, b.MaxSeconds = max(b.MaxRecords, records), &seconds
	return b
}

// fill says what was measured of each name's phases.
func (p *phases) fill(points []*point) []result.Phase {
	p.mu.Lock()
	defer p.mu.Unlock()
	var filled []result.Phase
	for n, name := range p.names {
		phase := result.Phase{Name: name, Latency: make(map[string]result.Latency), Backlog: make(map[string]result.Backlog)}
		var length time.Duration
		for i, span := range p.spans {
			if p.number[i] == n {
				phase.Starts = append(phase.Starts, span.Start.Seconds())
				length += span.End - span.Start
			}
		}
		phase.Seconds = length.Seconds()
		p.counts[n].fill(&phase)
		for _, point := range points {
			if latency, ok := point.during(n); ok {
				phase.Latency[point.name] = latency
			}
		}
		filled = append(filled, phase)
	}
	return filled
}

func (c *phaseCounts) fill(phase *result.Phase) {
	total := func(name string) int64 { return c.totals[slices.Index(counterNames, name)] }
	phase.Records = result.PhaseRecords{
		Offered: total("offered"), Acked: total("acked"), Throttled: total("throttled"), Retried: total("retried"), Read: total("read"), Late: total("late"),
	}
	if phase.Seconds > 0 {
		perMinute := func(records int64) *float64 { return new(float64(records) * 60 / phase.Seconds) }
		phase.Rate = result.Rate{Offered: perMinute(phase.Records.Offered), Achieved: perMinute(phase.Records.Acked)}
	}
	for name, backlog := range c.backlog {
		phase.Backlog[name] = backlog
	}
}
