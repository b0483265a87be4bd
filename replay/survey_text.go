package replay

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"weir/record"
)

// String is the survey as a terminal shows it.
func (s *Survey) String() string {
	var text strings.Builder
	_ = s.WriteText(&text) // a Builder takes everything
	return text.String()
}

// WriteText writes the survey as a terminal shows it: a name and what there is to say about it, line by line.
func (s *Survey) WriteText(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(table, "%s\t%s\n", name, fmt.Sprintf(format, args...)) // Flush reports what fails
	}
	row("source", "%s", s.Source)
	row("records", "%s in %s, %s", thousands(s.Records), plural(s.Files, "file"), size(s.Bytes))
	row("event time", "%s to %s", eventTime(s.FirstEvent), eventTime(s.LastEvent))
	s.writeContent(row)
	s.writePlan(row)
	s.writeSkipped(row)
	return table.Flush()
}

func (s *Survey) writeContent(row func(name, format string, args ...any)) {
	d := &s.Disorder
	switch {
	case d.Records == 0:
		row("disorder", "none")
	case s.Order == ByFile:
		row("disorder", "%s behind a later event time, by up to %s; kept as they are", plural(d.Records, "record"), d.Worst)
	default:
		row("disorder", "%s behind a later event time, by up to %s; %s too late to be sorted",
			plural(d.Records, "record"), d.Worst, thousands(d.Unsorted))
	}
	for i, kind := range s.Kinds {
		if i == topKeys {
			row("", "and %s kinds more", thousands(int64(len(s.Kinds)-i)))
			break
		}
		row(first(i, "kinds"), "%-20s %s", orNone(kind.Kind), s.share(kind.Records))
	}
	if s.OtherKinds > 0 {
		row("", "%s of kinds beyond the first %s", plural(s.OtherKinds, "record"), thousands(maxKinds))
	}
	for i, key := range s.Keys {
		about := ""
		if key.Over > 0 {
			about = fmt.Sprintf(", at most %s too many", thousands(key.Over))
		}
		row(first(i, "partition keys"), "%-20s %s%s", key.Key, s.share(key.Records), about)
	}
	if s.Unreadable > 0 {
		row("unreadable", "%s that the aggregator cannot use", plural(s.Unreadable, "record"))
	}
}

func (s *Survey) writePlan(row func(name, format string, args ...any)) {
	if s.Pace.Max() {
		row("replay", "as fast as it is taken; %s order", s.Order)
		return
	}
	row("replay", "%s at %s, %s order", s.Planned.Round(time.Millisecond), s.Pace, s.Order)
	row("peak", "%s records in a second (at %s), %s (at %s)",
		thousands(s.Peak.Records), s.Peak.RecordsAt, size(s.Peak.Bytes), s.Peak.BytesAt)
	hottest := 0
	for i := range s.Shards {
		if s.Shards[i].Records > s.Shards[hottest].Records {
			hottest = i
		}
	}
	p := &s.Shards[hottest]
	row("hottest shard", "%d of %d: %s, %s in a second (at %s), %s (at %s)",
		hottest, len(s.Shards), plural(p.Total, "record"), thousands(p.Records), p.RecordsAt, size(p.Bytes), p.BytesAt)
	for _, b := range s.Breaches {
		row("over the limit", "%s %s allowed; %s in %s, the worst gets %s (shard %d, at %s)",
			thousands(b.Allowed), b.Limit, plural(int64(b.Shards), "shard"), plural(b.Seconds, "second"), thousands(b.Worst), b.Shard, b.At)
	}
	if len(s.Breaches) == 0 {
		row("limits", "kept")
	}
}

func (s *Survey) writeSkipped(row func(name, format string, args ...any)) {
	if s.Skipped.Count == 0 {
		row("skipped", "none")
		return
	}
	row("skipped", "%s", thousands(s.Skipped.Count))
	for _, reason := range slices.Sorted(maps.Keys(s.Skipped.ByReason)) {
		row("", "%s %s", thousands(s.Skipped.ByReason[reason]), reason)
	}
	for i := range s.Skipped.Samples {
		row("", "%s", s.Skipped.Samples[i].String())
	}
}

// String is the skip in one line.
func (s *Skip) String() string {
	text := s.File
	if s.Line > 0 {
		text += fmt.Sprintf(":%d", s.Line)
	}
	text += ": " + string(s.Reason)
	if s.Detail != "" {
		text += " (" + s.Detail + ")"
	}
	if s.Sample != "" {
		text += fmt.Sprintf(": %.60q", s.Sample)
	}
	return text
}

func (s *Survey) share(records int64) string {
	return fmt.Sprintf("%s (%.1f %%)", thousands(records), 100*float64(records)/float64(max(s.Records, 1)))
}

func first(i int, name string) string {
	if i > 0 {
		return ""
	}
	return name
}

func orNone(kind string) string {
	if kind == "" {
		return "(none)"
	}
	return kind
}

func eventTime(ms int64) string { return record.FormatTime(ms, ms%1000 != 0) }

func plural(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return thousands(n) + " " + noun
}

// thousands is n with a comma between each three digits; n is not negative.
func thousands(n int64) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%d B", bytes)
}
