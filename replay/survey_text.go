package replay

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/record"
	"weir/survey"
)

// String is the survey as a terminal shows it.
func (s *Survey) String() string {
	var text strings.Builder
	_ = s.WriteText(&text) // a Builder takes everything
	return text.String()
}

// WriteText writes the survey as a terminal shows it: a name and what there is to say about it, line by line.
func (s *Survey) WriteText(w io.Writer) error {
	sheet := survey.NewSheet(w)
	sheet.Limit(maxLines)
	if s.All {
		sheet.Whole()
	}
	sheet.Row("source", "%s", survey.Printable(s.Source))
	sheet.Row("records", "%s in %s, %s", survey.Thousands(s.Records), survey.Plural(s.Files, "file"), survey.Size(s.Bytes))
	s.writeForms(sheet)
	if s.LeftOut > 0 {
		sheet.Row("left out", "%s not asked for", survey.Plural(s.LeftOut, "record"))
	}
	if s.Unopened.Files > 0 {
		sheet.Row("not opened", "%s", s.Unopened)
	}
	if s.Multiply > 1 {
		sheet.Row("multiplied", "%d times, each under a key of its own", s.Multiply)
	}
	span := millis(uint64(s.LastEvent) - uint64(s.FirstEvent))
	sheet.Row("event time", "%s to %s: %s", eventTime(s.FirstEvent), eventTime(s.LastEvent), inDays(span))
	if seconds := span.Seconds(); seconds > 0 {
		sheet.Row("rate", "%s on average%s", perSecond(float64(s.Records)/seconds), s.skew())
	}
	if s.Guessed != "" {
		sheet.Row("guessed", "%s", s.Guessed)
	}
	s.writeContent(sheet)
	s.writePlan(sheet)
	s.writeSkipped(sheet)
	for _, text := range s.warnings() {
		sheet.Row("warning", "%s", text)
	}
	if s.Command != "" {
		sheet.Row("replay it", "%s", s.Command)
	}
	return sheet.Flush()
}

// maxLines is about what a screen shows.
const maxLines = 50

func (s *Survey) writeContent(sheet *survey.Sheet) {
	d := &s.Disorder
	switch {
	case d.Records == 0:
		sheet.Row("disorder", "none")
	case s.Order == ByFile:
		sheet.Row("disorder", "%s behind a later event time, by up to %s; kept as they are", survey.Plural(d.Records, "record"), d.Worst)
	default:
		sheet.Row("disorder", "%s behind a later event time, by up to %s; %s too late to be sorted",
			survey.Plural(d.Records, "record"), d.Worst, survey.Thousands(d.Unsorted))
	}
	load := s.Load
	if !s.All {
		load.Keys = load.Keys[:min(len(load.Keys), shownKeys)]
	}
	load.WriteContent(sheet)
}

// shownKeys is how many partition keys are shown, so that a survey stays on one screen.
const shownKeys = 5

// perSecond is a rate in records a second, or in the unit in which it is above one.
func perSecond(rate float64) string {
	for _, unit := range []struct {
		name string
		of   float64
	}{{"a second", 1}, {"a minute", 60}, {"an hour", 3600}} {
		if in := rate * unit.of; in >= 1 && in < 100 {
			return fmt.Sprintf("%.1f records %s", in, unit.name)
		} else if in >= 100 {
			return fmt.Sprintf("%s records %s", survey.Thousands(int64(rate*unit.of+0.5)), unit.name)
		}
	}
	return fmt.Sprintf("%.1f records a day", rate*86400)
}

// skew says how uneven the load is, by its busiest partition key and shard.
func (s *Survey) skew() string {
	text := ""
	if len(s.Keys) > 0 && s.Keys[0].Records > s.Keys[0].Over {
		text = fmt.Sprintf("; the most frequent partition key has %.1f %%", 100*float64(s.Keys[0].Records-s.Keys[0].Over)/float64(max(s.Records, 1)))
	}
	if len(s.Shards) > 1 {
		hottest := slices.MaxFunc(s.Shards, func(a, b survey.ShardPeak) int { return cmp.Compare(a.Total, b.Total) })
		text += fmt.Sprintf(", the hottest of %d shards %.1f times the mean", len(s.Shards), float64(hottest.Total)*float64(len(s.Shards))/float64(max(s.Records, 1)))
	}
	return text
}

func (s *Survey) writePlan(sheet *survey.Sheet) {
	if s.Pace.Max() {
		sheet.Row("replay", "as fast as it is taken; %s order", s.Order)
		return
	}
	laps := ""
	switch {
	case s.Loop == Forever:
		laps = ", over and over; this is one lap"
	case s.Loop > 1:
		laps = fmt.Sprintf(", %d times; this is one lap", s.Loop)
	}
	sheet.Row("replay", "%s at %s, %s order%s", s.Planned.Round(time.Millisecond), s.Pace, s.Order, laps)
	s.writeIdle(sheet)
	s.WritePeaks(sheet)
	s.writeShards(sheet)
}

// writeIdle says what the longest wait is.
func (s *Survey) writeIdle(sheet *survey.Sheet) {
	if len(s.Gaps) == 0 || s.Pace.kind != bySpeed {
		return
	}
	gap, what := s.Gaps[0], ""
	if s.SkipIdle > 0 && gap.For > s.SkipIdle {
		what = ", shortened to " + inDays(s.SkipIdle)
	}
	sheet.Row("longest gap", "%s after %s%s", inDays(gap.For), eventTime(gap.After), what)
}

// maxShards is how many shards are shown one by one unasked.
const maxShards = 16

// writeShards says what each shard of a small stream gets.
func (s *Survey) writeShards(sheet *survey.Sheet) {
	if len(s.Shards) < 2 || len(s.Shards) > maxShards && !s.All {
		return
	}
	lines := make([]survey.Line, 0, len(s.Shards))
	for i := range s.Shards {
		p := &s.Shards[i]
		lines = append(lines, survey.Line{Name: fmt.Sprintf("shard %d", i), Text: fmt.Sprintf("%s (%.1f %%), %s and %s in a second",
			survey.Plural(p.Total, "record"), 100*float64(p.Total)/float64(max(s.Records, 1)), survey.Thousands(p.Records), survey.Size(p.Bytes))})
	}
	sheet.Lines("shards", len(lines), lines)
}

func (s *Survey) writeSkipped(sheet *survey.Sheet) {
	if s.Skipped.Count == 0 {
		sheet.Row("skipped", "none")
		return
	}
	sheet.Row("skipped", "%s", survey.Thousands(s.Skipped.Count))
	var reasons, samples []string
	for _, reason := range slices.Sorted(maps.Keys(s.Skipped.ByReason)) {
		reasons = append(reasons, fmt.Sprintf("%s: %s", survey.Thousands(s.Skipped.ByReason[reason]), reason))
	}
	for i := range s.Skipped.Samples {
		samples = append(samples, s.Skipped.Samples[i].String())
	}
	sheet.List("", "reasons", len(reasons), reasons)
	sheet.List("", "examples", len(samples), samples)
}

// place is the file, and where in it.
func (s *Skip) place() string {
	text := survey.Printable(s.File)
	if s.Line > 0 {
		text += fmt.Sprintf(":%d", s.Line)
	}
	if s.Line == 1 && s.Offset > 0 { // objects without line ends
		text += fmt.Sprintf(" at byte %d", s.Offset)
	}
	return text
}

// String is the skip in one line.
func (s *Skip) String() string {
	text := string(s.Reason)
	if s.File != "" {
		text = s.place() + ": " + text
	}
	if s.Detail != "" {
		text += " (" + survey.Printable(s.Detail) + ")"
	}
	if s.Sample != "" {
		text += fmt.Sprintf(": %.60q", s.Sample)
	}
	return text
}

func eventTime(ms int64) string { return record.FormatTime(ms, ms%1000 != 0) }
