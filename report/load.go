package report

import "math"

// loadSection shows what was offered against what was taken.
func (r *Run) loadSection() section {
	s := section{ID: "load", Title: "Load", Lead: "Records a second: what the schedule asked for, what the stream acknowledged, and what the aggregator read."}
	lines := r.columns([]string{"offered", "acked", "read"}, map[string]string{"acked": "acknowledged"})
	if len(lines) == 0 {
		s.Missing = "There is no series.csv: the run broke before its first second."
		return s
	}
	_, most := bounds(lines)
	p := plot{
		id: "load-plot", title: "Records a second over time: " + names(lines), x: r.time(), y: upTo("records/s", most, writeCount), lines: lines, spans: r.spans(),
	}
	s.Figures = append(s.Figures, newFigure("Offered against achieved", &p, overTimeTable(lines, mean, writeCount)))
	if troubles := r.troubles(); len(troubles) > 0 {
		_, most := bounds(troubles)
		p := plot{
			id: "throttles-plot", title: "Throttled answers and retries a second over time", x: r.time(), y: upTo("records/s", most, writeCount),
			lines: troubles, spans: r.spans(),
		}
		s.Figures = append(s.Figures, newFigure("Throttled and retried", &p, overTimeTable(troubles, mean, writeCount)))
	} else {
		s.Tables = append(s.Tables, tableView{Caption: "Nothing was throttled and nothing tried again."})
	}
	return s
}

// troubles are the lines of what was throttled, tried again and late, if there was any of it.
func (r *Run) troubles() []line {
	var found []line
	for _, l := range r.columns([]string{"throttled", "retried", "late"}, nil) {
		if _, most := bounds([]line{l}); most > 0 {
			found = append(found, l)
		}
	}
	return found
}

// columns are the lines of the series' columns that were observed, named otherwise where as says so.
func (r *Run) columns(columns []string, as map[string]string) []line {
	if r.Series == nil {
		return nil
	}
	var lines []line
	for _, column := range columns {
		values := r.Series.Column(column)
		if !observed(values) {
			continue
		}
		name := column
		if other := as[column]; other != "" {
			name = other
		}
		lines = append(lines, line{name: name, x: r.Series.Seconds, y: values})
	}
	return lines
}

func observed(values []float64) bool {
	for _, value := range values {
		if !math.IsNaN(value) {
			return true
		}
	}
	return false
}

// time is the x axis of the run.
func (r *Run) time() axis {
	end := r.Result.Seconds
	if r.Series != nil && len(r.Series.Seconds) > 0 {
		end = max(end, r.Series.Seconds[len(r.Series.Seconds)-1])
	}
	return overTime(end)
}

// spans are the phases of the schedule. They count from the start of the feed, which is a moment after that of the run.
func (r *Run) spans() []span {
	var all []span
	for i := range r.Result.Phases {
		phase := &r.Result.Phases[i]
		for _, start := range phase.Starts {
			all = append(all, span{phase.Name, start, start + phase.Seconds/float64(len(phase.Starts))})
		}
	}
	return all
}

func names(lines []line) string {
	var all []string
	for _, l := range lines {
		if !l.faint {
			all = append(all, l.name)
		}
	}
	return words(all)
}
