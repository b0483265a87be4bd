package record

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timeForm is how event times are written. Whatever it is, RFC 3339 and its kin with a zone are understood, for they can mean one thing only.
type timeForm struct {
	unit    timeUnit
	layouts []string       // Go's, tried one after another
	zone    *time.Location // of a time that has none; nil where none was said
}

// timeUnit is what a number counts since 1970.
type timeUnit uint8

const (
	millisecondUnit timeUnit = iota // also where nothing was said
	secondUnit
	microsecondUnit
	nanosecondUnit
)

// unitNames are the units as time formats write them.
var unitNames = map[string]timeUnit{
	"s": secondUnit, "seconds": secondUnit, "ms": millisecondUnit, "milliseconds": millisecondUnit,
	"us": microsecondUnit, "µs": microsecondUnit, "microseconds": microsecondUnit, "ns": nanosecondUnit, "nanoseconds": nanosecondUnit,
}

// newTimeForm reads a time format and a zone, either of which may be empty.
func newTimeForm(format, zone string) (form timeForm, err error) {
	if zone != "" {
		if form.zone, err = ParseZone(zone); err != nil {
			return form, err
		}
	}
	if format == "" || format == "auto" {
		return form, nil
	}
	unit, isUnit := unitNames[format]
	switch {
	case isSeconds(format):
		form.unit = secondUnit
		return form, nil
	case isUnit:
		form.unit = unit
		return form, nil
	case strings.Contains(format, "%"):
		if form.layouts, err = strftimeLayouts(format); err != nil {
			return form, err
		}
	default:
		form.layouts = []string{format}
	}
	return form, form.check(format)
}

// CheckTimes says what is wrong with a time format and a time zone, either of which may be empty.
func CheckTimes(format, zone string) error {
	_, err := newTimeForm(format, zone)
	return err
}

// check says what is wrong with a layout: it has to have a date and a time, and a zone, be it elsewhere.
func (f *timeForm) check(format string) error {
	a := time.Date(2013, time.December, 27, 22, 48, 59, 0, time.UTC) // a Friday, as the days are that it is compared with: the name of a day is no day
	layout := f.layouts[0]
	for _, part := range []struct {
		what string
		by   time.Duration
	}{{"day", 7 * 24 * time.Hour}, {"hour", time.Hour}} {
		if a.Format(layout) == a.Add(-part.by).Format(layout) {
			return fmt.Errorf("time format %q has no %s: it is s, ms, us or ns, a layout of Go as 2006-01-02 15:04:05, or one of strftime as %%Y-%%m-%%d %%H:%%M:%%S", format, part.what)
		}
	}
	if a.Format(layout) == a.Add(-12*time.Hour).Format(layout) {
		return fmt.Errorf("time format %q has an hour of twelve, and no AM or PM", format)
	}
	if a.Format(layout) == a.AddDate(-11, 0, 0).Format(layout) {
		return fmt.Errorf("time format %q has no year", format)
	}
	if a.Format(layout) == time.Date(2013, time.September, 27, 22, 48, 59, 0, time.UTC).Format(layout) {
		return fmt.Errorf("time format %q has no month", format)
	}
	if a.Format(layout) == a.Add(-time.Minute).Format(layout) && a.Format(layout) != a.Add(-time.Second).Format(layout) {
		return fmt.Errorf("time format %q has seconds and no minutes", format)
	}
	if strings.Contains(layout, "MST") {
		return fmt.Errorf("time format %q has the abbreviation of a zone, which is no offset: leave it out, and say the time zone", format)
	}
	if f.zone == nil && !saysUTC(layout) && a.Format(layout) == a.In(time.FixedZone("", 3600)).Add(-time.Hour).Format(layout) {
		return fmt.Errorf("time format %q %w", format, errNoZone)
	}
	if at, err := time.Parse(layout, a.Format(layout)); err != nil || at.After(a) || a.Sub(at) >= time.Hour {
		return fmt.Errorf("time format %q does not say a time: by it, what it writes is read as another one", format)
	}
	return nil
}

// ParseZone reads a time zone: UTC, an offset as +02:00, or a name as Europe/Berlin.
func ParseZone(text string) (*time.Location, error) {
	if offset, rest, ok := scanZone(text); ok && rest == "" {
		if offset == 0 {
			return time.UTC, nil
		}
		return time.FixedZone(text, offset), nil
	}
	if text != "" && text != "Local" {
		if zone, err := time.LoadLocation(text); err == nil {
			return zone, nil
		}
	}
	return nil, fmt.Errorf("time zone %q is not known: it is UTC, an offset as +02:00, or a name as Europe/Berlin", text)
}

// parse reads an event time, of a string or of a number. Where there is a layout, a number is read by it, too, and by nothing else.
func (f *timeForm) parse(text string, isNumber bool) (ms int64, ok bool) {
	if len(f.layouts) == 0 {
		if isNumber {
			return f.parseNumber(text)
		}
		if ms, ok := parseWholeSeconds(text); ok {
			return ms, true
		}
	}
	for _, layout := range f.layouts {
		if at, err := time.ParseInLocation(layout, text, f.locationOf(layout)); err == nil {
			return within(at)
		}
	}
	if t, ok := parseISO(text); ok {
		if t.zoned || f.zone != nil {
			return within(t.at(f.location()))
		}
		return 0, false
	}
	if len(f.layouts) > 0 {
		return 0, false
	}
	return f.parseNumber(text)
}

func (f *timeForm) location() *time.Location {
	if f.zone == nil {
		return time.UTC
	}
	return f.zone
}

// locationOf is where a time by a layout is that has no offset: a layout that ends in the name of UTC says so itself.
func (f *timeForm) locationOf(layout string) *time.Location {
	if saysUTC(layout) {
		return time.UTC
	}
	return f.location()
}

func saysUTC(layout string) bool {
	return strings.HasSuffix(layout, "GMT") || strings.HasSuffix(layout, "UTC") || strings.HasSuffix(layout, "Z")
}

func within(at time.Time) (ms int64, ok bool) {
	ms = at.UnixMilli()
	return ms, minEventTime <= ms && ms <= MaxEventTime
}

// parseNumber reads a number of the form's unit. What is below a millisecond is cut off towards the past.
func (f *timeForm) parseNumber(text string) (ms int64, ok bool) {
	if f.unit == millisecondUnit {
		return parseMillis(text)
	}
	if whole, ok := wholeNumber(text); ok {
		switch f.unit {
		case secondUnit:
			if whole <= MaxEventTime/1000 {
				return whole * 1000, true
			}
		case microsecondUnit:
			return whole / 1e3, whole/1e3 <= MaxEventTime
		case nanosecondUnit:
			return whole / 1e6, whole/1e6 <= MaxEventTime
		}
		return 0, false
	}
	number, err := CanonicalNumber(text)
	if err != nil {
		return 0, false
	}
	return parseMillis(shiftPoint(number, map[timeUnit]int{secondUnit: 3, microsecondUnit: -3, nanosecondUnit: -6}[f.unit]))
}

// wholeNumber reads digits alone.
func wholeNumber(text string) (n int64, ok bool) {
	if text == "" || len(text) > len("9223372036854775807")-1 || text[0] == '0' {
		return 0, false
	}
	return fixedNumber(text)
}

// shiftPoint multiplies a number without an exponent by a power of ten.
func shiftPoint(number string, by int) string { return number + "e" + strconv.Itoa(by) }

// ISOTime says whether a text is a date and a time as ISO 8601 or SQL write them, and whether it has a zone.
func ISOTime(text string) (is, zoned bool) {
	t, ok := parseISO(text)
	return ok, ok && t.zoned
}

// isoTime is a date and a time of ISO 8601, or of SQL.
type isoTime struct {
	date, time string // as they stand; a time without a fraction
	between    string
	fraction   string // with its point or comma
	zone       string // with a space in front, if there is one
	zoned      bool
	offset     int // seconds
	clock      [6]int
	nanos      int
}

// parseISO reads what is like RFC 3339: a T or t, a space or _ for it, a time without seconds, a comma, zones as Z, z, UTC, GMT, +00, +0000 and +00:00, and
// none. The basic form, 20130131T180000Z, too.
func parseISO(text string) (t isoTime, ok bool) {
	date, clocks := "dddd-dd-dd", [2]string{"dd:dd:dd", "dd:dd"}
	if !shaped(text, date) {
		if date, clocks = "dddddddd", [2]string{"dddddd", "dddd"}; !shaped(text, date) {
			return t, false
		}
	}
	t.date, text = text[:len(date)], text[len(date):]
	if text == "" || strings.IndexByte("Tt _", text[0]) < 0 {
		return t, false
	}
	t.between, text = text[:1], text[1:]
	clock := clocks[0]
	if !shaped(text, clock) {
		if clock = clocks[1]; !shaped(text, clock) {
			return t, false
		}
	}
	t.time, text = text[:len(clock)], text[len(clock):]
	if text != "" && (text[0] == '.' || text[0] == ',') {
		digits := leadingDigits(text[1:])
		if digits == "" {
			return t, false
		}
		t.fraction, text = text[:1+len(digits)], text[1+len(digits):]
	}
	t.zone = text
	if text != "" {
		rest := ""
		if t.offset, rest, t.zoned = scanZone(strings.TrimPrefix(text, " ")); !t.zoned || rest != "" {
			return t, false
		}
	}
	return t, t.read()
}

// shaped says that a text starts with digits and marks as in shape, where d stands for a digit.
func shaped(text, shape string) bool {
	if len(text) < len(shape) {
		return false
	}
	for i := range len(shape) {
		if digit := '0' <= text[i] && text[i] <= '9'; shape[i] == 'd' && !digit || shape[i] != 'd' && text[i] != shape[i] {
			return false
		}
	}
	return true
}

// read makes numbers of the digits, and says whether there is such a date and time.
func (t *isoTime) read() bool {
	c := &t.clock
	month, step := len("2006"), 2
	if len(t.date) == len("2006-01-02") {
		month, step = month+1, step+1
	}
	c[0], c[1], c[2] = 100*twoDigits(t.date)+twoDigits(t.date[2:]), twoDigits(t.date[month:]), twoDigits(t.date[len(t.date)-2:])
	for i := 0; i*step < len(t.time); i++ {
		c[3+i] = twoDigits(t.time[i*step:])
	}
	t.nanos = nanosOf(t.fraction)
	return c[0] >= 1 && c[1] >= 1 && c[1] <= 12 && c[2] >= 1 && int64(c[2]) <= daysIn(int64(c[0]), int64(c[1])) && (c[3] <= 23 || t.isMidnight()) && c[4] <= 59 && (c[5] <= 59 || t.isLeapSecond())
}

// isMidnight says that the clock is 24:00:00, which ISO 8601 has for the end of a day.
func (t *isoTime) isMidnight() bool {
	return t.clock[3] == 24 && t.clock[4] == 0 && t.clock[5] == 0 && t.nanos == 0
}

// isLeapSecond says that the clock is 23:59:60 of UTC at the end of a month, where RFC 3339 has a leap second; as the time after it, for there is no other.
// Without a zone, it is the 60th second in any minute that may be that one.
func (t *isoTime) isLeapSecond() bool {
	if t.clock[5] != 60 || t.clock[3] > 23 {
		return false
	}
	if !t.zoned {
		return t.clock[4]%15 == 14
	}
	after := t.at(time.UTC).UTC()
	return after.Day() == 1 && after.Hour() == 0 && after.Minute() == 0
}

// twoDigits is the number that a text starts with.
func twoDigits(text string) int { return 10*int(text[0]-'0') + int(text[1]-'0') }

// nanosOf is a fraction of a second, with its point or comma, cut off below a nanosecond.
func nanosOf(fraction string) (nanos int) {
	unit := 100_000_000
	for i := 1; i < len(fraction) && unit > 0; i++ {
		nanos += unit * int(fraction[i]-'0')
		unit /= 10
	}
	return nanos
}

// at is the instant; zone is where a time without a zone is.
func (t *isoTime) at(zone *time.Location) time.Time {
	if t.zoned {
		zone = time.UTC
		if t.offset != 0 {
			zone = time.FixedZone("", t.offset)
		}
	}
	c := &t.clock
	return time.Date(c[0], time.Month(c[1]), c[2], c[3], c[4], c[5], t.nanos, zone)
}

// scanZone reads the zone that a text starts with.
func scanZone(text string) (offset int, rest string, ok bool) {
	for _, name := range [...]string{"Z", "z", "UTC", "utc", "GMT", "gmt"} {
		if rest, ok := strings.CutPrefix(text, name); ok {
			return 0, rest, true
		}
	}
	if text == "" || text[0] != '+' && text[0] != '-' {
		return 0, text, false
	}
	negative, text := text[0] == '-', text[1:]
	for _, shape := range [...]string{"dd:dd", "dddd", "dd"} {
		if !shaped(text, shape) {
			continue
		}
		hours, _ := fixedNumber(text[:2])
		minutes := int64(0)
		if len(shape) > 2 {
			minutes, _ = fixedNumber(text[len(shape)-2 : len(shape)])
		}
		if hours > 23 || minutes > 59 {
			return 0, text, false
		}
		offset = int(hours*3600 + minutes*60)
		if negative {
			offset = -offset
		}
		return offset, text[len(shape):], true
	}
	return 0, text, false
}
