package report

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/result"
)

// compared is a comparison with a metric of each verdict.
func compared() Comparison {
	metric := func(name, unit, verdict string, change float64) result.ComparedMetric {
		return result.ComparedMetric{
			Name: name, Unit: unit, Better: "lower", Verdict: verdict, Reason: "because | of *it*", A: new(100.0), B: new(100 + change), Change: &change, Low: new(change - 1.5),
			High: new(change + 1.5), P: new(0.001953125), Adjusted: new(0.0078125), Margin: new(5.0), Noise: new(2.5), Spread: new(2.0),
		}
	}
	noisy := metric("acked.p99", "ms", "inconclusive", 7)
	noisy.Noise, noisy.Needed = new(12.0), 25
	return Comparison{(&result.Comparison{
		Weir: "v0", Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Method: result.Paired, Pairs: 10, PairsCompared: 10,
		A: result.ComparedSide{Name: "before.yaml", Scenario: "before", Runs: 10}, B: result.ComparedSide{Name: "after.yaml", Scenario: "after", Runs: 10},
		Differs: []string{"A: window: 1s", "B: window: 5s"},
		Verdict: "regressed", ExitCode: 11, Reasons: []string{"regressed: written.p99 because | of *it*", "inconclusive: acked.p99 because"}, Warnings: []string{"1 of 10 runs of B failed"},
		Metrics: []result.ComparedMetric{
			metric("written.p99", "ms", "regressed", 24), noisy, metric("drained_in", "ms", "same", 0), metric("throttled_share", "%", "improved", -30.25),
			{Name: "cpu_per_record", Unit: "µs", Better: "lower", Verdict: "not_measured", Reason: "not measured"},
		},
	}).Complete()}
}

func TestWhatIsMadeOfAComparison(t *testing.T) {
	c := compared()
	for name, write := range map[string]func(io.Writer) error{"comparison.txt": c.WriteText, SummaryFile: c.WriteSummary, JUnitFile: c.WriteJUnit} {
		golden := filepath.Join("testdata", "compared", name)
		got := text(t, write)
		if *update {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s (-golden +got):\n%s", golden, d)
		}
	}
}

func TestAComparisonThatSaysNothingIsAnErrorInJUnitAndNoFailure(t *testing.T) {
	for verdict, want := range map[string][3]int{"void": {0, 1, 0}, "interrupted": {0, 1, 0}, "inconclusive": {1, 0, 0}, "same": {0, 0, 0}, "improved": {0, 0, 0}, "regressed": {1, 0, 0}} {
		c := Comparison{&result.Comparison{Verdict: verdict, Reasons: []string{"because"}}}
		var suites testSuites
		if err := xml.NewDecoder(strings.NewReader(text(t, c.WriteJUnit))).Decode(&suites); err != nil {
			t.Fatal(err)
		}
		if s := suites.Suites[0]; [3]int{s.Failures, s.Errors, s.Skipped} != want || s.Tests != 1 {
			t.Errorf("%s: %+v", verdict, s)
		}
	}
}

func TestAComparisonIsWrittenBesideItsRuns(t *testing.T) {
	folder, err := result.Create(filepath.Join(t.TempDir(), "compared"))
	if err != nil {
		t.Fatal(err)
	}
	if err := compared().WriteAll(folder); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{result.ComparisonFile, SummaryFile, JUnitFile} {
		if _, err := os.Stat(filepath.Join(folder.Path(), name)); err != nil {
			t.Error(err)
		}
	}
}
