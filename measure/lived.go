package measure

import (
	"slices"
	"sync"
	"time"

	"weir/measure/ledger"
	"weir/measure/verdict"
	"weir/result"
)

// lived is what happened in each phase while the run went through it, as seen at the end of each second and of each phase.
type lived struct {
	phases *phases
	config *Config
	period time.Duration // of the pipeline

	mu     sync.Mutex
	at     time.Duration // until when it was counted
	last   sight
	counts []phaseCounts               // by the number of the name
	trends []map[string]*verdict.Trend // by span, then by stream; nil where the span is no hold, or too short
	looks  [][]time.Duration           // by span, those that are left but for the last: lengths at which a hold may be extended
}

// phaseCounts are what was counted in the phases of one name.
type phaseCounts struct {
	lasted  time.Duration
	totals  []int64 // as counterNames
	backlog map[string]result.Backlog
}

// sight is what there is to see of a run at a time: its totals, and its streams by their names.
type sight struct {
	totals  []int64 // as counterNames
	streams map[string]streamSight
}

type streamSight struct {
	throttled int64 // reads
	shards    []ledger.ShardBacklog
}

func newLived(p *phases, config *Config) *lived {
	l := &lived{phases: p, config: config, period: verdict.Period(config.Periods), last: sight{totals: make([]int64, len(counterNames))}}
	for range p.names {
		l.counts = append(l.counts, phaseCounts{totals: make([]int64, len(counterNames)), backlog: make(map[string]result.Backlog)})
	}
	for _, span := range p.spans() {
		var trends map[string]*verdict.Trend
		var looks []time.Duration
		if span.Hold && span.Name != Warmup && max(span.Limit, span.End-span.Start) >= verdict.ShortestHold(l.period) {
			trends = make(map[string]*verdict.Trend)
			looks = verdict.Looks(span.End-span.Start, span.Limit)
		}
		l.trends, l.looks = append(l.trends, trends), append(l.looks, looks)
	}
	return l
}

// see takes what there is to see at a time. What happened since the last time belongs to the phase that lies between the two.
func (l *lived) see(at time.Duration, now sight) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at <= l.at {
		return
	}
	from := max(l.at, time.Duration(l.phases.begun.Load()))
	to := min(at, time.Duration(l.phases.ended.Load()))
	c := cursor{phases: l.phases}
	if n := c.at(from + (to-from)/2); from < to && n != noPhase {
		l.counts[n].add(to-from, l.last, now)
		for name, stream := range now.streams {
			l.lying(c.span, n, name, stream.shards, to)
		}
		l.look(c.span, to)
	}
	l.at, l.last = at, now
}

func (c *phaseCounts) add(lasted time.Duration, last, now sight) {
	c.lasted += lasted
	for i := range now.totals {
		c.totals[i] += now.totals[i] - last.totals[i]
	}
	for name, stream := range now.streams {
		if len(stream.shards) > 0 {
			backlog := c.backlog[name]
			backlog.ReadsThrottled += stream.throttled - last.streams[name].throttled
			c.backlog[name] = backlog
		}
	}
}

// lying takes what lies in the shards of a stream at a time within a span.
func (l *lived) lying(span, number int, name string, shards []ledger.ShardBacklog, at time.Duration) {
	if len(shards) == 0 {
		return
	}
	var records int64
	var oldest time.Duration
	for _, shard := range shards {
		records += shard.Stream.Records
		oldest = max(oldest, shard.Stream.Age(at))
	}
	b := l.counts[number].backlog[name]
	seconds := oldest.Seconds()
	if b.MaxSeconds != nil {
		seconds = max(seconds, *b.MaxSeconds)
	}
	b.MaxRecords, b.MaxSeconds = max(b.MaxRecords, records), &seconds
	l.counts[number].backlog[name] = b

	trends := l.trends[span]
	if trends == nil {
		return
	}
	if trends[name] == nil {
		trends[name] = verdict.NewTrend(l.period)
	}
	trends[name].Add(l.into(span, at), records)
}

// into is how long after the start of a span a time is, by the run's clock.
func (l *lived) into(span int, at time.Duration) time.Duration {
	return at - time.Duration(l.phases.begun.Load()) - l.phases.spans()[span].Start
}

// lookBefore is how long before a hold may end it is looked at: so much earlier that the schedule hears of it in time, though the seconds are late.
const lookBefore = 2 * time.Second

// look extends a hold to its next look where it is about to end, and its trend is not sure. The schedule never waits for it: where the look comes too
// late, the hold ends as it would have.
func (l *lived) look(span int, at time.Duration) {
	looks := l.looks[span]
	if len(looks) < 2 || l.into(span, at) < looks[0]-lookBefore || l.config.Extend == nil {
		return
	}
	l.looks[span] = looks[1:]
	if l.sure(span, looks[0], at) || !l.config.Extend(span, looks[1], func() { l.phases.extend(span, looks[1]) }) {
		l.looks[span] = nil
	}
}

// sure says that nothing more has to be seen of a hold, by a look at a length of it that it is about to come to.
func (l *lived) sure(span int, hold, at time.Duration) bool {
	s := l.phases.spans()[span]
	rate := float64(l.phases.offered[span].Load()) / l.into(span, at).Seconds()
	for name, trend := range l.trends[span] {
		growth, ok := trend.Growth(hold, rate)
		if !ok || verdict.Undecided(l.config.Expectations, s.Name, name, growth) {
			return false
		}
	}
	return true
}

// judge judges the backlog of a stream over the holds of a phase, or of all where number is noPhase. The worst hold counts; where none was
// long enough and came to its end, b stays as it is.
func (l *lived) judge(name string, number int, b *result.Backlog) {
	var worst *verdict.Growth
	for i, trends := range l.trends {
		t := trends[name]
		if t == nil || (number != noPhase && number != l.phases.number[i]) {
			continue
		}
		s := l.phases.spans()[i]
		growth, ok := t.Growth(s.End-s.Start, float64(l.phases.offered[i].Load())/(s.End-s.Start).Seconds())
		if ok && (worst == nil || growth.Worse(*worst)) {
			worst = &growth
		}
	}
	if worst != nil {
		b.TrendPercent, b.TrendMargin, b.Trend = &worst.Percent, &worst.Margin, worst.Verdict()
		b.TrendSeconds, b.TrendCorrelation = new(worst.Over.Seconds()), new(worst.Correlation.Seconds())
	}
}

// trend judges the backlog of a stream over all holds.
func (l *lived) trend(name string, b *result.Backlog) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.judge(name, noPhase, b)
}

// fill says what was counted in each phase that began, and how it went on.
func (l *lived) fill() map[int]result.Phase {
	l.mu.Lock()
	defer l.mu.Unlock()
	filled := make(map[int]result.Phase)
	for n, name := range l.phases.names {
		c := &l.counts[n]
		phase := result.Phase{
			Name: name, Seconds: c.lasted.Seconds(), LeftOut: name == Warmup,
			Latency: make(map[string]result.Latency), Backlog: make(map[string]result.Backlog),
		}
		phase.Starts, phase.Records.Offered = l.begun(n)
		if len(phase.Starts) == 0 {
			continue
		}
		c.fill(&phase)
		for stream, backlog := range c.backlog {
			l.judge(stream, n, &backlog)
			phase.Backlog[stream] = backlog
		}
		filled[n] = phase
	}
	return filled
}

// begun is when the phases of a name that the run has come to began, in seconds since the start of the feed, and what came due in them.
func (l *lived) begun(number int) (starts []float64, offered int64) {
	reached := min(l.at, time.Duration(l.phases.ended.Load())) - time.Duration(l.phases.begun.Load())
	for i, span := range l.phases.spans() {
		if due := l.phases.offered[i].Load(); l.phases.number[i] == number && (due > 0 || span.Start < reached) {
			starts = append(starts, span.Start.Seconds())
			offered += due
		}
	}
	return starts, offered
}

func (c *phaseCounts) fill(phase *result.Phase) {
	total := func(name string) int64 { return c.totals[slices.Index(counterNames, name)] }
	r := &phase.Records
	r.Acked, r.Throttled, r.Retried, r.Read, r.Late = total("acked"), total("throttled"), total("retried"), total("read"), total("late")
	if c.lasted > 0 {
		perMinute := func(records int64) *float64 { return new(float64(records) / c.lasted.Minutes()) }
		phase.Rate.Offered, phase.Rate.Achieved = perMinute(r.Offered), perMinute(r.Acked)
	}
}
