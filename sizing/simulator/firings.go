package simulator

import (
	"math"
	"time"

	"weir/sizing/trace"
)

// firings are the times that rows are asked over. The rows of a window are due at once, at its trigger, and came about since the trigger before it. The last
// windows fire in the drain and are partial, so neither their rows nor their time counts, and the same holds for a first window that began before the feed did.
type firings struct {
	// slide is how long it takes in the run from one trigger to the next.
	slide time.Duration
	// partial reports whether a window counts though it began before the feed did, because the feed is too short for a whole one.
	partial bool
	// from and to are what the windows that count cover; to is zero until one has fired.
	from, to time.Duration

	// trigger and again are those of the row before, and spreads are how what is due with it falls into the holds.
	trigger time.Duration
	again   bool
	spreads []spread
}

func newFirings(w *world, s *schedule) firings {
	a := &w.scenario.Pipeline.Aggregator
	f := firings{slide: a.SlideOrWindow(), trigger: noDue}
	if !w.trace.Made() && s.feed > 0 {
		f.slide = inRun(f.slide, w.trace.Records, s.feed)
	}
	f.partial = s.feed < 2*f.slide+time.Duration(a.OutOfOrderness)
	return f
}

// inRun is how long a stretch of event time takes in a run of a recording, which may be replayed faster than it was recorded.
func inRun(stretch time.Duration, records []trace.Record, feed time.Duration) time.Duration {
	first, newest := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range records {
		if r := &records[i]; r.Row >= 0 {
			first, newest = min(first, r.Event), max(newest, r.Event)
		}
	}
	if newest <= first {
		return stretch
	}
	return max(1, time.Duration(float64(stretch)*float64(feed.Milliseconds())/float64(newest-first)))
}

// row counts a row that fired.
func (d *demand) row(r *row) {
	if r.flushed {
		return
	}
	if r.trigger != d.trigger || r.again != d.again {
		d.next(r)
	}
	w, writes := d.world, 1.0
	d.due(&d.fired, 1)
	if o := w.measures.outlets; o != nil {
		shard := int(o.shard[r.key])
		d.due(&d.rows[shard], 1)
		d.due(&d.rowBytes[shard], float64(o.bytes[r.key]))
		writes = float64(o.routes[r.key])
		for i, m := range w.mappings {
			if m.hits[r.key] {
				d.due(&d.routes[i][shard*m.factor+m.lanes[r.key]], 1)
			}
		}
	}
	if writes > 0 {
		d.due(&d.units, writes*w.table.sizes[r.key])
	}
}

// next goes on to the trigger of a row.
func (d *demand) next(r *row) {
	f := &d.firings
	f.trigger, f.again, f.spreads = r.trigger, r.again, nil
	from := r.trigger - f.slide
	if from < 0 && !f.partial {
		return
	}
	from = max(0, from)
	f.spreads = append(d.schedule.over(from, r.trigger), spread{noHold, 1})
	if r.again {
		return // a late record has one row fire, and no window
	}
	if f.to == 0 || from < f.from {
		f.from = from
	}
	f.to = max(f.to, r.trigger)
}

// due adds what is due with the trigger.
func (d *demand) due(a *asked, amount float64) {
	a.burst(int(d.trigger/time.Second), amount)
	for _, s := range d.spreads {
		if s.hold == noHold {
			a.all += amount
			continue
		}
		a.during(s.hold, amount*s.share)
	}
}

// covered is the part of the feed and of its holds that the windows cover. Of a hold, it has to be half of it or half of the time between two triggers, or what came
// before the hold would stand for it.
func (f *firings) covered(of *schedule) *schedule {
	s := &schedule{feed: f.to - f.from, holds: make([]hold, len(of.holds))}
	for i, h := range of.holds {
		c := hold{h.name, max(h.start, f.from), min(h.end, f.to)}
		if 2*(c.end-c.start) < min(h.end-h.start, f.slide) {
			c.end = c.start
		}
		s.holds[i] = c
	}
	return s
}
