// Package verdict decides what a run says: its verdict, its exit code and every reason, from what was measured. It is pure.
//
// The first that applies decides, and all reasons are kept:
//
//	exit  verdict       because
//	  2   error         usage or scenario: nothing was started
//	  1   error         an error
//	 12   fail          lost or wrong results, proven, even in an interrupted run
//	130   interrupted
//	 21   void          the harness itself was late, so the run says nothing about the pipeline
//	 11   regressed
//	 10   fail          an expectation failed, or the pipeline did not get through
//	 20   inconclusive
//	  0   pass
package verdict

import "weir/result"

// The verdicts of a run. One expectation passes, fails or is inconclusive.
const (
	Pass         = "pass"
	Fail         = "fail"
	Regressed    = "regressed"
	Inconclusive = "inconclusive"
	Void         = "void"
	Error        = "error"
	Interrupted  = "interrupted"
)

// The exit codes of weir.
const (
	ExitPass         = 0
	ExitError        = 1
	ExitUsage        = 2
	ExitFail         = 10
	ExitRegressed    = 11
	ExitWrong        = 12
	ExitInconclusive = 20
	ExitVoid         = 21
	ExitInterrupted  = 130
)

// Facts are what a run's verdict is decided from. The zero value is a run in which nothing was observed.
type Facts struct {
	// Usage and Err say why the run could not start, or broke; empty if it did not.
	Usage, Err  string
	Interrupted bool

	Records result.Records
	// Output is nil in a direct pipeline.
	Output *result.Output
	// Routes are those of a routed pipeline.
	Routes map[string]result.Route
	// EngineCounts says that the aggregator reported what it counted, so that it must add up.
	EngineCounts bool
	// Rows is nil where the table was not proved.
	Rows *result.Rows

	// Saturated says why feeding had to end before the load did; empty if it had not.
	Saturated string
	// Aborted is the expectation that ended the run before its time; empty where none did.
	Aborted string
	// DrainTimedOut says that the drain was not over when its limit was reached.
	DrainTimedOut bool
	// Left are the words of [Waits] for what waited then, the fullest part first.
	Left []string

	// ClosedLoop says that each record was due when it was handed over: the harness cannot have been late.
	ClosedLoop bool
	Schedule   Schedule
	// Host is how the machine behaved during the run, and Before how it did in the moment before.
	Host, Before result.HostState

	// Expectations are the scenario's own, judged.
	Expectations []result.Expectation
	// Regressions are what a comparison with a baseline found worse.
	Regressions []string
}

// Schedule is how well the harness kept its schedule.
type Schedule struct {
	// HandedP99 is the 99th percentile of the harness's own lateness in milliseconds, nil where none was measured.
	HandedP99 *float64
}

// Decision is what a run says.
type Decision struct {
	Verdict  string
	ExitCode int
	Reasons  []string
	Warnings []string
	// Expectations are those that always hold, then the scenario's own.
	Expectations []result.Expectation
}

// Decide decides. It changes nothing in the facts.
func Decide(f Facts) Decision {
	d := Decision{Expectations: append(always(&f), f.Expectations...), Warnings: warnings(&f)}
	for _, level := range []struct {
		verdict string
		code    int
		reasons []string
	}{
		{Error, ExitUsage, some(f.Usage)},
		{Error, ExitError, some(f.Err)},
		{Fail, ExitWrong, wrong(&f)},
		{Interrupted, ExitInterrupted, interrupted(&f)},
		{Void, ExitVoid, void(&f)},
		{Regressed, ExitRegressed, f.Regressions},
		{Fail, ExitFail, failed(&f)},
		{Inconclusive, ExitInconclusive, inconclusive(&f)},
	} {
		if d.Verdict == "" && len(level.reasons) > 0 {
			d.Verdict, d.ExitCode = level.verdict, level.code
		}
		d.Reasons = append(d.Reasons, level.reasons...)
	}
	if d.Verdict == "" {
		d.Verdict = Pass
	}
	return d
}

func some(reason string) []string {
	if reason == "" {
		return nil
	}
	return []string{reason}
}
