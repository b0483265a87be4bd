package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"weir/result"
)

// BenchFile is the name in a run folder of its figures in Go's benchmark format, of which benchstat compares several.
const BenchFile = "bench.txt"

// WriteBench writes the run's figures in Go's benchmark format (golang.org/design/14313-benchmark-format): a line a point in time, with as many iterations as
// it has samples, one a backlog and each of its parts, and one for the rest. What was not measured has no line and no value.
func (r *Run) WriteBench(w io.Writer) error {
	res := r.Result
	b := bufio.NewWriter(result.WithoutControls(w))
	fmt.Fprintf(b, "goos: %s\ngoarch: %s\npkg: weir\nweir: %s\nscenario: %s\ntarget: %s\nverdict: %s\n\n",
		res.Host.OS, res.Host.Arch, oneLine(res.Weir), oneLine(res.Scenario), res.Target, res.Verdict)
	b.WriteString("Unit p50-ms better=lower\nUnit p90-ms better=lower\nUnit p99-ms better=lower\nUnit p99.9-ms better=lower\nUnit max-ms better=lower\n" +
		"Unit records/min better=higher\n" + r.backlogUnits() + "Unit drained-ms better=lower\n\n")
	for _, point := range r.measured() {
		l := res.Latency[point]
		if l.Count == 0 {
			continue
		}
		fmt.Fprintf(b, "Benchmark%s/point=%s %d %g p50-ms %g p90-ms %g p99-ms %g p99.9-ms %g max-ms\n",
			benchName(res.Scenario), point, l.Count, l.P50, l.P90, l.P99, l.P999, l.Max)
	}
	if res.HasWholeBacklog() {
		r.benchBacklogs(b)
	}
	if rest := r.benchRest(); rest != "" {
		fmt.Fprintf(b, "Benchmark%s/run 1%s\n", benchName(res.Scenario), rest)
	}
	return b.Flush()
}

// backlogUnits declares the units of backlogs. The backlog of version 1 is another thing than the whole, and has other units, so that benchstat never compares the
// two.
func (r *Run) backlogUnits() string {
	if !r.Result.HasWholeBacklog() {
		return "Unit backlog-records better=lower\nUnit backlog-s better=lower\n"
	}
	return "Unit waiting-records better=lower\nUnit waiting-B better=lower\nUnit waiting-s better=lower\nUnit iterator-age-s better=lower\n"
}

// benchBacklogs writes a line for the whole backlog of each place, and one for each part.
func (r *Run) benchBacklogs(w io.Writer) {
	name := benchName(r.Result.Scenario)
	for i := range placeViews {
		place := placeViews[i].name
		b, ok := r.Result.Backlog[place]
		if !ok {
			continue
		}
		whole := benchWaited(&b.Waited)
		if b.IteratorAge != nil {
			whole += fmt.Sprintf(" %g iterator-age-s", *b.IteratorAge)
		}
		fmt.Fprintf(w, "Benchmark%s/backlog=%s/part=whole 1%s\n", name, place, whole)
		for _, part := range result.PartsOf(place) {
			if p, ok := b.Parts[part]; ok {
				fmt.Fprintf(w, "Benchmark%s/backlog=%s/part=%s 1%s\n", name, place, part, benchWaited(&p.Waited))
			}
		}
	}
}

// benchWaited are the most that waited, with their units.
func benchWaited(w *result.Waited) string {
	text := fmt.Sprintf(" %d waiting-records", w.MaxRecords)
	if w.MaxBytes != nil {
		text += fmt.Sprintf(" %d waiting-B", *w.MaxBytes)
	}
	if w.MaxSeconds != nil {
		text += fmt.Sprintf(" %g waiting-s", *w.MaxSeconds)
	}
	return text
}

func (r *Run) benchRest() string {
	var b strings.Builder
	if rate := r.Result.Rate.Achieved; rate != nil {
		fmt.Fprintf(&b, " %g records/min", *rate)
	}
	if backlog, ok := r.Result.Backlog[result.InputBacklog]; ok && !r.Result.HasWholeBacklog() {
		fmt.Fprintf(&b, " %d backlog-records", backlog.MaxRecords)
		if backlog.MaxSeconds != nil {
			fmt.Fprintf(&b, " %g backlog-s", *backlog.MaxSeconds)
		}
	}
	if drained := r.Result.DrainedInMS; drained != nil {
		fmt.Fprintf(&b, " %g drained-ms", *drained)
	}
	return b.String()
}

// benchName is a scenario's name as a benchmark's: it begins with a capital letter, and has no space.
func benchName(scenario string) string {
	name := []rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '/' {
			return '_'
		}
		return r
	}, scenario))
	if len(name) == 0 || !unicode.IsLetter(name[0]) {
		return "Run" + string(name)
	}
	name[0] = unicode.ToUpper(name[0])
	return string(name)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
