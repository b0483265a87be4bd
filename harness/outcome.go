package harness

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"weir/internal/awsclient"
	"weir/measure"
	"weir/measure/canary"
	"weir/measure/verdict"
	"weir/result"
	"weir/scenarios"
)

// keptUp is the share of the rate offered that has to be acknowledged, drain included, for a stream that keeps up.
const keptUp = 0.95

// outcome is the result of the run, written into its folder, whether or not it broke.
func (r *run) outcome(broken error) (Outcome, error) {
	res := r.result()
	facts := verdict.Facts{
		Interrupted: r.facts.interrupted, Records: res.Records, Output: res.Output, Rows: res.Rows, Routes: res.Routes,
		DrainTimedOut: r.facts.undrained,
		ClosedLoop:    res.ClosedLoop, Schedule: r.schedule(res), EngineCounts: r.pipeline != nil && (r.pipeline.restarting == nil || !r.pipeline.restarting.stateless.Load()),
		Host: res.Host.HostState,
	}
	for _, left := range r.meter.Left() {
		facts.Left = append(facts.Left, verdict.Waits(left.Place, left.Part, left.Records))
	}
	if before := res.Host.Before; before != nil {
		facts.Before = *before
	}
	facts.Expectations = verdict.JudgeAll(r.expectations, res)
	if aborted := r.aborted.Load(); aborted != nil {
		facts.Aborted = aborted.String()
	}
	if errors.Is(broken, context.Canceled) {
		facts.Interrupted, broken = true, nil
	}
	broken = errors.Join(broken, r.meter.Close(), r.facts.left)
	if broken != nil {
		facts.Err = broken.Error()
	}
	if saturated := r.facts.saturated; saturated != nil {
		facts.Saturated = saturated.Error()
	}
	for _, name := range slices.Sorted(maps.Keys(res.Backlog)) {
		b := res.Backlog[name]
		if words := verdict.Growing(name, &b); words != "" {
			res.Warnings = append(res.Warnings, words+"; the load is not sustainable")
		}
	}
	if w := res.WarmUp; w != nil && w.Matters && !res.ClosedLoop {
		res.Warnings = append(res.Warnings, fmt.Sprintf(
			"%s took %.0f s to settle, and was %.1f times as late until then: it is among the latencies, and a phase of the name warmup would leave it out", w.Point, w.Seconds, w.Times))
	}
	if offered, achieved := res.Rate.Offered, res.Rate.Achieved; offered != nil && achieved != nil && *achieved < keptUp**offered {
		res.Warnings = append(res.Warnings, fmt.Sprintf(
			"the stream did not keep up: %.0f records a minute were offered and %.0f acknowledged; the rest waited", *offered, *achieved))
	}
	d := verdict.Decide(facts)
	res.Verdict, res.ExitCode = d.Verdict, d.ExitCode
	res.Reasons, res.Expectations = d.Reasons, d.Expectations
	res.Warnings = append(res.Warnings, d.Warnings...)
	return Outcome{Result: *res.Complete(), Folder: r.folder.Path()}, errors.Join(broken, r.folder.WriteResult(res))
}

// result is what the run measured, without its verdict.
func (r *run) result() *result.Result {
	s := r.scenario
	now := r.clock.Now()
	res := &result.Result{
		Version: result.Version, Weir: r.config.Version, Scenario: s.Name, Seed: s.Seed,
		Target: "aws", ClosedLoop: s.ClosedLoop(), Started: r.clock.Start().UTC(), Seconds: now.Seconds(),
		Host:      r.host(),
		Watermark: r.watermark(),
	}
	if awsclient.IsLoopback(r.config.Target.Endpoint) {
		res.LatencyModelled = true
	}
	if r.config.Guard == nil {
		res.Target = "local"
	}
	if step := res.Host.ClockStep; step != nil {
		res.Warnings = append(res.Warnings, fmt.Sprintf(
			"the host's wall clock was set during the run, by %+.0f ms: no due time and no latency hangs on it, but the arrival times of records do", *step))
	}
	r.meter.Fill(res, r.facts.measuredAt)
	r.load.fill(res)
	r.fillEngine(res)
	r.fillRoutes(res)
	r.warnOfRoutes(res)
	if r.facts.proved {
		warnOfSums(res, r.facts.rows)
		r.meter.Prove(res, r.facts.rows, len(r.facts.malformed), r.inTransit())
		for _, item := range r.facts.malformed[:min(len(r.facts.malformed), result.OffendersKept)] {
			res.Warnings = append(res.Warnings, "an item of the table is no row: "+item)
		}
	}
	r.fillRate(res)
	if in := r.facts.drainedIn; in != nil {
		ms := float64(*in) / float64(time.Millisecond)
		res.DrainedInMS = &ms
	}
	return res
}

// watermark is the variant of the watermark, and how what it dropped was judged.
func (r *run) watermark() result.Watermark {
	a := &r.scenario.Pipeline.Aggregator
	v := a.WatermarkVariant()
	w := result.Watermark{Per: string(scenarios.PerShard), Every: scenarios.EveryRecord.String(), Minus1: v.Minus1ms, Judged: result.JudgedByBounds}
	if v.PerSubtask {
		w.Per = string(scenarios.PerSubtask)
	}
	if v.Every > 0 {
		w.Every = scenarios.Interval(v.Every).String()
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	w.MaxDrift, w.IdleTimeout, w.AllowedLateness = ms(v.MaxDrift), ms(v.IdleTimeout), ms(a.Lateness())
	if r.meter.JudgesExactly() {
		w.Judged = result.JudgedExactly
	}
	return w
}

// host is what the run ran on, and how that behaved.
func (r *run) host() result.Host {
	facts := r.canary.Facts()
	host := result.Host{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), CPU: canary.CPUModel(os.DirFS("/")), Go: runtime.Version(), HostState: hostState(&facts),
	}
	if before := r.facts.before; before != nil {
		host.Before = new(hostState(before))
	}
	if step := facts.ClockStep; step != nil {
		host.ClockStep = new(float64(*step) / float64(time.Millisecond))
	}
	return host
}

func hostState(f *canary.Facts) result.HostState {
	state := result.HostState{CPUSteal: f.CPUSteal, Stolen: f.Stolen, RunDelay: f.RunDelay, Throttled: f.Throttled}
	if p99 := f.SleepOvershootP99; p99 != nil {
		state.SleepOvershootP99 = new(float64(*p99) / float64(time.Millisecond))
	}
	return state
}

// fillEngine says what the engine counted, and which shards held its watermark back.
func (r *run) fillEngine(res *result.Result) {
	if r.pipeline == nil {
		return
	}
	status := r.pipeline.engine.Status()
	res.Records.Counted = status.Counted
	r.fillRestarts(res, &status)
	if a := &r.scenario.Pipeline.Aggregator; a.KPL == scenarios.ClosedAggregates && r.packed() && res.Records.Unreadable > 0 {
		res.Warnings = append(res.Warnings, "the aggregator leaves KPL aggregates closed, as Flink's KinesisStreamsSource does (pipeline.aggregator.kpl): "+
			"the records in them are unreadable to it, and missing from their rows")
	}
	var empty []string
	for _, shard := range status.Shards {
		if shard.Records == 0 && shard.Watermark != math.MaxInt64 { // one that a reshard has closed holds nothing back
			empty = append(empty, shard.ID)
		}
	}
	if len(empty) > 0 && len(status.Shards) > 0 && r.scenario.Pipeline.Aggregator.IdleTimeout == nil {
		res.Warnings = append(res.Warnings, fmt.Sprintf(
			"no record ever came to %s, so that no window closed while it was open, until the flush: is the partition key too coarse, or is idle_timeout missing?", strings.Join(empty, ", ")))
	}
}

// inTransit says that a row which the table lacks may still be on its way, for the drain did not come to its end. If every row that
// fired was read and handled, then none is, and what the table lacks is missing.
func (r *run) inTransit() bool {
	if !r.facts.undrained || !r.facts.fired || len(r.pipeline.mappings) == 0 {
		return r.facts.undrained
	}
	fired := r.meter.Rows().Counts().Fired
	for i, mapping := range r.pipeline.mappings {
		if c := r.meter.RouteReading(r.scenario.RouteNames()[i]).Counts(); c.Read+c.Lost < fired {
			return true
		}
		if status := mapping.Status(); status.Handled+status.Discarded < status.Hits {
			return true
		}
	}
	return false
}

// fillRate is records a minute, from the start of the feed to its end, and to the last acknowledgement.
func (r *run) fillRate(res *result.Result) {
	perMinute := func(records int64, over time.Duration) *float64 {
		if over <= 0 || records == 0 {
			return nil
		}
		rate := float64(records) / over.Minutes()
		return &rate
	}
	if !res.ClosedLoop { // which offers what is taken
		res.Rate.Offered = perMinute(res.Records.Offered, r.facts.fedAt-r.facts.feedStart)
	}
	res.Rate.Achieved = perMinute(res.Records.Acked, r.facts.resolvedAt-r.facts.feedStart)
}

// schedule is how late the harness was.
func (r *run) schedule(res *result.Result) verdict.Schedule {
	var s verdict.Schedule
	if handed, ok := res.Latency[measure.Handed]; ok {
		s.HandedP99 = &handed.P99
	}
	return s
}
