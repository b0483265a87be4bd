package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/record"
)

// retimer moves event times, in the records' JSON too: those of later laps, and all of them towards now.
type retimer struct {
	rewriter
	eventTime int // of the decoder's paths
	// to is where the first record's event time goes, to the second, the zero time for nowhere; shift is by how much, once it is known.
	to      time.Time
	shift   int64 // ms, whole seconds, so that event times in whole seconds stay so
	started bool
	text    []byte // the new event time
}

// newRetimer is nil where no event time is to be moved.
func newRetimer(o *Options) (*retimer, error) {
	if o.ShiftTo.IsZero() && once(o.Loop) {
		return nil, nil
	}
	f := &o.Fields
	if slices.Contains(append([]string{f.Kind, f.Value}, f.Key...), f.EventTime) {
		return nil, fmt.Errorf("%w: event times cannot be moved, for %q is a part of the key, the kind or the value, too", ErrImpossible, f.EventTime)
	}
	w, err := newRewriter(record.Fields{EventTime: f.EventTime})
	if err != nil {
		return nil, err
	}
	return &retimer{rewriter: w, to: o.ShiftTo, eventTime: w.index(f.EventTime)}, nil
}

// retime gives the record its new event time. Its Event.Time says where its lap has brought it, its data what was recorded.
func (t *retimer) retime(r *record.Record) error {
	if !t.started && !t.to.IsZero() {
		t.shift = floorTo(t.to.UnixMilli()-r.Event.Time, 1000)
	}
	t.started = true
	r.Event.Time += t.shift
	t.read(r.Data)
	if t.decoded.Event.Time == r.Event.Time {
		return nil
	}
	start, end, _ := t.decoder.Place(t.eventTime)
	var err error
	if t.text, err = moved(t.text[:0], r.Data[start:end], r.Event.Time); err != nil {
		return fmt.Errorf("event time %s: %w", r.Data[start:end], err)
	}
	t.edits = append(t.edits, edit{start, end, t.text})
	r.Data = t.write(r.Data)
	return nil
}

// floorTo is the greatest multiple of n that is not above x.
func floorTo(x, n int64) int64 {
	x -= (x%n + n) % n
	return x
}

// moved appends an event time, ms since the Unix epoch, in the form of an old one, a JSON value: a number of milliseconds, the same as text,
// or RFC 3339 with the digits and the zone that it had. What is below a millisecond stays, and milliseconds are added where the old one
// had none and the new one needs them.
func moved(to, old []byte, ms int64) ([]byte, error) {
	if old[0] != '"' {
		return movedMillis(to, string(old), ms), nil
	}
	to = append(to, '"')
	if ms%1000 == 0 && inWholeSeconds(old) {
		return append(time.UnixMilli(ms).UTC().AppendFormat(to, time.RFC3339), '"'), nil
	}
	var text string
	if err := json.Unmarshal(old, &text); err != nil {
		return nil, err
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return append(movedMillis(to, text, ms), '"'), nil
	}
	digits := fractionDigits(text)
	if ms%1000 != 0 {
		digits = max(digits, 3)
	}
	layout := "2006-01-02T15:04:05"
	if digits > 0 {
		layout += "." + strings.Repeat("0", digits)
	}
	if layout += "-07:00"; strings.HasSuffix(text, "Z") {
		layout = strings.TrimSuffix(layout, "-07:00") + "Z"
	}
	below := time.Duration(at.Nanosecond() % nanosPerMilli)
	now := time.UnixMilli(ms).Add(below).In(at.Location())
	return append(now.AppendFormat(to, layout), '"'), nil
}

// inWholeSeconds tells the one form that most recordings have, "2006-01-02T15:04:05Z", which needs no parsing to be written again.
func inWholeSeconds(old []byte) bool {
	const form = `"2006-01-02T15:04:05Z"`
	return len(old) == len(form) && old[11] == 'T' && old[20] == 'Z' && bytes.IndexByte(old, '\\') < 0
}

// fractionDigits is how many digits, up to nine, an RFC 3339 time has behind its seconds.
func fractionDigits(text string) int {
	_, rest, _ := strings.Cut(text, ".")
	return min(digits([]byte(rest)), 9)
}

// movedMillis keeps what a number of milliseconds has behind its point, if it is written without an exponent.
func movedMillis(to []byte, old string, ms int64) []byte {
	to = strconv.AppendInt(to, ms, 10)
	_, fraction, point := strings.Cut(old, ".")
	if point && ms >= 0 && old[0] != '-' && digits([]byte(fraction)) == len(fraction) {
		to = append(append(to, '.'), fraction...)
	}
	return to
}
