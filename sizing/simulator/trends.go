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

// judge judges the trends of a backlog over the holds of a phase, or of all where it is nil. The worst hold counts, for the whole and for each part; the part
// that grows is the one that does in the hold in which the whole grows most.
func (m *measures) judge(place string, of *phase, b *result.Backlog) {
	var worst *verdict.Growth
	parts := make(map[string]*verdict.Growth)
	names := result.PartsOf(place)
	for i := range m.spans {
		s := &m.spans[i]
		if s.trends == nil || of != nil && s.phase != of {
			continue
		}
		grows := ""
		most := 0.0
		for n, name := range names {
			g := s.growth(s.trends[place].parts[n])
			if g == nil {
				continue
			}
			if known := parts[name]; known == nil || g.Worse(*known) {
				parts[name] = g
			}
			if g.Percent > most {
				grows, most = name, g.Percent
			}
		}
		if g := s.growth(s.trends[place].whole); g != nil && (worst == nil || g.Worse(*worst)) {
			worst, b.Grows = g, grows
		}
	}
	setTrend(&b.BacklogTrend, worst)
	if b.Trend != verdict.Fail {
		b.Grows = ""
	}
	for name, g := range parts {
		p := b.Parts[name]
		setTrend(&p.BacklogTrend, g)
		b.Parts[name] = p
	}
}

// growth is how fast something grew over the hold, nil where that is not known.
func (s *span) growth(t *verdict.Trend) *verdict.Growth {
	lasted := s.end - s.start
	g, ok := t.Growth(lasted, float64(s.offered)/lasted.Seconds())
	if !ok {
		return nil
	}
	return &g
}

func setTrend(t *result.BacklogTrend, g *verdict.Growth) {
	if g == nil {
		return
	}
	t.TrendPercent, t.TrendMargin, t.Trend = &g.Percent, &g.Margin, g.Verdict()
	t.TrendSeconds, t.TrendCorrelation = new(g.Over.Seconds()), new(g.Correlation.Seconds())
}
