package record

import "time"

// Doubt is what is uncertain about an event time that has no zone of its own.
type Doubt uint8

const (
	NoDoubt Doubt = iota
	// ComesTwice: clocks showed it twice, as when summer time ends.
	ComesTwice
	// NeverComes: clocks never showed it, as when summer time begins.
	NeverComes
)

// clockChange is longer than any by which clocks were ever put on or back: by a day, where a country went to the other side of the date line.
const clockChange = 26 * time.Hour

// certainty is a stretch of event time, ms, in which no clock is changed.
type certainty struct{ from, to int64 }

// EventTimeDoubt says what is uncertain about the event time of the record that was decoded last, which was read as ms.
func (d *Decoder) EventTimeDoubt(ms int64) Doubt {
	zone := d.times.zone
	if zone == nil || zone == time.UTC || ms > d.certain.from && ms < d.certain.to {
		return NoDoubt
	}
	if c := certainAround(ms, zone); ms > c.from && ms < c.to {
		d.certain = c
		return NoDoubt
	}
	text, _, ok := d.EventTimeText()
	if !ok {
		return NoDoubt
	}
	clock, ok := d.times.clock(text)
	if !ok {
		return NoDoubt
	}
	return doubtOf(clock, zone)
}

// certainAround is the stretch around an instant without a change of clocks.
func certainAround(ms int64, zone *time.Location) certainty {
	c := certainty{minEventTime - 1, MaxEventTime + 1}
	start, end := time.UnixMilli(ms).In(zone).ZoneBounds()
	if !start.IsZero() {
		c.from = start.Add(clockChange).UnixMilli()
	}
	if !end.IsZero() {
		c.to = end.Add(-clockChange).UnixMilli()
	}
	return c
}

// clock is what a text without a zone shows, as if it were of UTC. It is not ok where the text has a zone.
func (f *timeForm) clock(text string) (at time.Time, ok bool) {
	for _, layout := range f.layouts {
		at, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		elsewhere, err := time.ParseInLocation(layout, text, time.FixedZone("", 3600))
		return at, err == nil && !saysUTC(layout) && !elsewhere.Equal(at)
	}
	if t, ok := parseISO(text); ok && !t.zoned {
		return t.at(time.UTC), true
	}
	return at, false
}

// doubtOf counts the instants at which clocks in a zone show that, by the offsets before and after.
func doubtOf(clock time.Time, zone *time.Location) Doubt {
	_, before := clock.Add(-clockChange).In(zone).Zone()
	_, after := clock.Add(clockChange).In(zone).Zone()
	shownAt := func(offset int) bool {
		_, there := clock.Add(-time.Duration(offset) * time.Second).In(zone).Zone()
		return there == offset
	}
	first, second := shownAt(before), shownAt(after)
	switch {
	case !first && !second:
		return NeverComes
	case first && second && before != after:
		return ComesTwice
	}
	return NoDoubt
}
