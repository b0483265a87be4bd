package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"weir/harness"
	"weir/measure"
	"weir/replay"
	"weir/result"
)

// writeSummary says what came of a run, on one screen.
func writeSummary(w io.Writer, o *harness.Outcome) {
	r := &o.Result
	fmt.Fprintf(w, "\n%s (exit code %d)\n", strings.ToUpper(r.Verdict), r.ExitCode)
	writeFirst(w, "", r.Reasons)
	writeFirst(w, "warning: ", r.Warnings)
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	writeCounts(table, r)
	writeLatencies(table, r)
	writeExpectations(table, r)
	_ = table.Flush()
	fmt.Fprintf(w, "\nrun folder: %s\n", o.Folder)
}

// mostShown is how many reasons, and how many warnings, a summary shows, so that it stays on one screen.
const mostShown = 6

func writeFirst(w io.Writer, prefix string, texts []string) {
	for _, text := range texts[:min(len(texts), mostShown)] {
		fmt.Fprintf(w, "  %s%s\n", prefix, text)
	}
	if more := len(texts) - mostShown; more > 0 {
		fmt.Fprintf(w, "  %sand %d more, in result.json\n", prefix, more)
	}
}

func writeCounts(w io.Writer, r *result.Result) {
	c := &r.Records
	fmt.Fprintf(w, "records\t%d offered, %d acked, %d failed, %d unknown, %d unsent, %d skipped\n", c.Offered, c.Acked, c.Failed, c.Unknown, c.Unsent, c.Skipped)
	fmt.Fprintf(w, "\t%d read, %d unread, %d lost, %d duplicated, %d reordered, %d late, %d throttled\n",
		c.Read, c.Unread, c.Lost, c.Duplicated, c.Reordered, c.Late, c.Throttled)
	if u := r.Unopened; u != nil {
		fmt.Fprintf(w, "not opened\t%s\n", replay.UnopenedFiles{Files: u.Files, First: u.First, Last: u.Last})
	}
	if rows := r.Rows; rows != nil {
		fmt.Fprintf(w, "rows\t%d expected, %d matched, %d wrong, %d missing, %d unexpected, %d unproven, %d flushed\n",
			rows.Expected, rows.Matched, rows.Wrong, rows.Missing, rows.Unexpected, rows.Unproven, rows.Flushed)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Routes)) {
		route := r.Routes[name]
		fmt.Fprintf(w, "route %s\t%d hits, %d rows, %d misses%s\n", name, route.Hits, route.Rows, route.Misses, routeBacklog(r, name))
	}
	switch {
	case r.Rate.Offered != nil && r.Rate.Achieved != nil:
		fmt.Fprintf(w, "rate\t%.0f records a minute offered, %.0f acknowledged\n", *r.Rate.Offered, *r.Rate.Achieved)
	case r.Rate.Achieved != nil:
		fmt.Fprintf(w, "rate\t%.0f records a minute acknowledged\n", *r.Rate.Achieved)
	}
	writeBacklogs(w, r)
	writeRestarts(w, r)
	if r.DrainedInMS != nil {
		fmt.Fprintf(w, "drained in\t%.3f s\n", *r.DrainedInMS/1000)
	}
}

// writeRestarts says what each restart of the aggregator cost.
func writeRestarts(w io.Writer, r *result.Result) {
	if c := r.Checkpoints; c != nil {
		fmt.Fprintf(w, "checkpoints\t%d completed, %d failed\n", c.Completed, c.Failed)
	}
	for i := range r.Restarts {
		one := &r.Restarts[i]
		recovered := "not recovered"
		if one.RecoveredMS != nil {
			recovered = fmt.Sprintf("recovered in %.3f s", *one.RecoveredMS/1000)
		}
		fmt.Fprintf(w, "restart\tat %.3f s from %s at parallelism %d, %d records read again, %s\n", one.At, one.From, one.Parallelism, one.Replayed, recovered)
	}
}

// alwaysExpected are the first expectations of every run, which the counts above them show.
const alwaysExpected = 2

// writeExpectations says how each of the scenario's own expectations was judged.
func writeExpectations(w io.Writer, r *result.Result) {
	if len(r.Expectations) <= alwaysExpected {
		return
	}
	fmt.Fprintf(w, "\nexpected\t\tobserved\n")
	for _, e := range r.Expectations[alwaysExpected:] {
		observed := "nothing"
		if e.Observed != nil {
			observed = strings.TrimSpace(strconv.FormatFloat(math.Round(*e.Observed*100)/100, 'f', -1, 64) + " " + e.Unit)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", e.Text, e.Verdict, observed)
	}
}

// shownPoints are the points in time of the summary; result.json has all of them.
var shownPoints = []string{measure.Handed, measure.Acked, measure.AckedUncorrected, measure.Read, measure.Fired, measure.Forwarded, measure.Routed, measure.Written}

func writeLatencies(w io.Writer, r *result.Result) {
	if len(r.Latency) == 0 {
		return
	}
	note := ""
	switch {
	case r.ClosedLoop:
		note = " (closed loop: not to be judged)"
	case r.LatencyModelled:
		note = " (against the embedded AWS)"
	}
	fmt.Fprintf(w, "\nlatency%s\tcount\tp50\tp99\tmax\n", note)
	for _, name := range shownPoints {
		if l, ok := r.Latency[name]; ok {
			fmt.Fprintf(w, "  %s\t%d\t%.1f ms\t%.1f ms\t%.1f ms\n", name, l.Count, l.P50, l.P99, l.Max)
		}
	}
}
