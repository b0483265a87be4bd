package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrTimeForm says that an event time cannot be written in the form of another one: by it, it would be read as a third.
var ErrTimeForm = errors.New("event time cannot be written in the form that it has")

// AppendTime appends an event time, ms since the Unix epoch, in the form of an old one, a JSON value that the decoder has read: a number of the same unit, the
// same as text, or text with the marks, the digits and the zone that it had. What is below a millisecond stays, and milliseconds are added where the old
// one had none and the new one needs them. It is [ErrTimeForm] where the form has no text for the time: without a zone, the hour that comes twice when summer
// time ends can be written once.
func (d *Decoder) AppendTime(to, old []byte, ms int64) ([]byte, error) {
	if old[0] != '"' {
		written, err := d.times.write(string(old), true, ms)
		return append(to, written...), err
	}
	to = append(to, '"')
	if len(d.times.layouts) == 0 && ms%1000 == 0 && inWholeSeconds(old) {
		return append(time.UnixMilli(ms).UTC().AppendFormat(to, time.RFC3339), '"'), nil
	}
	var text string
	if err := json.Unmarshal(old, &text); err != nil {
		return nil, err
	}
	written, err := d.times.write(text, false, ms)
	if err != nil {
		return to, err
	}
	if strings.ContainsFunc(written, func(c rune) bool { return c < ' ' || c == '"' || c == '\\' }) { // a layout may have anything
		quoted, err := json.Marshal(written)
		return append(to[:len(to)-1], quoted...), err
	}
	return append(append(to, written...), '"'), nil
}

// write is the time ms in the form of an old text or number, and sees to it that it is read as that.
func (f *timeForm) write(old string, number bool, ms int64) (string, error) {
	written, ok := f.rewrite(old, ms)
	if !ok {
		return "", fmt.Errorf("%w: %q", ErrTimeForm, old)
	}
	if read, ok := f.parse(written, number); !ok || read != ms {
		return "", fmt.Errorf("%w, as %q: %s would be %q, which is read as another time", ErrTimeForm, old, FormatTime(ms, true), written)
	}
	return written, nil
}

// TimeGrain is the step, in ms, whose multiples an event time can be moved by, as its form can write them: 1 in most, a minute in a layout without seconds, an hour
// in one without minutes.
func (d *Decoder) TimeGrain() int64 { return d.times.grain() }

func (f *timeForm) grain() int64 {
	if len(f.layouts) == 0 {
		return 1
	}
	layout := f.layouts[0]
	hour := time.Date(2013, time.January, 15, 10, 0, 0, 0, f.locationOf(layout))
	old := hour.Format(layout)
	for _, step := range []int64{1, 10, 100, 1000, 60_000} {
		if _, err := f.write(old, isNumber(old), hour.UnixMilli()+step); err == nil {
			return step
		}
	}
	return 3_600_000
}

// inWholeSeconds tells the one form that most recordings have, "2006-01-02T15:04:05Z", which needs no parsing to be written again.
func inWholeSeconds(old []byte) bool {
	const form = `"2006-01-02T15:04:05Z"`
	return len(old) == len(form) && old[11] == 'T' && old[20] == 'Z' && bytes.IndexByte(old, '\\') < 0
}

// rewrite is the time ms in the form of an old text.
func (f *timeForm) rewrite(old string, ms int64) (text string, ok bool) {
	for _, layout := range f.layouts {
		at, err := time.ParseInLocation(layout, old, f.locationOf(layout))
		if err != nil {
			continue
		}
		now := time.UnixMilli(ms).Add(time.Duration(at.Nanosecond() % int(time.Millisecond))).In(at.Location())
		return now.Format(asPrecise(layout, old, at, now)), true
	}
	t, ok := parseISO(old)
	if !ok {
		return string(f.appendNumber(nil, old, ms)), isNumber(old)
	}
	return t.rewrite(ms, f.location()), true
}

// asPrecise is a layout with as many digits behind its seconds as an old time had, and as a new one needs.
func asPrecise(layout, old string, was, now time.Time) string {
	if was.Format(layout) == old && now.Nanosecond() == 0 {
		return layout
	}
	before, after, ok := cutSeconds(layout)
	if !ok || strings.HasPrefix(after, ".") || strings.HasPrefix(after, ",") {
		return layout
	}
	mark, digits := ".", 0
	for n := 1; n <= 9 && digits == 0; n++ {
		for _, try := range []string{".", ","} {
			if was.Format(before+try+strings.Repeat("0", n)+after) == old {
				mark, digits = try, n
			}
		}
	}
	if digits = max(digits, digitsBelow(now)); digits == 0 {
		return layout
	}
	return before + mark + strings.Repeat("0", digits) + after
}

// cutSeconds cuts a layout behind its seconds.
func cutSeconds(layout string) (before, after string, ok bool) {
	for i := range len(layout) {
		if layout[i] == '5' && (i == 0 || layout[i-1] != '1') {
			return layout[:i+1], layout[i+1:], true
		}
	}
	return layout, "", false
}

// digitsBelow is how many digits a time needs behind the seconds' point.
func digitsBelow(at time.Time) int {
	return len(strings.TrimRight(strconv.Itoa(1e9 + at.Nanosecond())[1:], "0"))
}

// digitsFor is how many digits behind the seconds' point a time needs.
func digitsFor(ms int64) int {
	if ms%1000 == 0 {
		return 0
	}
	return 3
}

// rewrite is another instant in the same form.
func (t *isoTime) rewrite(ms int64, zone *time.Location) string {
	old := t.at(zone)
	now := time.UnixMilli(ms).Add(time.Duration(old.Nanosecond() % int(time.Millisecond))).In(old.Location())
	date, clock := time.DateOnly, "15:04:05"
	if len(t.date) == len("20060102") {
		date, clock = "20060102", "150405"
	}
	digits, point := min(max(len(t.fraction)-1, 0), 9), "."
	if digits > 0 {
		point = t.fraction[:1]
	}
	if digits = max(digits, digitsFor(ms)); digits > 0 {
		clock += point + strings.Repeat("0", digits)
	}
	if len(t.time) < len("150405") && now.Second() == 0 && now.Nanosecond() == 0 {
		clock = strings.TrimSuffix(clock, "05")
		clock = strings.TrimSuffix(clock, ":")
	}
	return now.Format(date) + t.between + now.Format(clock) + t.zone
}

func isNumber(text string) bool {
	_, _, _, ok := splitNumber(text)
	return ok
}

// appendNumber keeps what an old number has below a millisecond, if it is written without an exponent and is not negative.
func (f *timeForm) appendNumber(to []byte, old string, ms int64) []byte {
	whole, fraction, point := strings.Cut(old, ".")
	kept := ms >= 0 && leadingDigits(whole) == whole && leadingDigits(fraction) == fraction
	if !kept {
		whole, fraction, point = "", "", false
	}
	switch f.unit {
	case secondUnit:
		return appendSeconds(to, ms, fraction)
	case microsecondUnit:
		to = appendBelow(to, ms, whole, 3)
	case nanosecondUnit:
		to = appendBelow(to, ms, whole, 6)
	default:
		to = strconv.AppendInt(to, ms, 10)
	}
	if point {
		to = append(append(to, '.'), fraction...)
	}
	return to
}

// appendSeconds writes seconds with the digits that the old ones had, and what is below a millisecond of them.
func appendSeconds(to []byte, ms int64, fraction string) []byte {
	if ms < 0 {
		return append(strconv.AppendInt(to, ms, 10), "e-3"...)
	}
	to = strconv.AppendInt(to, ms/1000, 10)
	digits := fmt.Sprintf("%03d", ms%1000)
	switch {
	case len(fraction) > 3:
		digits += fraction[3:]
	default:
		digits = digits[:max(len(fraction), len(strings.TrimRight(digits, "0")))]
	}
	if digits == "" {
		return to
	}
	return append(append(to, '.'), digits...)
}

// appendBelow writes ms in a unit of so many digits more, with the last digits of the old number.
func appendBelow(to []byte, ms int64, whole string, digits int) []byte {
	below := strings.Repeat("0", digits)
	if len(whole) > digits {
		below = whole[len(whole)-digits:]
	}
	if ms == 0 {
		return append(to, cmp.Or(strings.TrimLeft(below, "0"), "0")...)
	}
	return append(strconv.AppendInt(to, ms, 10), below...)
}
