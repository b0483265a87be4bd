package harness

import (
	"context"

	"weir/measure"
	"weir/measure/verdict"
	"weir/result"
)

// watch tells of the run's progress with what it would say by now, and ends the feed as soon as what was measured breaks an expectation that asks for
// that. It is called each second.
func (r *run) watch(endFeed context.CancelFunc) func(measure.Snapshot) {
	watched := r.config.Progress != nil
	for _, e := range r.expectations {
		watched = watched || e.Abort()
	}
	return func(s measure.Snapshot) {
		if !watched {
			return
		}
		live := result.Result{ClosedLoop: r.scenario.ClosedLoop()}
		r.meter.Live(&live, r.clock.Now())
		r.fillRoutes(&live)
		if r.config.Progress != nil {
			s.Verdict, s.Because = verdict.SoFar(r.expectations, &live)
			r.config.Progress(s)
		}
		if r.aborted.Load() != nil {
			return
		}
		if broken := verdict.Broken(r.expectations, &live); broken != nil {
			r.aborted.Store(broken)
			endFeed()
		}
	}
}
