package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"weir/result"
)

// mostTable has the most of the whole backlog and of each part.
func mostTable(v *placeView, b *result.Backlog) tableView {
	t := tableView{Head: []string{"at most", v.things, "bytes", "age of the oldest"}, Rows: [][]string{append([]string{"whole"}, waitedCells(&b.Waited)...)}}
	for _, part := range result.PartsOf(v.name) {
		if p, ok := b.Parts[part]; ok {
			t.Rows = append(t.Rows, append([]string{part}, waitedCells(&p.Waited)...))
		}
	}
	if len(t.Rows) > 1 {
		t.Caption = "The most over the run and its drain. Each figure may be of another moment, so that the parts need not add up."
	}
	return t
}

// waitedCells are the most that waited: how many, how large, how long.
func waitedCells(w *result.Waited) []string {
	size, age := "–", "–"
	if w.MaxBytes != nil {
		size = unbroken(writeBytes(float64(*w.MaxBytes)))
	}
	if w.MaxSeconds != nil {
		age = unbroken(writeAge(*w.MaxSeconds))
	}
	return []string{strconv.FormatInt(w.MaxRecords, 10), size, age}
}

// unbroken keeps a number and its unit on one line, however narrow the page is.
func unbroken(text string) string { return strings.ReplaceAll(text, " ", "\u00a0") }

// growthTable says how fast the whole and each part grew, and marks what grew too fast. It has no rows where no trend was measured.
func growthTable(v *placeView, b *result.Backlog) tableView {
	if b.TrendPercent == nil {
		return tableView{}
	}
	t := tableView{Caption: fmt.Sprintf("Growth over the worst hold, in percent of %s; at most 1\u00a0%% is sustainable", result.Arrivals(v.name)), Head: []string{"", "growth", "verdict"}}
	if b.TrendSeconds != nil && b.TrendCorrelation != nil {
		t.Caption += fmt.Sprintf(". Looked at for %s, with noise that lasts %s", writeSeconds(*b.TrendSeconds), lasting(*b.TrendCorrelation))
	}
	t.Caption += "."
	add := func(name string, trend *result.BacklogTrend, bad bool) {
		if trend.TrendPercent == nil {
			return
		}
		mark := ""
		if bad {
			mark = "bad"
		}
		t.Rows = append(t.Rows, []string{name, growth(trend), trend.Trend})
		t.Marks = append(t.Marks, mark)
	}
	add("whole", &b.BacklogTrend, b.Trend == "fail")
	for _, part := range result.PartsOf(v.name) {
		p := b.Parts[part]
		add(part, &p.BacklogTrend, part == b.Grows)
	}
	return t
}

// growth is a trend with its margin.
func growth(t *result.BacklogTrend) string {
	text := fmt.Sprintf("%+.2f", *t.TrendPercent)
	if t.TrendMargin != nil {
		text += fmt.Sprintf(" ± %.2f", *t.TrendMargin)
	}
	return unbroken(text + " %")
}

// backlogFacts are what is known beside the most that waited.
func backlogFacts(v *placeView, b *result.Backlog) tableView {
	t := tableView{Head: []string{"", ""}}
	var ages []string
	if b.IteratorAge != nil {
		ages = append(ages, unbroken(writeAge(*b.IteratorAge)))
	}
	for _, name := range slices.Sorted(maps.Keys(b.Routes)) {
		if age := b.Routes[name].IteratorAge; age != nil {
			ages = append(ages, name+" "+unbroken(writeAge(*age)))
		}
	}
	if len(ages) > 0 {
		t.Rows = append(t.Rows, []string{"iterator age, at most", strings.Join(ages, ", ") + ", from the arrival in the stream, of what was read (MillisBehindLatest)"})
	}
	if v.name != result.TableBacklog {
		t.Rows = append(t.Rows, []string{"reads throttled", strconv.FormatInt(b.ReadsThrottled, 10)})
	}
	if b.Spilled > 0 {
		t.Rows = append(t.Rows, []string{"books on the disk", writeBytes(float64(b.Spilled)) + ", because more waited than memory holds"})
	}
	if b.TrendPercent == nil {
		t.Rows = append(t.Rows, trendRows(&b.BacklogTrend)...)
	}
	return t
}

// trendRows say whether a load is sustainable, and how long it was looked at for that.
func trendRows(b *result.BacklogTrend) [][]string {
	switch {
	case b.TrendPercent != nil && b.TrendMargin != nil:
		rows := [][]string{{
			"trend over the worst hold", fmt.Sprintf("%s: %+.2f ± %.2f %% of the load offered, at most 1 %% is sustainable", b.Trend, *b.TrendPercent, *b.TrendMargin),
		}}
		if b.TrendSeconds != nil && b.TrendCorrelation != nil {
			rows = append(rows, []string{"looked at for", fmt.Sprintf("%s, with noise that lasts %s", writeSeconds(*b.TrendSeconds), lasting(*b.TrendCorrelation))})
		}
		return rows
	case b.Trend != "":
		return [][]string{{"trend over the worst hold", b.Trend}}
	}
	return [][]string{{"trend", "not judged: no hold of the schedule was long enough"}}
}

// lasting is how long noise resembles itself.
func lasting(seconds float64) string {
	if seconds == 0 {
		return "too short to be told"
	}
	return "some " + figure(seconds) + " s"
}

// routesTable has the most that waited for each route, without the bytes, so that it is no wider than a phone; it has no rows where there is none.
func routesTable(b *result.Backlog) tableView {
	t := tableView{Caption: "At most, by route", Head: []string{"route", "rows", "oldest", "stream", "function"}}
	for _, name := range slices.Sorted(maps.Keys(b.Routes)) {
		route := b.Routes[name]
		waited := waitedCells(&route.Waited)
		row := []string{name, waited[0], waited[2]}
		for _, part := range []string{result.StreamPart, result.FunctionPart} {
			cell := "–"
			if w, ok := route.Parts[part]; ok {
				cell = strconv.FormatInt(w.MaxRecords, 10)
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return tableView{}
	}
	return t
}

// backlogsTable has the backlogs of all places in one.
func (r *Run) backlogsTable() tableView {
	t := tableView{Head: []string{"backlog at most", "records or rows", "bytes", "age of the oldest", "growth, of the load or the rows"}}
	add := func(name string, w *result.Waited, trend *result.BacklogTrend) {
		growing := "–"
		if trend.TrendPercent != nil {
			growing = growth(trend) + ", " + trend.Trend
		}
		t.Rows = append(t.Rows, append(append([]string{name}, waitedCells(w)...), growing))
	}
	for i := range placeViews {
		place := placeViews[i].name
		b, ok := r.Result.Backlog[place]
		switch {
		case !ok:
			continue
		case !r.Result.HasWholeBacklog():
			add(place+", stored and not read", &b.Waited, &b.BacklogTrend)
			continue
		}
		add(place, &b.Waited, &b.BacklogTrend)
		for _, part := range result.PartsOf(place) {
			if p, ok := b.Parts[part]; ok {
				add(place+": "+part, &p.Waited, &p.BacklogTrend)
			}
		}
	}
	return t
}

// backlogText is a backlog in few words: how much, how old, and in which part most of it was.
func backlogText(place string, b *result.Backlog) string {
	text := strconv.FormatInt(b.MaxRecords, 10)
	if b.MaxSeconds != nil {
		text += ", " + writeAge(*b.MaxSeconds)
	}
	if part := b.Largest(place); part != "" {
		text += ", most in " + part
	}
	return text
}
