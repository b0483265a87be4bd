package replay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/survey"
)

const (
	// longWait and longShare are from where on a single gap is worth a warning: that long, and that share of the whole replay. A night
	// in a recording of months is neither; one wrong event time is both.
	longWait  = time.Minute
	longShare = 10
)

// warnings are what in the recording would surprise whoever replays it.
func (s *Survey) warnings() (all []string) {
	all = append(all, s.implausible...)
	all = append(all, s.formsWarning()...)
	if s.likeRows != "" && s.Skipped.ByReason[NotJSON] > 0 {
		all = append(all, s.likeRows)
	}
	all = append(all, s.inPaths.warnings(s.Fields)...)
	for _, gap := range s.Gaps {
		wait := s.Pace.at(uint64(gap.For.Milliseconds()))
		skipped := s.SkipIdle > 0 && gap.For > s.SkipIdle
		if s.Pace.kind != bySpeed || skipped || wait < longWait || wait < s.Planned/longShare {
			continue
		}
		all = append(all, fmt.Sprintf("there is no record for %s after %s, so that the replay would wait %s: --skip-idle shortens that, --from and --to leave it out",
			inDays(gap.For), eventTime(gap.After), inDays(wait.Round(time.Second))))
	}
	if s.Disorder.Unsorted > 0 && s.Disorder.Unsorted > s.Records/100 {
		all = append(all, "over 1 % of the records come too late to be sorted: files that are not in the order of time, as those of dynamic partitioning, are best replayed one prefix at a time")
	}
	return all
}

// warnings are of the event times that are before 1990 or in the future, and of those without a zone that clocks showed twice or never.
func (c *counts) warnings() []string {
	return slices.Concat(
		c.early.warnings("before 1990"), c.future.warnings("in the future"),
		c.twice.clockWarnings("comes twice, when clocks are put back"), c.never.clockWarnings("never comes, when clocks are put forward"),
	)
}

// clockWarnings are of times without a zone.
func (i *implausible) clockWarnings(when string) []string {
	if i.records == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s an event time without a zone that %s, as %s, taken as %s (%s): a time with its offset, or an offset as --time-zone, would say which it is",
		has(i.records), when, survey.Printable(i.example.Sample), eventTime(i.time), i.example.place())}
}

// warnings say how many records there are, and where the first of them is.
func (i *implausible) warnings(when string) []string {
	if i.records == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s an event time %s, as %s (%s: %s): --time-format says how event times are written",
		has(i.records), when, eventTime(i.time), i.example.place(), survey.Printable(i.example.Sample))}
}

func has(records int64) string {
	if records == 1 {
		return "1 record has"
	}
	return survey.Thousands(records) + " records have"
}

// inDays is a duration without parts that are zero, in days where it has some.
func inDays(d time.Duration) string {
	text := ""
	if days := d / (24 * time.Hour); days > 0 {
		text = fmt.Sprintf("%dd", days)
		if d %= 24 * time.Hour; d == 0 {
			return text
		}
	}
	text += d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
