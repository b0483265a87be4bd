package replay

import (
	"time"

	"weir/record"
)

// counts are what a parser saw.
type counts struct {
	lines         int64 // records and skips: those that are not empty, and what could not be read
	records       int64
	bytes         int64 // of their data
	unreadable    int64 // records that the aggregator cannot use
	unusable      Skip  // the first of them, which is sent
	first, newest int64 // event times, ms
	earliest      int64 // moments, ms
	latest        int64
	behind        int64 // records older than one before them in the recording
	worst         time.Duration
	early, future implausible
	twice, never  implausible // times without a zone, when clocks were changed
}

// implausible are records whose event time is hardly what it was meant to be: before 1990, in the future, or of an hour that comes twice or never.
type implausible struct {
	records int64
	example Skip  // where the first of them stands
	time    int64 // its event time
}

func (p *parser) suspect(of *implausible, at int64) {
	if of.records == 0 {
		of.example, of.time = p.position(), at
		if text, _, ok := p.decoder.EventTimeText(); ok {
			of.example.Sample = sampleOf([]byte(text))
		}
	}
	of.records++
}

// isFuture says that an event time is later than now, by the clock as it is then: a live stream is read for hours.
func (p *parser) isFuture(at int64) bool {
	p.latest = time.Now().Add(plausibleAfter).UnixMilli()
	return at > p.latest
}

// count counts a record, at the event time and the moment to which its lap brings it.
func (p *parser) count(r *record.Record) {
	c := &p.counts
	if r.Event.Time < plausibleFrom {
		p.suspect(&c.early, r.Event.Time)
	} else if r.Event.Time > p.latest && p.isFuture(r.Event.Time) {
		p.suspect(&c.future, r.Event.Time)
	}
	switch p.decoder.EventTimeDoubt(r.Event.Time) {
	case record.ComesTwice:
		p.suspect(&c.twice, r.Event.Time)
	case record.NeverComes:
		p.suspect(&c.never, r.Event.Time)
	}
	r.Event.Time += p.lap.shift()
	r.Due += time.Duration(p.moments.shift())
	at := r.Event.Time
	if c.records == 0 {
		c.first, c.newest = at, at
		c.earliest, c.latest = moment(r), moment(r)
	}
	c.earliest, c.latest = min(c.earliest, moment(r)), max(c.latest, moment(r))
	c.records++
	c.bytes += int64(len(r.Data))
	if r.Event.Unreadable {
		if c.unreadable == 0 {
			c.unusable = p.position()
			c.unusable.Reason, c.unusable.Sample = Reason(p.unusable.Error()), sampleOf(r.Data[min(record.Offset(p.unusable), len(r.Data)):])
		}
		c.unreadable++
	}
	c.first = min(c.first, at)
	if at >= c.newest {
		c.newest = at
		return
	}
	c.behind++
	c.worst = max(c.worst, millis(uint64(c.newest)-uint64(at)))
}

// millis is a Duration of ms, at most the longest there is.
func millis(ms uint64) time.Duration { return Pace{}.at(ms) }
