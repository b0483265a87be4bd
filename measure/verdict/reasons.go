package verdict

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"weir/result"
)

// The bounds of a run that says anything about its pipeline (DESIGN.md, "Queue, saturation, void").
const (
	maxHandedP99      = 5.0 // milliseconds
	maxSleepOvershoot = 5.0 // milliseconds
	maxCPUSteal       = 5.0 // percent, told by the hypervisor or found out
	maxThrottled      = 5.0 // percent of a CPU's time
	// maxRunDelay is in percent of the CPU time wanted. The threads of a busy weir wait for 2 to 17 % of it for each other, and beside two
	// processes a CPU that want all of it, for 73 to 96 %.
	maxRunDelay = 50.0
)

// wrong lists what is proven lost or wrong.
func wrong(f *Facts) []string {
	var reasons []string
	if f.Records.Lost > 0 {
		reasons = append(reasons, fmt.Sprintf("lost: %s acknowledged and never read", count(f.Records.Lost, "record")))
	}
	if f.Output != nil && f.Output.Lost > 0 {
		reasons = append(reasons, fmt.Sprintf("lost: %s acknowledged by the output stream and never read", count(f.Output.Lost, "row")))
	}
	if f.Rows == nil {
		return reasons
	}
	for _, part := range []struct {
		rows int64
		what string
	}{
		{f.Rows.Wrong, "wrong in the table"},
		{f.Rows.Missing, "missing from the table"},
		{f.Rows.Unexpected, "in the table that must not be there"},
	} {
		if part.rows > 0 {
			reasons = append(reasons, fmt.Sprintf("wrong: %s %s", count(part.rows, "row"), part.what))
		}
	}
	if f.Rows.FalseLate > 0 {
		reasons = append(reasons, fmt.Sprintf("wrong: %s reported late and not late by the watermark of the shard", count(f.Rows.FalseLate, "record")))
	}
	return reasons
}

func interrupted(f *Facts) []string {
	if !f.Interrupted {
		return nil
	}
	return []string{"interrupted"}
}

// void lists why the harness itself spoiled the run. A full queue is the pipeline's doing, unless the host held the harness back, and a
// closed loop has no schedule.
func void(f *Facts) []string {
	if f.ClosedLoop {
		return nil
	}
	var reasons []string
	for _, trouble := range troubles(&f.Host) {
		reasons = append(reasons, "void: "+trouble)
	}
	if f.Saturated != "" {
		return reasons
	}
	if p99 := f.Schedule.HandedP99; p99 != nil && *p99 > maxHandedP99 {
		reasons = append(reasons, fmt.Sprintf("void: the harness handed records over late: p99 %.3g ms, at most %g ms", *p99, maxHandedP99))
	}
	return reasons
}

// troubles are what a host did that a harness cannot work with.
func troubles(h *result.HostState) []string {
	var found []string
	for _, part := range []struct {
		observed *float64
		most     float64
		format   string
	}{
		{h.SleepOvershootP99, maxSleepOvershoot, "the host woke the harness late: p99 %.3g ms, at most %g ms"},
		{h.CPUSteal, maxCPUSteal, "the host gave %.3g %% of the CPU to others, at most %g %%"},
		{h.Stolen, maxCPUSteal, "the host gave the CPU of a busy thread to others for %.3g %% of the time and did not say so, at most %g %%"},
		{h.RunDelay, maxRunDelay, "the harness waited for a CPU for %.3g %% of the time that it wanted one, at most %g %%"},
		{h.Throttled, maxThrottled, "the CPU quota held the harness back for %.3g %% of the time, at most %g %%"},
	} {
		if part.observed != nil && *part.observed > part.most {
			found = append(found, fmt.Sprintf(part.format, *part.observed, part.most))
		}
	}
	return found
}

// failed lists what the pipeline did not get through, and the expectations that failed.
func failed(f *Facts) []string {
	reasons := append(imbalance(f), some(f.Saturated)...)
	if f.Aborted != "" {
		reasons = append(reasons, "aborted: "+f.Aborted)
	}
	if f.DrainTimedOut {
		reason := "the drain was not over when its limit was reached"
		if len(f.Left) > 0 {
			reason += ": " + strings.Join(f.Left, ", ")
		}
		reasons = append(reasons, reason)
	}
	r := &f.Records
	for _, part := range []struct {
		records int64
		what    string
	}{
		{r.Failed, "refused by the stream, and given up"},
		{r.Unsent, "never sent"},
		{r.Unknown - r.Found, "without an answer, and nobody knows whether they are stored"},
		{r.Unread, "stored and not read"},
	} {
		if part.records > 0 && !f.Interrupted {
			reasons = append(reasons, fmt.Sprintf("%s %s", count(part.records, "record"), part.what))
		}
	}
	switch {
	case f.Rows == nil && f.Usage == "":
		reasons = append(reasons, "the table was not proved")
	case f.Rows != nil && f.Rows.Unproven > 0:
		reasons = append(reasons, fmt.Sprintf("%s unproven, for they depend on what was not read", count(f.Rows.Unproven, "row")))
	}
	for _, name := range slices.Sorted(maps.Keys(f.Routes)) {
		if leaks := f.Routes[name].Leaks; leaks != nil && *leaks > 0 {
			reasons = append(reasons, fmt.Sprintf("route %s: %s of kinds that it is not there for reached its function", name, count(*leaks, "row")))
		}
	}
	return append(reasons, judged(f.Expectations, Fail, "expectation failed")...)
}

func inconclusive(f *Facts) []string {
	return judged(f.Expectations, Inconclusive, "inconclusive")
}

func judged(expectations []result.Expectation, verdict, prefix string) []string {
	var reasons []string
	for _, e := range expectations {
		if e.Verdict == verdict {
			reasons = append(reasons, fmt.Sprintf("%s: %s (%s)", prefix, e.Text, observed(e)))
		}
	}
	return reasons
}

func observed(e result.Expectation) string {
	text := "not observed"
	if e.Observed != nil {
		text = strings.TrimSpace(fmt.Sprintf("observed %s %s", number(*e.Observed), e.Unit))
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// number is a whole number in full, any other to four digits, and without a fraction from a thousand on.
func number(value float64) string {
	if math.Abs(value) < 1e15 && (value == math.Trunc(value) || math.Abs(value) >= 1000) {
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	return fmt.Sprintf("%.4g", value)
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
