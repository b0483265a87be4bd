package sizing

import (
	"fmt"
	"slices"

	"weir/measure/verdict"
	"weir/result"
	"weir/sizing/simulator"
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
	s.BacklogInput, s.BacklogOutput = r.Backlog[result.InputBacklog].MaxSeconds, r.Backlog[result.OutputBacklog].MaxSeconds
	for _, b := range r.Backlog {
		s.TrendJudged = s.TrendJudged || b.Trend != ""
	}
	if !s.Holds && s.Verdict == verdict.Pass {
		s.Reasons = append(slices.Clone(s.Reasons), growing(r)...)
	}
	return s
}

// growing names the backlogs that grow, or may grow.
func growing(r *result.Result) (reasons []string) {
	for _, place := range []string{result.InputBacklog, result.OutputBacklog, result.TableBacklog} {
		b := r.Backlog[place]
		switch words := verdict.Growing(place, &b); {
		case words != "":
			reasons = append(reasons, words)
		case b.Trend == verdict.Inconclusive:
			reasons = append(reasons, fmt.Sprintf("whether the backlog of the %s grows is not known: by %.2g ± %.2g %% of %s", place, *b.TrendPercent, *b.TrendMargin, result.Arrivals(place)))
		}
	}
	return reasons
}

// judgeUse marks a configuration as one that does not hold if some part has a use of 100 % or more over a hold or over the whole feed. The backlog in front of that
// part grows as long as the load comes, even if the load ends before an expectation fails. By is added to the reason.
func judgeUse(s *result.SizingSight, parts []simulator.Part, by string) {
	s.Use = sustained(parts)
	u := overused(parts)
	if u == nil {
		return
	}
	s.Holds = false
	why := u.tooMuch() + ": at 100 % or more it never holds" + by
	if !slices.Contains(s.Reasons, why) {
		s.Reasons = append(slices.Clone(s.Reasons), why)
	}
}

// holds reports whether a run shows the configuration to be enough: every expectation was met, and no backlog is known to grow or not to.
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
