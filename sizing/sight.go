package sizing

import (
	"weir/measure/verdict"
	"weir/result"
)

// sightOf sums up a run.
func sightOf(r *result.Result) result.SizingSight {
	s := result.SizingSight{
		Holds: holds(r), Verdict: r.Verdict, Reasons: r.Reasons, Seconds: r.Seconds, Throttled: r.Records.Throttled, DrainedIn: r.DrainedInMS,
	}
	if r.Rate.Offered != nil {
		s.Offered = *r.Rate.Offered
	}
	if r.Rate.Achieved != nil {
		s.Achieved = *r.Rate.Achieved
	}
	if l, ok := r.Latency["written"]; ok {
		s.WrittenP99 = new(l.P99)
	}
	s.BacklogInput, s.BacklogOutput = r.Backlog["input"].MaxSeconds, r.Backlog["output"].MaxSeconds
	return s
}

// holds says that a run shows the configuration to be enough: every expectation was met, and no backlog is known to grow or not to.
func holds(r *result.Result) bool {
	if r.Verdict != verdict.Pass {
		return false
	}
	for _, b := range r.Backlog {
		if b.Trend != "" && b.Trend != verdict.Pass {
			return false
		}
	}
	return true
}
