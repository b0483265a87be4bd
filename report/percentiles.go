package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/HdrHistogram/hdrhistogram-go"

	"weir/result"
)

// ErrNoLatencies is wrapped by the error of [MergeLatencies] where there is none: a number of nothing would be made up.
var ErrNoLatencies = errors.New("no latency was measured")

// Latencies are the latencies of one run or of several, by point in time, without those of a warm-up: histograms, which add up without loss, whoever took
// which part.
type Latencies struct {
	runs   int
	totals map[string]*hdrhistogram.Histogram
}

// MergeLatencies adds up the latencies of run folders, from their logs. Runs of an older version than weir's own are refused; the error wraps [result.ErrOld].
func MergeLatencies(paths ...string) (*Latencies, error) {
	return readAll(paths, (*result.Result).CheckCurrent)
}

// LatenciesOf are the latencies of run folders of any version: the meaning of a latency has not changed, and they stand beside no other run.
func LatenciesOf(paths ...string) (*Latencies, error) {
	return readAll(paths, func(*result.Result, string) error { return nil })
}

// readAll adds up the latencies of the runs that pass a check.
func readAll(paths []string, check func(r *result.Result, folder string) error) (*Latencies, error) {
	l := &Latencies{runs: len(paths), totals: make(map[string]*hdrhistogram.Histogram)}
	for _, path := range paths {
		run, err := Read(path)
		if err != nil {
			return nil, err
		}
		if err := check(run.Result, path); err != nil {
			return nil, err
		}
		if err := l.add(run, path); err != nil {
			return nil, err
		}
	}
	maps.DeleteFunc(l.totals, func(tag string, h *hdrhistogram.Histogram) bool {
		return strings.HasSuffix(tag, warmupSuffix) || h.TotalCount() == 0
	})
	return l, nil
}

// add adds those of a run, which it takes over.
func (l *Latencies) add(run *Run, path string) error {
	if run.Result.ClosedLoop {
		return fmt.Errorf("%s: %w: the run was closed loop, where each record is due when it is handed over", path, ErrNoLatencies)
	}
	if len(run.latencies) == 0 {
		return fmt.Errorf("%s: %w", path, ErrNoLatencies)
	}
	for tag, p := range run.latencies {
		if l.totals[tag] == nil {
			l.totals[tag] = p.total
			continue
		}
		l.totals[tag].Merge(p.total)
	}
	return nil
}

// warmupSuffix ends the tags of a warm-up in latency.hlog.
const warmupSuffix = ".warmup"

// points are the points in time that there are, in the order of the path.
func (l *Latencies) points() []string {
	var all []string
	for _, point := range points {
		if l.totals[point] != nil {
			all = append(all, point)
		}
	}
	for _, point := range slices.Sorted(maps.Keys(l.totals)) {
		if !slices.Contains(points, point) {
			all = append(all, point)
		}
	}
	return all
}

// WriteTable writes the figures as a terminal shows them.
func (l *Latencies) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	of := "1 run"
	if l.runs > 1 {
		of = fmt.Sprintf("%d runs", l.runs)
	}
	fmt.Fprintf(table, "latency of %s\tcount\tp50\tp90\tp99\tp99.9\tmax\n", of)
	for _, point := range l.points() {
		h := l.totals[point]
		fmt.Fprintf(table, "  %s\t%d", point, h.TotalCount())
		for _, quantile := range []float64{50, 90, 99, 99.9} {
			fmt.Fprintf(table, "\t%.1f ms", milliseconds(h.ValueAtQuantile(quantile)))
		}
		fmt.Fprintf(table, "\t%.1f ms\n", milliseconds(h.Max()))
	}
	return table.Flush()
}

// ticksPerHalf is how many lines HdrHistogram's tools write for each halving of the distance to 100 %.
const ticksPerHalf = 5

// WriteHgrm writes a file a point in time into a folder, in HdrHistogram's percentile format, in milliseconds: what its plotter reads. It returns their
// paths.
func (l *Latencies) WriteHgrm(folder string) (paths []string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("hgrm: %w", err)
	}
	out, err := result.Open(folder)
	if err != nil {
		return nil, err
	}
	for _, point := range l.points() {
		name := point + ".hgrm"
		if err := out.WriteFile(name, func(w io.Writer) error { return writeHgrm(w, l.totals[point]) }); err != nil {
			return paths, err
		}
		paths = append(paths, filepath.Join(folder, name))
	}
	return paths, nil
}

func writeHgrm(w io.Writer, h *hdrhistogram.Histogram) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)")
	for _, at := range h.CumulativeDistributionWithTicks(ticksPerHalf) {
		share := at.Quantile / 100
		fmt.Fprintf(b, "%12.3f %2.12f %10d", milliseconds(at.ValueAt), share, at.Count)
		if share < 1 {
			fmt.Fprintf(b, " %14.2f", 1/(1-share))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n#[Max     = %12.3f, Total count    = %12d]\n",
		h.Mean()/1000, h.StdDev()/1000, milliseconds(h.Max()), h.TotalCount())
	return b.Flush()
}
