package verdict

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/result"
)

// good are the facts of a run in which everything went well.
func good() Facts {
	p99 := 1.5
	return Facts{
		Records:      result.Records{Offered: 10, Acked: 9, Unknown: 1, Found: 1, Read: 10, Counted: 9, Late: 1},
		EngineCounts: true,
		Rows:         &result.Rows{Expected: 5, Matched: 5},
		Schedule:     Schedule{HandedP99: &p99},
	}
}

//go:fix inline

func expectation(verdict string) []result.Expectation {
	return []result.Expectation{{Text: "written.p99 <= 2s", Observed: new(float64(2500)), Unit: "ms", Verdict: verdict}}
}

func TestDecide(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*Facts)
		verdict string
		code    int
		reason  string // part of a reason
	}{
		{"all is well", func(*Facts) {}, Pass, 0, ""},
		{"usage", func(f *Facts) { f.Usage = "no such file" }, Error, 2, "no such file"},
		{"an error", func(f *Facts) { f.Err = "the disk is full" }, Error, 1, "the disk is full"},
		{"lost", func(f *Facts) { f.Records.Lost, f.Records.Read = 1, 9 }, Fail, 12, "lost: 1 record acknowledged and never read"},
		{"a row lost behind the aggregator", func(f *Facts) { f.Output = &result.Output{Lost: 1} }, Fail, 12, "lost: 1 row acknowledged by the output stream"},
		{"a wrong row", func(f *Facts) { f.Rows.Wrong = 1 }, Fail, 12, "wrong: 1 row wrong in the table"},
		{"a missing row", func(f *Facts) { f.Rows.Missing = 2 }, Fail, 12, "wrong: 2 rows missing"},
		{"an unexpected row", func(f *Facts) { f.Rows.Unexpected = 1 }, Fail, 12, "that must not be there"},
		{"a late record that was not", func(f *Facts) { f.Rows.FalseLate = 1 }, Fail, 12, "reported late"},
		{"interrupted", func(f *Facts) { f.Interrupted = true }, Interrupted, 130, "interrupted"},
		{"interrupted before the proof", func(f *Facts) { f.Interrupted, f.Rows = true, nil }, Interrupted, 130, "not proved"},
		{"handed over late", func(f *Facts) { f.Schedule.HandedP99 = new(5.1) }, Void, 21, "handed records over late: p99 5.1 ms"},
		{"handed over at the bound", func(f *Facts) { f.Schedule.HandedP99 = new(float64(5)) }, Pass, 0, ""},
		{"handed over late in a closed loop", func(f *Facts) { f.Schedule.HandedP99, f.ClosedLoop = new(float64(500)), true }, Pass, 0, ""},
		{"a host that oversleeps", func(f *Facts) { f.Host.SleepOvershootP99 = new(float64(7)) }, Void, 21, "woke the harness late"},
		{"a host that is stolen", func(f *Facts) { f.Host.CPUSteal = new(float64(9)) }, Void, 21, "9 % of the CPU"},
		{"a host without a CPU for the harness", func(f *Facts) { f.Host.RunDelay = new(float64(51)) }, Void, 21, "waited for a CPU for 51 %"},
		{"a harness whose threads wait for each other", func(f *Facts) { f.Host.RunDelay = new(float64(50)) }, Pass, 0, ""},
		{"a CPU quota", func(f *Facts) { f.Host.Throttled = new(float64(6)) }, Void, 21, "quota held the harness back for 6 %"},
		{"a closed loop on a bad host", func(f *Facts) { f.Host.RunDelay, f.ClosedLoop = new(float64(90)), true }, Pass, 0, ""},
		{"saturated", func(f *Facts) { f.Saturated = "saturated: why" }, Fail, 10, "saturated"},
		{"saturated on a bad host", func(f *Facts) { f.Saturated, f.Host.CPUSteal = "saturated: why", new(float64(9)) }, Void, 21, "9 % of the CPU"},
		{"saturated, and so handed over late", func(f *Facts) { f.Saturated, f.Schedule.HandedP99 = "saturated: why", new(float64(900)) }, Fail, 10, "saturated"},
		{"regressed", func(f *Facts) { f.Regressions = []string{"written.p99 is worse"} }, Regressed, 11, "worse"},
		{"an expectation failed", func(f *Facts) { f.Expectations = expectation(Fail) }, Fail, 10, "written.p99 <= 2s (observed 2500 ms)"},
		{"an expectation without an observation", func(f *Facts) { f.Expectations = expectation(Fail); f.Expectations[0].Observed = nil }, Fail, 10, "(not observed)"},
		{"an expectation on another figure", func(f *Facts) { f.Expectations = expectation(Fail); f.Expectations[0].Reason = "fired.p99 is 2 ms" }, Fail, 10, "(observed 2500 ms: fired.p99 is 2 ms)"},
		{"an expectation that ended the run", func(f *Facts) { f.Aborted = "abort unless throttled == 0" }, Fail, 10, "aborted: abort unless throttled == 0"},
		{"a run that an expectation ended, and a bad host", func(f *Facts) { f.Aborted, f.Host.CPUSteal = "abort unless throttled == 0", new(float64(9)) }, Void, 21, "aborted"},
		{"an expectation that says nothing", func(f *Facts) { f.Expectations = expectation(Inconclusive) }, Inconclusive, 20, "inconclusive"},
		{"an expectation on what was not measured", func(f *Facts) {
			f.Expectations = expectation(Inconclusive)
			f.Expectations[0].Observed, f.Expectations[0].Reason = nil, "the run did not come to the phase"
		}, Inconclusive, 20, "inconclusive: written.p99 <= 2s (not observed: the run did not come to the phase)"},
		{"a drain that took too long", func(f *Facts) { f.DrainTimedOut = true }, Fail, 10, "drain"},
		{"unread", func(f *Facts) { f.Records.Unread, f.Records.Read, f.DrainTimedOut = 1, 9, true }, Fail, 10, "1 record stored and not read"},
		{"unproven", func(f *Facts) { f.Rows.Unproven = 3 }, Fail, 10, "3 rows unproven"},
		{"not proved", func(f *Facts) { f.Rows = nil }, Fail, 10, "not proved"},
		{"refused for good", func(f *Facts) { f.Records.Failed, f.Records.Offered = 1, 11 }, Fail, 10, "refused"},
		{"unsent", func(f *Facts) { f.Records.Unsent, f.Records.Offered = 1, 11 }, Fail, 10, "never sent"},
		{"unresolved", func(f *Facts) { f.Records.Unknown, f.Records.Offered = 2, 11 }, Fail, 10, "without an answer"},
		{"sends that do not add up", func(f *Facts) { f.Records.Offered = 12 }, Fail, 10, "12 offered"},
		{"reads that do not add up", func(f *Facts) { f.Records.Phantom = 1 }, Fail, 10, "11 stored"},
		{"an engine whose counts do not add up", func(f *Facts) { f.Records.Counted = 8 }, Fail, 10, "10 read"},
		{"an engine that reports no counts", func(f *Facts) { f.Records.Counted, f.EngineCounts = 0, false }, Pass, 0, ""},
		{"a hypervisor that says nothing", func(f *Facts) { f.Host.Stolen = new(7.0) }, Void, 21, "did not say so"},
		{"a bad host before a good run", func(f *Facts) { f.Before.RunDelay = new(99.0) }, Pass, 0, ""},
		{"reordered", func(f *Facts) { f.Records.Reordered = 4 }, Pass, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := good()
			test.change(&f)
			d := Decide(f)
			if d.Verdict != test.verdict || d.ExitCode != test.code {
				t.Errorf("%s, exit %d: %q; want %s, exit %d", d.Verdict, d.ExitCode, d.Reasons, test.verdict, test.code)
			}
			if !strings.Contains(strings.Join(d.Reasons, "\n"), test.reason) {
				t.Errorf("reasons %q do not say %q", d.Reasons, test.reason)
			}
			if test.code == ExitPass && len(d.Reasons) > 0 {
				t.Errorf("a pass has reasons: %q", d.Reasons)
			}
		})
	}
}

// levels are what a run can come to, the first that applies deciding.
var levels = []struct {
	code    int
	verdict string
	change  func(*Facts)
}{
	{2, Error, func(f *Facts) { f.Usage = "misused" }},
	{1, Error, func(f *Facts) { f.Err = "broken" }},
	{12, Fail, func(f *Facts) { f.Records.Lost, f.Records.Read, f.Records.Counted = 1, 9, 8 }},
	{130, Interrupted, func(f *Facts) { f.Interrupted = true }},
	{21, Void, func(f *Facts) { f.Schedule.HandedP99 = new(float64(50)) }},
	{11, Regressed, func(f *Facts) { f.Regressions = []string{"worse"} }},
	{10, Fail, func(f *Facts) { f.Expectations = append(f.Expectations, expectation(Fail)...) }},
	{20, Inconclusive, func(f *Facts) { f.Expectations = append(f.Expectations, expectation(Inconclusive)...) }},
	{0, Pass, func(*Facts) {}},
}

// Of two levels the first decides, whichever came first, and the reasons of both are kept.
func TestOfEveryTwoLevelsTheFirstDecides(t *testing.T) {
	for i, first := range levels {
		for _, second := range levels[i:] {
			for _, changes := range [][]func(*Facts){{first.change, second.change}, {second.change, first.change}} {
				f := good()
				changes[0](&f)
				alone := len(Decide(f).Reasons)
				changes[1](&f)
				d := Decide(f)
				if d.ExitCode != first.code || d.Verdict != first.verdict {
					t.Errorf("%d and %d: exit %d, %s", first.code, second.code, d.ExitCode, d.Verdict)
				}
				if first.code != second.code && second.code != ExitPass && len(d.Reasons) != alone+1 {
					t.Errorf("%d and %d: %q", first.code, second.code, d.Reasons)
				}
			}
		}
	}
}

func TestOfAllLevelsTheFirstDecides(t *testing.T) {
	f := good()
	for i := len(levels) - 1; i >= 0; i-- {
		levels[i].change(&f)
		if d := Decide(f); d.ExitCode != levels[i].code || len(d.Reasons) != len(levels)-1-i {
			t.Errorf("exit %d with %q, want exit %d", d.ExitCode, d.Reasons, levels[i].code)
		}
	}
}

func TestWhatAlwaysHoldsIsListed(t *testing.T) {
	f := good()
	f.Rows.Wrong, f.Rows.Missing = 1, 1
	want := append([]result.Expectation{
		{Text: "lost == 0", Observed: new(float64(0)), Unit: "records", Verdict: Pass},
		{Text: "wrong == 0", Observed: new(float64(2)), Unit: "rows", Verdict: Fail},
	}, expectation(Pass)...)
	f.Expectations = expectation(Pass)
	if d := cmp.Diff(want, Decide(f).Expectations); d != "" {
		t.Errorf("expectations (-want +got):\n%s", d)
	}
	f.Rows = nil
	if e := Decide(f).Expectations[1]; e.Observed != nil || e.Verdict != Fail {
		t.Errorf("without a proof, wrong == 0 is %+v", e)
	}
}

func TestWarnings(t *testing.T) {
	f := good()
	f.Records.Late, f.Records.Counted = 0, 10
	if got := Decide(f).Warnings; len(got) > 0 {
		t.Errorf("a good run warns: %q", got)
	}
	f.Records.Reordered, f.Records.Skipped, f.Records.Late, f.Rows.Flushed = 3, 1, 1, 5
	f.Rows.RoutedTwice = 2
	f.Before = result.HostState{SleepOvershootP99: new(12.34), CPUSteal: new(1.0)}
	want := []string{
		"already before the run, the host woke the harness late: p99 12.3 ms, at most 5 ms",
		"1 record of the recording skipped, not fit to be scheduled",
		"1 record dropped as late: their windows had fired",
		"3 records stored after a later one of the same shard",
		"2 rows taken by more than one route",
		"every row was fired by the flush, so that no latency of a row was measured",
	}
	if d := cmp.Diff(want, Decide(f).Warnings); d != "" {
		t.Errorf("warnings (-want +got):\n%s", d)
	}
}
