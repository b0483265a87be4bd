package report

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"weir/result"
)

func merge(t *testing.T, paths ...string) *Latencies {
	t.Helper()
	l, err := MergeLatencies(paths...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A run with itself has twice the counts, and the same percentiles.
func TestMergedLatenciesAreThoseOfAllRuns(t *testing.T) {
	once, twice := merge(t, failed), merge(t, failed, failed)
	run := read(t, failed).Result
	if len(once.points()) < 5 {
		t.Fatalf("points %q", once.points())
	}
	for _, point := range once.points() {
		a, b := once.totals[point], twice.totals[point]
		if a.TotalCount() != run.Latency[point].Count || milliseconds(a.ValueAtQuantile(99)) != run.Latency[point].P99 {
			t.Errorf("%s: the log and result.json differ", point)
		}
		if b.TotalCount() != 2*a.TotalCount() || b.ValueAtQuantile(99) != a.ValueAtQuantile(99) || b.Max() != a.Max() {
			t.Errorf("%s: %d and %d", point, a.TotalCount(), b.TotalCount())
		}
	}
	table := text(t, twice.WriteTable)
	if !strings.HasPrefix(table, "latency of 2 runs") || !strings.Contains(table, "acked_uncorrected") || strings.Contains(table, "warmup") {
		t.Errorf("%s", table)
	}
}

// The plotter takes lines of four numbers: values and shares rise, and the last share is 1.
func TestHgrmFilesAreWhatHdrHistogramsPlotterReads(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "hgrm")
	l := merge(t, failed)
	paths, err := l.WriteHgrm(folder)
	if err != nil || len(paths) != len(l.points()) {
		t.Fatalf("%q, %v", paths, err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		point := strings.TrimSuffix(filepath.Base(path), ".hgrm")
		lines := strings.Split(strings.TrimSpace(string(content)), "\n")
		if strings.Join(strings.Fields(lines[0]), " ") != "Value Percentile TotalCount 1/(1-Percentile)" || lines[1] != "" {
			t.Fatalf("%s begins with %q", path, lines[:2])
		}
		var last []float64
		for _, line := range lines[2:] {
			if strings.HasPrefix(line, "#") {
				continue
			}
			var row []float64
			for field := range strings.FieldsSeq(line) {
				x, err := strconv.ParseFloat(field, 64)
				if err != nil {
					t.Fatal(err)
				}
				row = append(row, x)
			}
			if last != nil && (row[0] < last[0] || row[1] < last[1] || row[2] < last[2]) {
				t.Errorf("%s: %v after %v", path, row, last)
			}
			last = row
		}
		if len(last) != 3 || last[1] != 1 || int64(last[2]) != l.totals[point].TotalCount() || last[0] < milliseconds(l.totals[point].Max())-0.001 {
			t.Errorf("%s ends with %v", path, last)
		}
	}
}

func TestLatenciesThatWereNotMeasuredAreAnError(t *testing.T) {
	for name, r := range map[string]*result.Result{"no log": {}, "closed loop": {ClosedLoop: true}} {
		folder := t.TempDir()
		writeResult(t, folder, r)
		if _, err := MergeLatencies(failed, folder); !errors.Is(err, ErrNoLatencies) || !strings.Contains(err.Error(), folder) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
