package measure

import (
	"slices"
	"sync"
	"time"

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
	counts []phaseCounts              // by the number of the name
	trends []map[grows]*verdict.Trend // by span, then by what may grow; nil where the span is no hold, or too short
	fired  []int64                    // rows, by span
	looks  [][]time.Duration          // by span, those that are left but for the last: lengths at which a hold may be extended
}

// phaseCounts are what was counted in the phases of one name.
type phaseCounts struct {
	lasted  time.Duration
	totals  []int64           // as counterNames
	backlog map[string]*piled // by place
}

// grows is what may grow: the backlog of a place, or a part of it; of the whole, the part is empty.
type grows struct{ place, part string }

func newLived(p *phases, config *Config) *lived {
	l := &lived{phases: p, config: config, period: verdict.Period(config.Periods), last: sight{totals: make([]int64, len(counterNames))}}
	for range p.names {
		l.counts = append(l.counts, phaseCounts{totals: make([]int64, len(counterNames)), backlog: make(map[string]*piled)})
	}
	for _, span := range p.spans() {
		var trends map[grows]*verdict.Trend
		var looks []time.Duration
		if span.Hold && span.Name != Warmup && max(span.Limit, span.End-span.Start) >= verdict.ShortestHold(l.period) {
			trends = make(map[grows]*verdict.Trend)
			looks = verdict.Looks(span.End-span.Start, span.Limit)
		}
		l.trends, l.looks, l.fired = append(l.trends, trends), append(l.looks, looks), append(l.fired, 0)
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
		l.fired[c.span] += now.totals[firedCounter] - l.last.totals[firedCounter]
		for name, place := range now.places {
			l.grow(c.span, name, &place, to)
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
	for name, place := range now.places {
		if c.backlog[name] == nil {
			c.backlog[name] = newPiled()
		}
		c.backlog[name].take(&place, now.at, place.throttled-last.places[name].throttled)
	}
}

// grow takes a sample of what waits in a place for the trends of a span.
func (l *lived) grow(span int, name string, place *placeSight, at time.Duration) {
	trends := l.trends[span]
	if trends == nil {
		return
	}
	for _, part := range place.all() {
		of := grows{name, part.name}
		if trends[of] == nil {
			trends[of] = verdict.NewTrend(l.period)
		}
		trends[of].Add(l.into(span, at), part.now.Records)
	}
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
	for of, trend := range l.trends[span] {
		growth, ok := trend.Growth(hold, float64(l.came(of.place, span))/l.into(span, at).Seconds())
		if !ok || verdict.Undecided(l.config.Expectations, s.Name, of.place, of.part, growth) {
			return false
		}
	}
	return true
}

// judge judges the backlog of a place, and its parts, over the holds of a phase, or of all where number is noPhase. The worst hold counts; where none was
// long enough and came to its end, b stays as it is.
func (l *lived) judge(place string, number int, b *result.Backlog) {
	span := l.worst(grows{place: place}, number, &b.BacklogTrend)
	if span < 0 {
		return
	}
	steepest := 0.0
	for _, name := range result.PartsOf(place) {
		part := b.Parts[name]
		growth, ok := l.growth(grows{place, name}, span)
		if !ok {
			continue
		}
		fillTrend(&part.BacklogTrend, growth)
		b.Parts[name] = part
		if b.Trend == verdict.Fail && growth.Percent > steepest {
			b.Grows, steepest = name, growth.Percent
		}
	}
}

// worst fills in the worst growth over the holds of a phase, and says of which; -1 where there is none.
func (l *lived) worst(of grows, number int, into *result.BacklogTrend) (span int) {
	span = -1
	var worst verdict.Growth
	for i := range l.trends {
		if number != noPhase && number != l.phases.number[i] {
			continue
		}
		if growth, ok := l.growth(of, i); ok && (span < 0 || growth.Worse(worst)) {
			worst, span = growth, i
		}
	}
	if span >= 0 {
		fillTrend(into, worst)
	}
	return span
}

// growth is that over a span; ok is false where it is not known.
func (l *lived) growth(of grows, span int) (g verdict.Growth, ok bool) {
	t := l.trends[span][of]
	if t == nil {
		return g, false
	}
	s := l.phases.spans()[span]
	return t.Growth(s.End-s.Start, float64(l.came(of.place, span))/(s.End-s.Start).Seconds())
}

// came is how many records or rows came to a place in a span.
func (l *lived) came(place string, span int) int64 {
	return verdict.Arrivals(place, l.phases.offered[span].Load(), l.fired[span])
}

func fillTrend(t *result.BacklogTrend, g verdict.Growth) {
	t.TrendPercent, t.TrendMargin, t.Trend = &g.Percent, &g.Margin, g.Verdict()
	t.TrendSeconds, t.TrendCorrelation = new(g.Over.Seconds()), new(g.Correlation.Seconds())
}

// trend judges the backlog of a place over all holds.
func (l *lived) trend(place string, b *result.Backlog) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.judge(place, noPhase, b)
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
		for place, piled := range c.backlog {
			if !piled.came {
				continue
			}
			backlog := piled.fill(place)
			l.judge(place, n, &backlog)
			phase.Backlog[place] = backlog
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
