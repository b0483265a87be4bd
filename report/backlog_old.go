package report

import "strconv"

// oldBacklogSection shows the backlog of version 1: the records that were stored and not yet read.
func (r *Run) oldBacklogSection(stream string) section {
	s := section{
		ID: "backlog-" + stream, Title: "Backlog of the " + stream + ": stored and not read",
		Lead: "This run is of version 1 of result.json, which has no other part of the backlog. These are the records that were stored and not yet read, and how long ago the oldest of them was due.",
	}
	prefix := "backlog_" + stream + "_"
	total := r.columns([]string{prefix + "records"}, map[string]string{prefix + "records": "all shards"})
	if len(total) == 0 {
		s.Missing = "It was not measured."
		return s
	}
	s.Tables = append(s.Tables, r.oldBacklogTable(stream))
	s.Figures = append(s.Figures, r.shardsFigure(stream, "records", "Unread records", total))
	if age := r.columns([]string{prefix + "seconds"}, map[string]string{prefix + "seconds": "oldest unread record"}); len(age) > 0 {
		_, most := bounds(age)
		write := func(seconds float64) string { return figure(seconds) + " s" }
		p := plot{
			id: s.ID + "-age-plot", title: "Age of the oldest unread record over time", x: r.time(), y: upTo("age", most, write), lines: age, spans: r.spans(),
		}
		s.Figures = append(s.Figures, newFigure("Age of the oldest unread record", &p, overTimeTable(age, greatest, write)))
	}
	return s
}

// oldBacklogTable is what result.json says of it.
func (r *Run) oldBacklogTable(stream string) tableView {
	b := r.Result.Backlog[stream]
	t := tableView{Head: []string{"at most", ""}, Rows: [][]string{{"records", strconv.FormatInt(b.MaxRecords, 10)}}}
	if b.MaxSeconds != nil {
		t.Rows = append(t.Rows, []string{"age of the oldest", figure(*b.MaxSeconds) + " s"})
	}
	t.Rows = append(t.Rows, []string{"reads throttled", strconv.FormatInt(b.ReadsThrottled, 10)})
	t.Rows = append(t.Rows, trendRows(&b.BacklogTrend)...)
	return t
}
