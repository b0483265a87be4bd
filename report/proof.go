package report

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"weir/result"
)

// count is a row of a table of counts. One that speaks against the run is marked where it is not zero.
type count struct {
	name    string
	n       int64
	is      string
	against bool
}

func countTable(caption string, counts []count) tableView {
	t := tableView{Caption: caption, Head: []string{"", "count", "is"}}
	for _, c := range counts {
		mark := ""
		if c.against && c.n != 0 {
			mark = "bad"
		}
		t.Rows = append(t.Rows, []string{c.name, strconv.FormatInt(c.n, 10), c.is})
		t.Marks = append(t.Marks, mark)
	}
	return t
}

// ledgerSection shows what became of each record.
func (r *Run) ledgerSection() section {
	c := &r.Result.Records
	return section{
		ID: "ledger", Title: "Ledger",
		Lead: "What became of every record. Offered is acknowledged, failed, unknown and unsent together; acknowledged, unknown found, duplicated and phantom together are read, unread and lost.",
		Tables: []tableView{
			countTable("", []count{
				{"offered", c.Offered, "brought up by the schedule", false},
				{"acknowledged", c.Acked, "stored, as the stream said", false},
				{"failed", c.Failed, "refused for good", true},
				{"unknown", c.Unknown, "never answered", false},
				{"unknown found", c.Found, "of these, stored all the same: they were read", false},
				{"unsent", c.Unsent, "the run ended before", true},
				{"skipped", c.Skipped, "lines of the recording that could not be scheduled", true},
				{"read", c.Read, "the aggregator's reader had them", false},
				{"unread", c.Unread, "stored, and not read before the drain's limit", true},
				{"lost", c.Lost, "acknowledged, and passed over by the reader", true},
				{"duplicated", c.Duplicated, "stored more than once", true},
				{"reordered", c.Reordered, "stored after a later record of their shard", true},
				{"phantom", c.Phantom, "read, and never sent by this run", true},
				{"late", c.Late, "dropped, for their window had fired", true},
				{"unreadable", c.Unreadable, "not understood by the aggregator", true},
				{"throttled", c.Throttled, "answers that a limit was exceeded", false},
				{"retried", c.Retried, "attempts after the first", false},
			}),
		},
	}
}

// oracleSection shows what the proof found in the table.
func (r *Run) oracleSection() section {
	s := section{ID: "oracle", Title: "Rows", Lead: "Every row of the table against the exact row that follows from what was stored."}
	rows := r.Result.Rows
	if rows == nil {
		s.Missing = "The table was not proved."
		return s
	}
	s.Tables = append(s.Tables, countTable("", []count{
		{"expected", rows.Expected, "computed from what was stored", false},
		{"matched", rows.Matched, "in the table, and right", false},
		{"wrong", rows.Wrong, "in the table, and not what they should be", true},
		{"missing", rows.Missing, "not in the table", true},
		{"unexpected", rows.Unexpected, "in the table, and of no record", true},
		{"unproven", rows.Unproven, "they depend on records that were not read", true},
		{"flushed", rows.Flushed, "fired by the end of the run: in no latency", false},
	}))
	if len(rows.ByKind) > 0 {
		t := tableView{Caption: "Expected rows by kind", Head: []string{"kind", "rows"}}
		for _, kind := range slices.Sorted(maps.Keys(rows.ByKind)) {
			t.Rows = append(t.Rows, []string{kind, strconv.FormatInt(rows.ByKind[kind], 10)})
		}
		s.Tables = append(s.Tables, t)
	}
	s.Tables = append(s.Tables, r.routeTables()...)
	return s
}

// offendersSection names the first of what went wrong; it is empty where nothing did.
func (r *Run) offendersSection() section {
	s := section{ID: "offenders", Title: "Named", Lead: "The first of each sort; all are counted above."}
	o := &r.Result.Offenders
	for _, list := range []struct {
		name    string
		records []result.RecordOffender
	}{{"lost", o.Lost}, {"duplicated", o.Duplicated}, {"reordered", o.Reordered}, {"phantom", o.Phantom}, {"late without a reason", o.FalseLate}} {
		t := tableView{Caption: "Records: " + list.name, Head: []string{"shard", "sequence number"}}
		for _, record := range list.records {
			t.Rows = append(t.Rows, []string{record.Shard, record.Sequence})
		}
		s.add(t)
	}
	for _, list := range []struct {
		name string
		rows []result.RowOffender
	}{{"wrong", o.Wrong}, {"missing", o.Missing}, {"unexpected", o.Unexpected}} {
		t := tableView{Caption: "Rows: " + list.name, Head: []string{"window", "kind", "key", "expected", "in the table"}}
		for _, row := range list.rows {
			t.Rows = append(t.Rows, []string{row.WindowStart, row.Kind, strings.Join(row.Key, ", "), rowText(row.Expected), rowText(row.Actual)})
		}
		s.add(t)
	}
	skipped := tableView{Caption: "Skipped lines of the recording", Head: []string{"file", "line", "reason", "sample"}}
	for _, line := range r.Result.SkippedSamples {
		skipped.Rows = append(skipped.Rows, []string{line.File, strconv.FormatInt(line.Line, 10), line.Reason, line.Sample})
	}
	s.add(skipped)
	unreadable := tableView{Caption: "Unreadable records", Head: []string{"shard", "sequence number", "reason", "sample"}}
	for _, record := range r.Result.UnreadableSamples {
		unreadable.Rows = append(unreadable.Rows, []string{record.Shard, record.Sequence, record.Reason, record.Sample})
	}
	s.add(unreadable)
	return s
}

// add adds a table that has rows.
func (s *section) add(t tableView) {
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	}
}

func rowText(v *result.RowValues) string {
	if v == nil {
		return "–"
	}
	var text strings.Builder
	text.WriteString("count " + strconv.FormatInt(v.Count, 10))
	for _, part := range []struct{ name, value string }{{"sum", v.Sum}, {"min", v.Min}, {"max", v.Max}} {
		if part.value != "" {
			text.WriteString(", " + part.name + " " + part.value)
		}
	}
	return text.String()
}

// phasesSection has the figures of each phase of the schedule; it is empty for a recording.
func (r *Run) phasesSection() section {
	s := section{ID: "phases", Title: "Phases", Lead: "A latency belongs to the phase of the due time that it counts from."}
	t := tableView{Head: []string{"phase", "length", "offered/min", "achieved/min", "throttled", "acked p99", "written p99", "backlog at most"}}
	for i := range r.Result.Phases {
		p := &r.Result.Phases[i]
		name := p.Name
		if p.LeftOut {
			name += " (left out)"
		}
		backlog := "–"
		if b, ok := p.Backlog[result.InputBacklog]; ok {
			backlog = backlogText(result.InputBacklog, &b)
		}
		t.Rows = append(t.Rows, []string{
			name, writeSeconds(p.Seconds), rateText(p.Rate.Offered), rateText(p.Rate.Achieved), strconv.FormatInt(p.Records.Throttled, 10),
			p99Text(p.Latency, "acked"), p99Text(p.Latency, "written"), backlog,
		})
	}
	s.add(t)
	return s
}

func rateText(rate *float64) string {
	if rate == nil {
		return "–"
	}
	return writeCount(*rate)
}

func p99Text(latency map[string]result.Latency, point string) string {
	l, ok := latency[point]
	if !ok || l.Count == 0 {
		return "–"
	}
	return writeMillis(l.P99)
}
