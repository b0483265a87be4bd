package simulator

import (
	"time"

	"weir/measure/verdict"
	"weir/result"
)

// outcome says what came of the run, by the rules of a real one.
func (w *world) outcome() *Outcome {
	m := w.measures
	res := &result.Result{
		Version: result.Version, Scenario: w.scenario.Name, Seed: w.scenario.Seed, Target: "simulated", LatencyModelled: true,
		Seconds: w.clock.now.Seconds(), Records: m.records, Rows: &m.rows,
		Backlog: make(map[string]result.Backlog),
	}
	r := &res.Records
	r.Offered = int64(w.feeder.next)
	if w.feeder.saturated {
		r.Offered++
		r.Unsent++
	}
	r.Unsent += int64(w.input.queued)
	r.Unread = w.input.unread
	r.Unreadable = w.trace.Survey.Unreadable
	r.Counted = r.Read - r.Late - r.Unreadable
	res.Latency = latencies(&m.points)
	w.fillBacklog(res)
	w.fillPhases(res)
	w.fillRate(res)
	if w.feeder.drained > 0 && w.feeder.next > 0 {
		in := float64(w.feeder.drained-w.feeder.lastDue) / float64(time.Millisecond)
		res.DrainedInMS = &in
	}
	for _, mapping := range w.mappings {
		if res.Routes == nil {
			res.Routes = make(map[string]result.Route)
		}
		res.Routes[mapping.name] = result.Route{Hits: mapping.counts.hits, Rows: mapping.counts.rows, Misses: mapping.counts.misses}
	}
	w.prove(res)
	w.judge(res)
	return &Outcome{Result: *res, Use: w.use()}
}

// prove counts what is open as unproven: nothing is ever wrong in a simulation.
func (w *world) prove(res *result.Result) {
	rows := res.Rows
	rows.Unproven = rows.Expected - rows.Matched
	if !w.feeder.undrained {
		rows.Matched, rows.Unproven = rows.Expected, 0 // no route lets the others through
	}
}

func (w *world) judge(res *result.Result) {
	facts := verdict.Facts{
		Records: res.Records, Rows: res.Rows, DrainTimedOut: w.feeder.undrained,
		Expectations: verdict.JudgeAll(expectations(w.scenario), res),
	}
	if w.feeder.saturated {
		facts.Saturated = "saturated: the writer's queue was full, for the stream took less than the schedule offered"
	}
	d := verdict.Decide(facts)
	res.Verdict, res.ExitCode, res.Reasons, res.Warnings, res.Expectations = d.Verdict, d.ExitCode, d.Reasons, d.Warnings, d.Expectations
}

func (w *world) fillRate(res *result.Result) {
	perMinute := func(records int64, over time.Duration) *float64 {
		if over <= 0 || records == 0 {
			return nil
		}
		rate := float64(records) / over.Minutes()
		return &rate
	}
	resolved := w.feeder.resolved
	if resolved == 0 {
		resolved = w.clock.now
	}
	res.Rate.Offered = perMinute(res.Records.Offered, w.feeder.endedAt)
	res.Rate.Achieved = perMinute(res.Records.Acked, resolved)
}

// fillBacklog fills in the most that lay in each stream, and the worst trend of a hold.
func (w *world) fillBacklog(res *result.Result) {
	for name, s := range map[string]*stream{"input": w.input, "output": w.output} {
		if s == nil || s.stored == 0 {
			continue
		}
		seconds := max(s.maxAge, s.oldest(w.clock.now)).Seconds()
		backlog := result.Backlog{Waited: result.Waited{MaxRecords: s.maxUnread, MaxSeconds: &seconds}, ReadsThrottled: s.readsThrottled}
		var worst *verdict.Growth
		for i := range w.measures.spans {
			if g := w.measures.spans[i].growth(name); g != nil && (worst == nil || g.Worse(*worst)) {
				worst = g
			}
		}
		setTrend(&backlog, worst)
		res.Backlog[name] = backlog
	}
}

// growth is that of the hold, nil where there is none.
func (s *span) growth(stream string) *verdict.Growth {
	trend := s.input
	if stream == "output" {
		trend = s.output
	}
	if trend == nil {
		return nil
	}
	g, ok := trend.Growth(s.end-s.start, float64(s.offered)/(s.end-s.start).Seconds())
	if !ok {
		return nil
	}
	return &g
}

func setTrend(b *result.Backlog, g *verdict.Growth) {
	if g != nil {
		b.TrendPercent, b.TrendMargin, b.Trend = &g.Percent, &g.Margin, g.Verdict()
	}
}

func (w *world) fillPhases(res *result.Result) {
	for _, p := range w.measures.phases {
		phase := p.Phase
		phase.Latency = latencies(&p.points)
		input := p.inputAge.Seconds()
		phase.Backlog["input"] = result.Backlog{Waited: result.Waited{MaxRecords: p.inputAt, MaxSeconds: &input}}
		if w.output != nil {
			output := p.ouAge.Seconds()
			phase.Backlog["output"] = result.Backlog{Waited: result.Waited{MaxRecords: p.outAt, MaxSeconds: &output}}
		}
		w.phaseTrend(p, phase.Backlog)
		if phase.Seconds > 0 {
			offered, achieved := float64(phase.Records.Offered)/phase.Seconds*60, float64(phase.Records.Acked)/phase.Seconds*60
			phase.Rate = result.Rate{Offered: &offered, Achieved: &achieved}
		}
		res.Phases = append(res.Phases, phase)
	}
}

func (w *world) phaseTrend(p *phase, backlog map[string]result.Backlog) {
	for name, b := range backlog {
		var worst *verdict.Growth
		for i := range w.measures.spans {
			s := &w.measures.spans[i]
			if s.phase != p {
				continue
			}
			if g := s.growth(name); g != nil && (worst == nil || g.Worse(*worst)) {
				worst = g
			}
		}
		setTrend(&b, worst)
		backlog[name] = b
	}
}

func (w *world) use() Use {
	var u Use
	for _, s := range w.input.shards {
		s.settle()
		u.Input = append(u.Input, s.use)
	}
	if w.output != nil {
		for _, s := range w.output.shards {
			s.settle()
			u.Output = append(u.Output, s.use)
		}
	}
	for i := range w.engine.sources {
		u.Sources = append(u.Sources, w.engine.sources[i].use.use())
		u.Windows = append(u.Windows, w.engine.windows[i].use.use())
	}
	w.table.settle()
	u.Table = w.table.use
	return u
}
