package harness

import (
	"context"

	"weir/measure"
	"weir/measure/verdict"
	"weir/result"
)

// watch ends the feed as soon as what was measured breaks an expectation that says so. It is called each second.
func (r *run) watch(endFeed context.CancelFunc) func(measure.Snapshot) {
	watched := false
	for _, e := range r.expectations {
		watched = watched || e.Abort()
	}
	return func(s measure.Snapshot) {
		if r.config.Progress != nil {
			r.config.Progress(s)
		}
		if !watched || r.aborted.Load() != nil {
			return
		}
		var live result.Result
		r.meter.Live(&live, r.clock.Now())
		r.fillRoutes(&live)
		if broken := verdict.Broken(r.expectations, &live); broken != nil {
			r.aborted.Store(broken)
			endFeed()
		}
	}
}
