package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// shardsShown bounds the shards that have a line of their own: those with the greatest backlog.
const shardsShown = 5

// backlogSection shows what was stored and not yet read.
func (r *Run) backlogSection(stream string) section {
	s := section{
		ID: "backlog-" + stream, Title: "Backlog of the " + stream + " stream",
		Lead: "Records that were stored and not yet read, and how long ago the oldest of them was due.",
	}
	prefix := "backlog_" + stream + "_"
	total := r.columns([]string{prefix + "records"}, map[string]string{prefix + "records": "all shards"})
	if len(total) == 0 {
		s.Missing = "It was not measured."
		return s
	}
	s.Tables = append(s.Tables, r.backlogTable(stream))
	shards := r.shards(prefix)
	lines := append(total, shards[:min(shardsShown, len(shards))]...)
	for _, l := range shards[min(shardsShown, len(shards)):] {
		l.faint = true
		lines = append(lines, l)
	}
	_, most := bounds(total)
	p := plot{
		id: s.ID + "-plot", title: "Unread records over time: " + names(lines), x: r.time(), y: upTo("records", most, writeCount), lines: lines, spans: r.spans(),
	}
	caption := "Unread records, by shard"
	if len(shards) > shardsShown {
		caption += fmt.Sprintf(": the %d with the most, and faintly the other %d", shardsShown, len(shards)-shardsShown)
	}
	s.Figures = append(s.Figures, newFigure(caption, &p, overTimeTable(lines[:1+min(shardsShown, len(shards))], greatest, writeCount)))
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

// backlogTable is what result.json says of it.
func (r *Run) backlogTable(stream string) tableView {
	b := r.Result.Backlog[stream]
	t := tableView{Head: []string{"at most", ""}, Rows: [][]string{{"records", strconv.FormatInt(b.MaxRecords, 10)}}}
	if b.MaxSeconds != nil {
		t.Rows = append(t.Rows, []string{"age of the oldest", figure(*b.MaxSeconds) + " s"})
	}
	t.Rows = append(t.Rows, []string{"reads throttled", strconv.FormatInt(b.ReadsThrottled, 10)})
	switch {
	case b.TrendPercent != nil && b.TrendMargin != nil:
		t.Rows = append(t.Rows, []string{
			"trend over the worst hold", fmt.Sprintf("%s: %+.2f ± %.2f %% of the load offered, at most 1 %% is sustainable", b.Trend, *b.TrendPercent, *b.TrendMargin),
		})
		if b.TrendSeconds != nil && b.TrendCorrelation != nil {
			t.Rows = append(t.Rows, []string{"looked at for", fmt.Sprintf("%s, with noise that lasts %s", writeSeconds(*b.TrendSeconds), lasting(*b.TrendCorrelation))})
		}
	case b.Trend != "":
		t.Rows = append(t.Rows, []string{"trend over the worst hold", b.Trend})
	default:
		t.Rows = append(t.Rows, []string{"trend", "not judged: no hold of the schedule was long enough"})
	}
	return t
}

// lasting is how long noise resembles itself.
func lasting(seconds float64) string {
	if seconds == 0 {
		return "too short to be told"
	}
	return "some " + figure(seconds) + " s"
}

// shards are the lines of a stream's shards, those with the greatest backlog first.
func (r *Run) shards(prefix string) []line {
	var columns []string
	as := make(map[string]string)
	for _, column := range r.Series.Columns {
		name, ok := strings.CutPrefix(column, prefix)
		if name, of := strings.CutSuffix(name, "_records"); ok && of {
			columns = append(columns, column)
			as[column] = name
		}
	}
	lines := r.columns(columns, as)
	slices.SortStableFunc(lines, func(a, b line) int {
		more, less := greatest(a.y), greatest(b.y)
		switch {
		case more > less:
			return -1
		case more < less:
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	return lines
}

// watermarkSection shows how far the aggregator's watermark is behind.
func (r *Run) watermarkSection() section {
	s := section{
		ID: "watermark", Title: "Watermark", Lead: "How far the aggregator's watermark stays behind the newest event time handed over, in event time. It contains the out-of-orderness.",
	}
	lines := r.columns([]string{"watermark_lag_ms"}, map[string]string{"watermark_lag_ms": "lag"})
	if len(lines) == 0 {
		s.Missing = "There was no watermark: not every shard got a record."
		return s
	}
	_, most := bounds(lines)
	p := plot{
		id: "watermark-plot", title: "Lag of the watermark over time", x: r.time(), lines: lines, spans: r.spans(),
		y: upTo("lag", most, func(ms float64) string { return writeMillis(math.Max(ms, 0)) }),
	}
	s.Figures = append(s.Figures, newFigure("Lag of the watermark", &p, overTimeTable(lines, greatest, writeMillis)))
	return s
}
