package replay

import (
	"fmt"
	"strings"
	"time"
)

const (
	// longWait and longShare are from where on a single gap is worth a warning: that long, and that share of the whole replay. A night
	// in a recording of months is neither; one wrong event time is both.
	longWait  = time.Minute
	longShare = 10
	// secondsFrom and secondsTo are, taken as milliseconds, what the seconds since 1970 of the years 1973 to 2128 come to.
	secondsFrom, secondsTo = 100_000_000, 5_000_000_000
)

// warnings are what in the recording would surprise whoever replays it.
func (s *Survey) warnings() (all []string) {
	if s.FirstEvent >= secondsFrom && s.LastEvent < secondsTo {
		all = append(all, "all event times are of the first weeks of 1970: they look like seconds, and numbers are taken as milliseconds")
	}
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
