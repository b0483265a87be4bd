package regression

import (
	"fmt"
	"slices"
	"strings"

	"weir/measure/verdict"
	"weir/result"
)

// Facts are what decides beside the metrics. The zero value is a comparison that came to its end.
type Facts struct {
	// Err says what broke, and Void why there are no runs that say anything; empty where nothing did, and there are.
	Err, Void   string
	Interrupted bool
	// A and B are the runs that count.
	A, B []Run
}

// Decide gives a comparison whose metrics are judged its verdict, its exit code and all its reasons. The first that applies decides, in the order of the exit
// codes of a run: 1 an error, 130 interrupted, 21 void, 11 regressed, 20 inconclusive, 0 improved or same. Results that are proven lost or wrong in B alone are a
// regression, whatever the metrics say.
func Decide(c *result.Comparison, f Facts) {
	c.Warnings = append(c.Warnings, failures("A", f.A)...)
	c.Warnings = append(c.Warnings, failures("B", f.B)...)
	var interrupted []string
	if f.Interrupted {
		interrupted = []string{"interrupted: what was complete by then is compared"}
	}
	for _, step := range []struct {
		verdict string
		code    int
		reasons []string
	}{
		{verdict.Error, verdict.ExitError, some(f.Err)},
		{verdict.Interrupted, verdict.ExitInterrupted, interrupted},
		{verdict.Void, verdict.ExitVoid, some(f.Void)},
		{Regressed, verdict.ExitRegressed, append(some(wrong(f.A, f.B)), judged(c, Regressed)...)},
		{Inconclusive, verdict.ExitInconclusive, append(judged(c, Inconclusive), nothing(c)...)},
		{Improved, verdict.ExitPass, judged(c, Improved)},
	} {
		if c.Verdict == "" && len(step.reasons) > 0 {
			c.Verdict, c.ExitCode = step.verdict, step.code
		}
		c.Reasons = append(c.Reasons, step.reasons...)
	}
	if c.Verdict == "" {
		c.Verdict = Same
	}
}

func some(reason string) []string {
	if reason == "" {
		return nil
	}
	return []string{reason}
}

// judged says why metrics have a verdict: once for all of the same reason.
func judged(c *result.Comparison, verdict string) []string {
	var reasons []string
	of := make(map[string][]string)
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Verdict != verdict {
			continue
		}
		if of[m.Reason] == nil {
			reasons = append(reasons, m.Reason)
		}
		of[m.Reason] = append(of[m.Reason], m.Name)
	}
	for i, reason := range reasons {
		if names := of[reason]; len(names) == 1 {
			reasons[i] = fmt.Sprintf("%s: %s %s", verdict, names[0], reason)
		} else {
			reasons[i] = fmt.Sprintf("%s: %s: %s", verdict, strings.Join(names, ", "), reason)
		}
	}
	return reasons
}

// nothing says that no metric was measured at all: such things are not the same.
func nothing(c *result.Comparison) []string {
	if slices.ContainsFunc(c.Metrics, func(m result.ComparedMetric) bool { return m.Verdict != NotMeasured }) {
		return nil
	}
	return []string{"inconclusive: neither side measured any of the metrics"}
}

// wrong says what is proven lost or wrong in runs of B, where nothing is in those of A.
func wrong(a, b []Run) string {
	proven := func(r Run) bool { return r.Result.ExitCode == verdict.ExitWrong }
	first := slices.IndexFunc(b, proven)
	if first < 0 || slices.ContainsFunc(a, proven) {
		return ""
	}
	return fmt.Sprintf("regressed: results are lost or wrong in %s, and in no run of A: %s", b[first].Folder, firstReason(&b[first]))
}

// failures names how many runs of a side failed: what they measured counts, and their failing is not compared.
func failures(side string, runs []Run) []string {
	failed := func(r Run) bool { return r.Result.Verdict == verdict.Fail }
	first := slices.IndexFunc(runs, failed)
	if first < 0 {
		return nil
	}
	n := 0
	for i := range runs {
		if failed(runs[i]) {
			n++
		}
	}
	return []string{fmt.Sprintf("%d of %s of %s failed, as %s: %s", n, several(len(runs), "runs"), side, runs[first].Folder, firstReason(&runs[first]))}
}

func firstReason(r *Run) string {
	if len(r.Result.Reasons) == 0 {
		return "its result.json gives no reason"
	}
	return r.Result.Reasons[0]
}
