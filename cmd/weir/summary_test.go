package main

import (
	"strings"
	"testing"
	"text/tabwriter"

	"weir/result"
)

func TestTheSummarySaysWhichFilesWereNotOpened(t *testing.T) {
	var out strings.Builder
	writeCounts(&out, &result.Result{Unopened: &result.UnopenedFiles{Files: 3, First: "2013/01/01/08/a", Last: "2013/01/01/13/f"}})
	if want := "not opened\t3 files by the dates in their paths, 2013/01/01/08/a to 2013/01/01/13/f\n"; !strings.Contains(out.String(), want) {
		t.Error(out.String())
	}
	out.Reset()
	if writeCounts(&out, &result.Result{}); strings.Contains(out.String(), "not opened") {
		t.Error(out.String())
	}
}

// The parts stand in the order of the data's way, and the largest one is named.
func TestTheSummaryNamesThePartInWhichMostWaited(t *testing.T) {
	waited := func(records int64, seconds float64) result.Waited {
		return result.Waited{MaxRecords: records, MaxSeconds: &seconds}
	}
	grows := func(percent, margin float64, verdict string) result.BacklogTrend {
		return result.BacklogTrend{TrendPercent: &percent, TrendMargin: &margin, Trend: verdict}
	}
	r := &result.Result{
		Routes: map[string]result.Route{"orders": {Hits: 7, Rows: 7}, "refunds": {Hits: 2, Rows: 2, Misses: 5}},
		Backlog: map[string]result.Backlog{
			"input": {
				Waited: waited(7500, 16), IteratorAge: new(0.25), BacklogTrend: grows(4.81, 0.07, "fail"), Grows: "engine",
				Parts: map[string]result.BacklogPart{
					"harness": {Waited: waited(2, 0.001)}, "writer": {Waited: waited(12, 0.1)}, "stream": {Waited: waited(88, 0.2)},
					"engine": {Waited: waited(7400, 16), BacklogTrend: grows(4.8, 0.07, "fail")},
				},
			},
			"output": {
				Parts:  map[string]result.BacklogPart{"writer": {Waited: waited(3, 0.1)}, "stream": {Waited: waited(3, 0.5)}, "function": {Waited: waited(2, 0.5)}},
				Waited: waited(3, 0.5), BacklogTrend: grows(0.1, 0.2, "pass"),
				Routes: map[string]result.RouteBacklog{"orders": {Waited: waited(3, 0.5)}, "refunds": {Waited: waited(1, 0.4)}},
			},
			"table": {Waited: result.Waited{MaxRecords: 9}},
		},
	}
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	writeCounts(table, r)
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(out.String(), "route orders")
	want := `    7 hits, 7 rows, 0 misses; backlog at most 3 rows, 0.500 s
route refunds   2 hits, 2 rows, 5 misses; backlog at most 1 rows, 0.400 s
backlog input   at most 7500 records, 16.000 s; most in engine (harness 2, writer 12, stream 88, engine 7400)
                iterator age at most 0.250 s; grows by +4.81 ± 0.07 % of the load (fail), engine by +4.80 %
backlog output  at most 3 rows, 0.500 s (writer 3, stream 3, function 2)
                grows by +0.10 ± 0.20 % of the rows (pass)
backlog table   at most 9 rows
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
