package replay

import (
	"fmt"
	"slices"
	"time"

	"weir/record"
)

// retimer moves event times, in the records' JSON too: those of later laps, and all of them towards now.
type retimer struct {
	rewriter
	eventTime int // of the decoder's paths
	// to is where the first record's event time goes, to the second, the zero time for nowhere; shift is by how much, once it is known.
	to      time.Time
	unit    int64 // ms, of the shift: a second, so that event times in whole seconds stay so, or what the form of event times has for its least part
	shift   int64
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
	w, err := newRewriter(record.Fields{EventTime: f.EventTime, TimeFormat: f.TimeFormat, TimeZone: f.TimeZone})
	if err != nil {
		return nil, err
	}
	return &retimer{rewriter: w, to: o.ShiftTo, unit: max(1000, w.decoder.TimeGrain()), eventTime: w.index(f.EventTime)}, nil
}

// retime gives the record its new event time. Its Event.Time says where its lap has brought it, its data what was recorded.
func (t *retimer) retime(r *record.Record) error {
	if !t.started && !t.to.IsZero() {
		t.shift = floorTo(t.to.UnixMilli()-r.Event.Time, t.unit)
	}
	t.started = true
	r.Event.Time += t.shift
	t.read(r.Data)
	if t.decoded.Event.Time == r.Event.Time {
		return nil
	}
	start, end, _ := t.decoder.Place(t.eventTime)
	var err error
	if t.text, err = t.decoder.AppendTime(t.text[:0], r.Data[start:end], r.Event.Time); err != nil {
		return err
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
