package result

import (
	"errors"
	"testing"
	"time"
)

func TestComparisonIsInItsGoldenFile(t *testing.T) {
	f := folder(t)
	err := f.WriteComparison(&Comparison{
		Weir: "v0", Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Method: Paired, Pairs: 1, PairsCompared: 1,
		A: ComparedSide{Name: "a.yaml", Scenario: "a", Runs: 1}, B: ComparedSide{Name: "b.yaml", Scenario: "b", Runs: 1}, Verdict: "inconclusive", ExitCode: 20,
		Metrics: []ComparedMetric{{
			Name: "written.p99", Unit: "ms", Better: "lower", Verdict: "inconclusive", Reason: "1 pair", A: new(1.5), Change: new(2.5), Needed: 6,
			ValuesA: []*float64{new(1.5)}, ValuesB: []*float64{nil},
		}},
		Runs: []ComparedRun{{Side: "a", Pair: 1, Folder: "01-a", Verdict: "pass", Counted: true}, {Side: "b", Pair: 1, Folder: "01-b", Verdict: "void"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, ComparisonFile, contents(t, f, ComparisonFile))
}

func TestBaselineComesBackAsItWasWritten(t *testing.T) {
	f := folder(t)
	if _, err := f.ReadBaseline(); !errors.Is(err, ErrNoBaseline) {
		t.Errorf("got %v", err)
	}
	want := Baseline{
		Version: 1, Weir: "v0", Made: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), ResultVersion: 2, Scenario: "a", Target: "local", Host: Host{OS: "linux", CPUs: 2},
		Runs: []string{"01-a", "02-a"}, Noise: map[string]float64{"written.p99": 2.5},
	}
	if err := f.WriteBaseline(&want); err != nil {
		t.Fatal(err)
	}
	golden(t, BaselineFile, contents(t, f, BaselineFile))
	got, err := f.ReadBaseline()
	if err != nil || got.Runs[1] != "02-a" || got.Noise["written.p99"] != 2.5 || got.Host.CPUs != 2 || !got.Made.Equal(want.Made) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []Baseline{{Version: 2}, {Version: 0}, {Version: 1, Runs: []string{"../elsewhere"}}} {
		if err := f.WriteBaseline(&bad); err != nil {
			t.Fatal(err)
		}
		if _, err := f.ReadBaseline(); err == nil {
			t.Errorf("%+v was read", bad)
		}
	}
}
