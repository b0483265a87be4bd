package verdict

import (
	"fmt"

	"weir/result"
)

// SoFar is what a run would say if nothing more came, of what was measured until now: pass, void or fail, and why. It is no promise: an expectation on what may yet
// become enough is left out, and so is the proof of the rows.
func SoFar(expectations []*Expectation, r *result.Result) (verdict, why string) {
	if lost := r.Records.Lost; lost > 0 {
		return Fail, fmt.Sprintf("lost: %s", count(lost, "record"))
	}
	if handed, ok := r.Latency["handed"]; ok && !r.ClosedLoop && handed.P99 > maxHandedP99 {
		return Void, fmt.Sprintf("the harness is late: handed p99 %.3g ms, at most %g ms", handed.P99, maxHandedP99)
	}
	for _, e := range expectations {
		if e.checkAbort() != nil {
			continue
		}
		if judged := e.Judge(r); judged.Verdict == Fail {
			return Fail, fmt.Sprintf("%s (%s)", judged.Text, observed(judged))
		}
	}
	return Pass, ""
}
