package replay

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/record"
	"weir/survey"
)

// Times are how a recording's event times are written.
type Times struct {
	// Format and Zone are what record.Fields take; empty where nothing has to be said.
	Format, Zone string
	// Why says what was guessed and by what, in one line; empty where nothing was.
	Why string
}

// TimesError asks how event times are written: the records allow several answers, or none.
type TimesError struct{ why, how string }

func (e *TimesError) Error() string { return e.why }

// Hint says how to answer.
func (e *TimesError) Hint() string { return e.how }

const (
	// guessRecords and guessBytes are how much of a recording is looked at.
	guessRecords = 1000
	guessBytes   = 4 << 20
	// plausibleFrom is the least event time that is not suspicious, 1990-01-01, and plausibleAfter how far beyond now one may lie.
	plausibleFrom  = 631_152_000_000
	plausibleAfter = 24 * time.Hour
	// plausibleNanos is the least event time of nanoseconds, 1990-07-01: ticks of .NET's, 100 ns each since the year 1, would be nanoseconds of early 1990.
	plausibleNanos = 646_790_400_000
)

// GuessTimes tells by a recording's first records how its event times are written, where the options do not say. What cannot be told is a [TimesError]: never
// does it choose between two that both may be. Whatever else is wrong with the recording is for [Open] to say.
func GuessTimes(ctx context.Context, o Options, now time.Time) (Times, error) {
	said := Times{Format: o.Fields.TimeFormat, Zone: o.Fields.TimeZone}
	if said.Format != "" && said.Format != "auto" {
		return said, nil
	}
	sample, err := sampleTimes(ctx, o)
	if err != nil {
		return said, ctx.Err()
	}
	guess, err := sample.guess(o.Fields.TimeZone, now)
	if err != nil {
		return said, err
	}
	return guess, nil
}

// timeSample is what the first records have as their event times.
type timeSample struct {
	numbers []string // JSON's, and those in strings
	texts   []string
	bytes   int
}

// sampleTimes reads the first records.
func sampleTimes(ctx context.Context, o Options) (*timeSample, error) {
	found, err := findWithin(ctx, &o, new(unopened))
	if err != nil {
		return nil, err
	}
	o.Loop, o.Multiply, o.Sample, o.From, o.To = 1, 1, 0, time.Time{}, time.Time{}
	o.Fields.TimeFormat, o.Fields.TimeZone = "", ""
	var skips skipLog
	p, err := newParser(&o, &skips)
	if err != nil {
		return nil, err
	}
	var sample timeSample
	p.times = &sample
	l := lines{format: o.Format, columns: o.Columns, open: oneByOne(found)}
	defer l.close()
	for !sample.enough() && p.counts.lines < requiredWithin {
		if Once(o.Source) && len(sample.numbers)+len(sample.texts) > 0 {
			break // more may be long in coming
		}
		b, err := l.next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		p.parse(&b, func(*record.Record) {})
	}
	return &sample, nil
}

func (s *timeSample) enough() bool {
	return len(s.numbers)+len(s.texts) >= guessRecords || s.bytes >= guessBytes
}

// add takes the event time of the record that was decoded last.
func (s *timeSample) add(d *record.Decoder, data []byte) {
	if s.enough() {
		return
	}
	s.bytes += len(data)
	text, number, ok := d.EventTimeText()
	switch {
	case !ok:
	case number || isNumber([]byte(text)):
		s.numbers = append(s.numbers, strings.Clone(text))
	default:
		s.texts = append(s.texts, strings.Clone(text))
	}
}

// guess is the one form that all of the sample has.
func (s *timeSample) guess(zone string, now time.Time) (Times, error) {
	t := Times{Zone: zone}
	unit, why, err := s.guessUnit(now)
	if err != nil {
		return t, err
	}
	if unit == "" && len(s.numbers) > 0 {
		if layout := onlyLayout(compactLayouts, s.numbers, now); layout != "" && len(s.texts) == 0 {
			return withZone(layout, s.numbers[0], zone)
		}
		return t, askUnit(s.numbers[0])
	}
	if t.Format, t.Why = unit, why; unit == "ms" {
		t.Format = "" // which need not be said
	}
	if len(s.texts) == 0 {
		return t, nil
	}
	return s.guessText(t, now)
}

// timeUnits are the units that a number may have, and how many of each a millisecond is.
var timeUnits = []struct {
	format, name string
	perSecond    float64
}{{"s", "seconds", 1}, {"ms", "milliseconds", 1e3}, {"us", "microseconds", 1e6}, {"ns", "nanoseconds", 1e9}}

// guessUnit is the unit of the numbers: the only one in which most are times since 1990. It is empty where no unit makes sense of them.
func (s *timeSample) guessUnit(now time.Time) (unit, why string, err error) {
	fits := make(map[string]string) // a number for each unit
	plausible := 0
	for _, text := range s.numbers {
		if u := unitOf(text, now); u != "" {
			plausible++
			if fits[u] == "" {
				fits[u] = text
			}
		}
	}
	if len(fits) > 1 {
		var several []string
		for _, u := range timeUnits {
			if example := fits[u.format]; example != "" {
				several = append(several, fmt.Sprintf("%s may be %s", example, u.name))
			}
		}
		return "", "", &TimesError{"the event times are numbers of several units: " + strings.Join(several, ", "), "--time-format s, ms, us or ns says what they count"}
	}
	if len(fits) == 0 || 2*plausible < len(s.numbers) {
		return "", "", nil
	}
	if fits["ms"] != "" {
		return "ms", "", nil
	}
	for _, u := range timeUnits {
		example := fits[u.format]
		if example == "" {
			continue
		}
		if len(s.texts) > 0 {
			why = " (where they are numbers)"
		}
		return u.format, fmt.Sprintf("event times%s are taken as %s since 1970: %s is %s, and would be %s in milliseconds (--time-format %s)",
			why, u.name, example, shownTime(example, u.perSecond), shownTime(example, 1e3), u.format), nil
	}
	return "", "", nil
}

// askUnit asks for numbers that are no times since 1990, whatever they count, and no dates.
func askUnit(example string) error {
	return &TimesError{
		fmt.Sprintf("event times as %s are no times since 1990 in seconds, milli-, micro- or nanoseconds", survey.Printable(example)),
		"--time-format ms takes them as milliseconds since 1970 all the same, s, us or ns as what these say, and a layout as 20060102150405 reads a date and a time",
	}
}

// unitOf is the unit in which a number is a time since 1990 and not in the future; the ranges of two units have nothing in common.
func unitOf(text string, now time.Time) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return ""
	}
	for _, u := range timeUnits {
		least := float64(plausibleFrom)
		if u.format == "ns" {
			least = plausibleNanos
		}
		if ms := n / u.perSecond * 1000; ms >= least && ms <= float64(now.Add(plausibleAfter).UnixMilli()) {
			return u.format
		}
	}
	return ""
}

func shownTime(number string, perSecond float64) string {
	n, _ := strconv.ParseFloat(number, 64)
	ms := int64(n / perSecond * 1000)
	if ms > record.MaxEventTime {
		return "beyond the year 8999"
	}
	return eventTime(ms - ms%1000)
}

// compactLayouts are digits alone; the others are what programs write that do not write ISO 8601. Two that differ in the order of day and month may both
// fit the same texts.
var (
	compactLayouts = []string{"20060102150405", "200601021504"}
	zonedLayouts   = []string{
		"02/Jan/2006:15:04:05 -0700", "Mon, 02 Jan 2006 15:04:05 -0700", "Mon Jan 02 15:04:05 -0700 2006", "Mon Jan _2 15:04:05 -0700 2006",
		"2006/01/02 15:04:05 -0700", "2006/01/02 15:04:05Z07:00", "01/02/2006 15:04:05 -0700", "02/01/2006 15:04:05 -0700", "02.01.2006 15:04:05 -0700",
	}
	plainLayouts = []string{
		"2006/01/02 15:04:05", "2006/01/02T15:04:05", "01/02/2006 15:04:05", "02/01/2006 15:04:05", "01/02/2006 03:04:05 PM", "02/01/2006 03:04:05 PM",
		"02.01.2006 15:04:05", "01.02.2006 15:04:05", "02-01-2006 15:04:05", "01-02-2006 15:04:05", "02-Jan-2006 15:04:05", "02 Jan 2006 15:04:05", "Mon Jan _2 15:04:05 2006", "Jan _2, 2006 3:04:05 PM",
		"20060102 15:04:05", "1/2/2006 15:04", "2/1/2006 15:04", "1/2/2006 3:04:05 PM", "2/1/2006 3:04:05 PM", "1/2/2006 15:04:05", "2/1/2006 15:04:05", "2.1.2006 15:04:05",
	}
)

// httpDate has its zone, Greenwich's, as text at its end.
const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// guessText is the form of the texts.
func (s *timeSample) guessText(t Times, now time.Time) (Times, error) {
	zoned, plain := s.iso()
	switch {
	case plain != "" && t.Zone == "":
		return t, askZone(plain)
	case zoned+s.plain() == len(s.texts):
		return t, nil
	}
	others := slices.DeleteFunc(slices.Clone(s.texts), func(text string) bool { return isISO(text) })
	if len(others) < len(s.texts) || t.Format != "" {
		return t, nil // of several forms: those that are not understood are skipped, and named
	}
	if fitting := fittingLayouts([]string{httpDate}, others, now); len(fitting) == 1 {
		return Times{httpDate, t.Zone, whyLayout(httpDate, others[0])}, nil
	}
	if layout := onlyLayout(zonedLayouts, others, now); layout != "" {
		return Times{layout, t.Zone, whyLayout(layout, others[0])}, nil
	}
	fitting := distinctLayouts(slices.Concat(zonedLayouts, plainLayouts), others, now)
	switch len(fitting) {
	case 0:
		return t, nil
	case 1:
		return withZone(fitting[0], others[0], t.Zone)
	}
	return t, &TimesError{
		fmt.Sprintf("event times as %q may be written as %s: the records do not tell which", survey.Printable(others[0]), strings.Join(fitting, " or ")),
		fmt.Sprintf("--time-format %q says so, and --time-zone in which zone they are", fitting[0]),
	}
}

func (s *timeSample) plain() (n int) {
	for _, text := range s.texts {
		if is, zoned := record.ISOTime(text); is && !zoned {
			n++
		}
	}
	return n
}

// iso counts the texts that are understood as they are, and gives one that lacks nothing but a zone.
func (s *timeSample) iso() (zoned int, plain string) {
	for _, text := range s.texts {
		switch is, withZone := record.ISOTime(text); {
		case is && withZone:
			zoned++
		case is && plain == "":
			plain = text
		}
	}
	return zoned, plain
}

func isISO(text string) bool {
	is, _ := record.ISOTime(text)
	return is
}

// fittingLayouts are those by which all of the texts are times that can be.
func fittingLayouts(layouts, texts []string, now time.Time) (fitting []string) {
	for _, layout := range layouts {
		if !slices.ContainsFunc(texts, func(text string) bool {
			at, err := time.Parse(layout, text)
			return err != nil || at.UnixMilli() < plausibleFrom || at.After(now.Add(plausibleAfter))
		}) {
			fitting = append(fitting, layout)
		}
	}
	return fitting
}

// onlyLayout is the layout that fits all of the texts, if any other that does reads the same time in whatever text. That both read the same in these says
// nothing of those to come: 03/03 is one day, and 03/04 may be two.
func onlyLayout(layouts, texts []string, now time.Time) string {
	if fitting := distinctLayouts(layouts, texts, now); len(fitting) == 1 {
		return fitting[0]
	}
	return ""
}

// distinctLayouts are those that fit all of the texts, without those that read the same as one before them in whatever text. That both read the same in these
// says nothing of those to come: 03/03 is one day, and 03/04 may be two.
func distinctLayouts(layouts, texts []string, now time.Time) (distinct []string) {
	for _, layout := range fittingLayouts(layouts, texts, now) {
		if !slices.ContainsFunc(distinct, func(other string) bool { return readTheSame(layout, other) }) {
			distinct = append(distinct, layout)
		}
	}
	return distinct
}

// readTheSame says that two layouts that fit the same texts differ in nothing but how they may be padded: what one writes, the other reads.
func readTheSame(a, b string) bool { return reads(a, b) || reads(b, a) }

// reads says that a layout reads the time that another has written, whose day and month are two numbers.
func reads(layout, written string) bool {
	text := time.Date(2013, 5, 4, 15, 2, 1, 0, time.UTC).Format(written)
	want, _ := time.Parse(written, text)
	at, err := time.Parse(layout, text)
	return err == nil && at.Equal(want)
}

func withZone(layout, example, zone string) (Times, error) {
	if zone == "" {
		if _, err := record.NewDecoder(record.Fields{EventTime: "t", TimeFormat: layout}); err != nil {
			return Times{}, askZone(example)
		}
	}
	return Times{layout, zone, whyLayout(layout, example)}, nil
}

func whyLayout(layout, example string) string {
	return fmt.Sprintf("event times are taken as written by %q, as all of the first records are: %s (--time-format)", layout, survey.Printable(example))
}

func askZone(example string) error {
	return &TimesError{
		fmt.Sprintf("event times have no zone, as %q", survey.Printable(example)),
		"--time-zone says in which one they are: UTC, an offset as +02:00, or a name as Europe/Berlin",
	}
}
