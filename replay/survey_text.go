package replay

import (
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
	sheet.Row("source", "%s", s.Source)
	sheet.Row("records", "%s in %s, %s", survey.Thousands(s.Records), survey.Plural(s.Files, "file"), survey.Size(s.Bytes))
	sheet.Row("event time", "%s to %s", eventTime(s.FirstEvent), eventTime(s.LastEvent))
	s.writeContent(sheet)
	s.writePlan(sheet)
	s.writeSkipped(sheet)
	return sheet.Flush()
}

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
	s.WriteContent(sheet)
}

func (s *Survey) writePlan(sheet *survey.Sheet) {
	if s.Pace.Max() {
		sheet.Row("replay", "as fast as it is taken; %s order", s.Order)
		return
	}
	sheet.Row("replay", "%s at %s, %s order", s.Planned.Round(time.Millisecond), s.Pace, s.Order)
	s.WritePeaks(sheet)
}

func (s *Survey) writeSkipped(sheet *survey.Sheet) {
	if s.Skipped.Count == 0 {
		sheet.Row("skipped", "none")
		return
	}
	sheet.Row("skipped", "%s", survey.Thousands(s.Skipped.Count))
	for _, reason := range slices.Sorted(maps.Keys(s.Skipped.ByReason)) {
		sheet.Row("", "%s %s", survey.Thousands(s.Skipped.ByReason[reason]), reason)
	}
	for i := range s.Skipped.Samples {
		sheet.Row("", "%s", s.Skipped.Samples[i].String())
	}
}

// String is the skip in one line.
func (s *Skip) String() string {
	text := s.File
	if s.Line > 0 {
		text += fmt.Sprintf(":%d", s.Line)
	}
	if s.Line == 1 && s.Offset > 0 { // objects without line ends
		text += fmt.Sprintf(" at byte %d", s.Offset)
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

func eventTime(ms int64) string { return record.FormatTime(ms, ms%1000 != 0) }
