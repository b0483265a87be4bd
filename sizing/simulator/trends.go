package simulator

import (
	"time"

	"weir/measure/verdict"
	"weir/result"
)

// trends are those of one backlog over one hold: of the whole, and of each part.
type trends struct {
	whole *verdict.Trend
	parts []*verdict.Trend
}

// newTrends makes those of every place.
func newTrends(period time.Duration) map[string]*trends {
	all := make(map[string]*trends)
	for _, place := range []string{result.InputBacklog, result.OutputBacklog, result.TableBacklog} {
		t := &trends{whole: verdict.NewTrend(period)}
		for range result.PartsOf(place) {
			t.parts = append(t.parts, verdict.NewTrend(period))
		}
		all[place] = t
	}
	return all
}

// add takes what waits at a time since the start of the hold.
func (t *trends) add(at time.Duration, c *crowd) {
	t.whole.Add(at, c.whole.Records())
	for i := range t.parts {
		t.parts[i].Add(at, c.parts[i].Records())
	}
}

// sample looks at the backlogs once a second, while the feed goes on.
func (m *measures) sample() {
	w := m.world
	if w.feeder.ended {
		return
	}
	now := w.clock.now
	w.feeder.come()
	if s := m.spanAt(now - 1); s != nil && s.trends != nil {
		for place, c := range m.crowds() {
			s.trends[place].add(now-s.start, c)
		}
	}
	w.clock.after(time.Second, m.sample)
}

// judge judges the trends of a backlog over the holds of a phase, or of all where it is nil. The worst hold counts, for the parts, too; the part that grows is
// the one that does most in it.
func (m *measures) judge(place string, of *phase, b *result.Backlog) {
	var worst *verdict.Growth
	var over *span
	for i := range m.spans {
		s := &m.spans[i]
		if s.trends == nil || of != nil && s.phase != of {
			continue
		}
		if g := s.growth(place, s.trends[place].whole); g != nil && (worst == nil || g.Worse(*worst)) {
			worst, over = g, s
		}
	}
	if worst == nil {
		return
	}
	setTrend(&b.BacklogTrend, worst)
	steepest := 0.0
	for i, name := range result.PartsOf(place) {
		g := over.growth(place, over.trends[place].parts[i])
		if g == nil {
			continue
		}
		part := b.Parts[name]
		setTrend(&part.BacklogTrend, g)
		b.Parts[name] = part
		if b.Trend == verdict.Fail && g.Percent > steepest {
			b.Grows, steepest = name, g.Percent
		}
	}
}

// growth is how fast what waits in a place grew over the hold, in percent of what came to it; nil where that is not known.
func (s *span) growth(place string, t *verdict.Trend) *verdict.Growth {
	lasted := s.end - s.start
	g, ok := t.Growth(lasted, float64(verdict.Arrivals(place, s.offered, s.fired))/lasted.Seconds())
	if !ok {
		return nil
	}
	return &g
}

func setTrend(t *result.BacklogTrend, g *verdict.Growth) {
	t.TrendPercent, t.TrendMargin, t.Trend = &g.Percent, &g.Margin, g.Verdict()
	t.TrendSeconds, t.TrendCorrelation = new(g.Over.Seconds()), new(g.Correlation.Seconds())
}
