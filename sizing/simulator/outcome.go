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
	r.Unread = w.measures.input.parts[inStream].Records()
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
	return &Outcome{Result: *res, Use: w.demand.use()}
}

// prove counts the rows as proved if the run drained: each route has then written all that its filters let through, and nothing is ever wrong in a simulation.
// Otherwise those that no route has written are unproven.
func (w *world) prove(res *result.Result) {
	rows := res.Rows
	rows.Unproven = rows.Expected - rows.Matched
	if !w.feeder.undrained {
		rows.Matched, rows.Unproven = rows.Expected, 0 // those that no route lets through are in no table
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

// fillBacklog fills in the most that waited in each place, and the worst trend of a hold.
func (w *world) fillBacklog(res *result.Result) {
	for place, most := range w.measures.look(sinceStart) {
		backlog := most.result(place)
		w.measures.judge(place, nil, &backlog)
		res.Backlog[place] = backlog
	}
}

func (w *world) fillPhases(res *result.Result) {
	for _, p := range w.measures.phases {
		phase := p.Phase
		phase.Latency = latencies(&p.points)
		for place, most := range p.most {
			backlog := most.result(place)
			w.measures.judge(place, p, &backlog)
			phase.Backlog[place] = backlog
		}
		if phase.Seconds > 0 {
			offered, achieved := float64(phase.Records.Offered)/phase.Seconds*60, float64(phase.Records.Acked)/phase.Seconds*60
			phase.Rate = result.Rate{Offered: &offered, Achieved: &achieved}
		}
		res.Phases = append(res.Phases, phase)
	}
}
