package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"weir/result"
)

// points are the points in time on the data's path, in its order, as result.json calls them.
var points = []string{"handed", "acked", "acked_uncorrected", "read", "fired", "forwarded", "routed", "handled", "written", "age"}

// drawn are those whose percentiles are drawn: as many as lines can be told apart. The table has all.
var drawn = []string{"handed", "acked", "acked_uncorrected", "read", "written", "age"}

// timed are those that the plot over time shows.
var timed = []string{"handed", "acked", "read", "written"}

// latencySection shows how late records and rows were.
func (r *Run) latencySection() section {
	s := section{
		ID: "latency", Title: "Latency",
		Lead: "From a record's due time, whether or not it was sent then, to each point on its way. What the pipeline adds is written.",
	}
	switch {
	case r.Result.ClosedLoop:
		s.Lead = "This run was closed loop: each record was due when it was handed over, so these latencies say nothing of a schedule, and cannot be judged."
	case r.Result.LatencyModelled:
		s.Lead += " The services were the embedded AWS, not AWS."
	}
	s.Lead += warmUpText(r.Result.WarmUp)
	if len(r.Result.Latency) == 0 {
		s.Missing = "No latency was measured."
		return s
	}
	numbers := r.latencyTable()
	if lines := r.curves(); len(lines) > 0 {
		least, most := bounds(lines)
		p := plot{
			id: "percentiles-plot", title: "Latency by percentile, of " + names(lines), y: overDecades("latency", least, most, writeMillis), lines: lines,
			x: axis{label: "percentile", scale: nines, to: rarest(lines), write: writeNines},
		}
		s.Figures = append(s.Figures, newFigure("By percentile", &p, numbers))
	} else {
		s.Tables = append(s.Tables, numbers)
	}
	for _, by := range slices.Sorted(maps.Keys(r.Result.LatencyBy)) {
		s.Tables = append(s.Tables, apartTable(by, r.Result.LatencyBy[by]))
	}
	if lines := r.latencyOverTime(); len(lines) > 0 {
		least, most := bounds(lines)
		p := plot{
			id: "latency-plot", title: "The 99th percentile of the latency over time, of " + names(lines), x: r.time(), lines: lines, spans: r.spans(),
			y: overDecades("p99", least, most, writeMillis),
		}
		s.Figures = append(s.Figures, newFigure("99th percentile over time", &p, r.latencyOverTimeTable()))
	}
	return s
}

// apartTable has the latencies that were kept apart.
func apartTable(by string, parts map[string]map[string]result.Latency) tableView {
	t := tableView{Caption: "By " + by, Head: []string{by, "point", "count", "p50", "p99", "max"}}
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		for _, point := range points {
			if l, ok := parts[part][point]; ok {
				t.Rows = append(t.Rows, []string{part, point, strconv.FormatInt(l.Count, 10), writeMillis(l.P50), writeMillis(l.P99), writeMillis(l.Max)})
			}
		}
	}
	return t
}

// warmUpText says how long latencies took to settle.
func warmUpText(w *result.WarmUp) string {
	switch {
	case w == nil:
		return ""
	case !w.Settled:
		return fmt.Sprintf(" %s did not settle within half of the %s that were looked at.", w.Point, writeSeconds(math.Round(w.OverSeconds)))
	case !w.Matters:
		return fmt.Sprintf(" %s was settled from the start.", w.Point)
	default:
		return fmt.Sprintf(" %s took %s to settle and was %.1f times as late until then, which is among these figures.", w.Point, writeSeconds(math.Round(w.Seconds)), w.Times)
	}
}

// latencyTable is result.json's own figures, without the warm-up.
func (r *Run) latencyTable() tableView {
	t := tableView{Head: []string{"point", "count", "p50", "p90", "p99", "p99.9", "max"}}
	for _, point := range r.measured() {
		l := r.Result.Latency[point]
		row := []string{point, strconv.FormatInt(l.Count, 10)}
		for _, value := range []float64{l.P50, l.P90, l.P99, l.P999, l.Max} {
			row = append(row, writeMillis(value))
		}
		t.Rows = append(t.Rows, row)
	}
	for _, point := range slices.Sorted(maps.Keys(r.Result.ClockSkew)) {
		l := r.Result.ClockSkew[point]
		t.Caption += fmt.Sprintf(" %s: %d samples were below zero, by at most %s (clock skew), and are not among these.", point, l.Count, writeMillis(l.Max))
	}
	return t
}

// measured are the points that have latencies, in the order of the path, and others behind them.
func (r *Run) measured() []string {
	var found []string
	for _, point := range points {
		if _, ok := r.Result.Latency[point]; ok {
			found = append(found, point)
		}
	}
	for _, point := range slices.Sorted(maps.Keys(r.Result.Latency)) {
		if !slices.Contains(points, point) {
			found = append(found, point)
		}
	}
	return found
}

// curves are the percentiles of the points, up to the rarest that its samples tell of.
func (r *Run) curves() []line {
	var lines []line
	for _, point := range r.measured() {
		p := r.latencies[point]
		if p == nil || !slices.Contains(drawn, point) {
			continue
		}
		l := line{name: point, look: 1 + slices.Index(drawn, point)}
		for rare := 1.0; rare > 1/float64(p.total.TotalCount()) && rare > 1e-6; rare /= 1.15 {
			l.x = append(l.x, 1-rare)
			l.y = append(l.y, milliseconds(p.total.ValueAtQuantile(100*(1-rare))))
		}
		if len(l.x) > 0 {
			lines = append(lines, l)
		}
	}
	return lines
}

// rarest is the greatest share that any of the lines comes to.
func rarest(lines []line) float64 {
	most := 0.9
	for _, l := range lines {
		most = max(most, l.x[len(l.x)-1])
	}
	return most
}

func (r *Run) latencyOverTime() []line {
	var lines []line
	for _, point := range timed {
		if p := r.latencies[point]; p != nil && r.Result.Latency[point].Count > 0 {
			lines = append(lines, line{name: point, x: p.ends, y: p.p99, look: 1 + slices.Index(drawn, point)})
		}
	}
	return lines
}

// latencyOverTimeTable has each point's p50, p99 and greatest latency. The points have intervals of their own, in which they were reached.
func (r *Run) latencyOverTimeTable() tableView {
	t := tableView{Head: []string{"until"}}
	byEnd := make(map[float64][]string)
	lines := r.latencyOverTime()
	for i, l := range lines {
		t.Head = append(t.Head, l.name+" p50", "p99", "max")
		p := r.latencies[l.name]
		for at, end := range p.ends {
			if byEnd[end] == nil {
				byEnd[end] = make([]string, 3*len(lines))
			}
			copy(byEnd[end][3*i:], []string{writeMillis(p.p50[at]), writeMillis(p.p99[at]), writeMillis(p.most[at])})
		}
	}
	ends := slices.Sorted(maps.Keys(byEnd))
	every := (len(ends) + mostRows - 1) / mostRows
	for i, end := range ends {
		if i%every == 0 {
			t.Rows = append(t.Rows, append([]string{writeSeconds(math.Round(end*10) / 10)}, orDash(byEnd[end])...))
		}
	}
	if every > 1 {
		t.Caption = fmt.Sprintf("One interval in %d; latency.hlog has all.", every)
	}
	return t
}

func orDash(cells []string) []string {
	for i := range cells {
		if cells[i] == "" {
			cells[i] = "–"
		}
	}
	return cells
}
