package simulator

import (
	"math"
	"time"

	"weir/limits"
	"weir/record"
	"weir/result"
	"weir/sizing/trace"
)

// asked is how much is asked of one part: in each second of the feed, over each hold, and in all. It counts records and rows when they are due, not when they
// are done: a part that is too slow would else look as if no more were asked of it than it does.
type asked struct {
	seconds []float64
	holds   []float64
	all     float64
}

// noHold is the number of no hold.
const noHold = -1

func (a *asked) add(second, hold int, amount float64) {
	a.burst(second, amount)
	a.all += amount
	if hold != noHold {
		a.during(hold, amount)
	}
}

// burst adds to a second alone.
func (a *asked) burst(second int, amount float64) {
	for len(a.seconds) <= second {
		a.seconds = append(a.seconds, 0)
	}
	a.seconds[second] += amount
}

func (a *asked) during(hold int, amount float64) {
	for len(a.holds) <= hold {
		a.holds = append(a.holds, 0)
	}
	a.holds[hold] += amount
}

// Load is how much is asked of a part, as a share of what it can do: 1 is all of it. It may be more.
type Load struct {
	// Peak is that of the busiest second, and PeakAt when that begins; Feed is that of the whole feed.
	Peak, Feed float64
	PeakAt     time.Duration
	// Hold is the most over one hold, and HoldName its phase; zero where there is no hold.
	Hold     float64
	HoldName string
	// Over counts the seconds in which more was asked than the part can do. Drained is the longest time until it had made up for it, from the end of such a second.
	Over    int
	Drained time.Duration
}

// Sustained is the most that is asked over a hold or over the whole feed.
func (l *Load) Sustained() float64 { return max(l.Feed, l.Hold) }

// Overused reports whether the use is 100 % or more over a hold or over the whole feed.
func (l *Load) Overused() bool { return l.Sustained() >= result.FullUse }

// Worse reports whether the use is greater than another: over a hold or the feed if one of them is 100 % there, otherwise in the busiest second.
func (l *Load) Worse(than *Load) bool {
	if l.Overused() || than.Overused() {
		return l.Sustained() > than.Sustained()
	}
	return l.Peak > than.Peak
}

// hold is a stretch of the schedule at a steady rate.
type hold struct {
	name       string
	start, end time.Duration
}

// spread is the share of something that falls into a hold.
type spread struct {
	hold  int
	share float64
}

// schedule is what a load is put in relation to: how long it comes, and its holds. A hold that takes no time is not judged.
type schedule struct {
	feed  time.Duration
	holds []hold
}

// scheduleOf is the schedule of a load.
func scheduleOf(t *trace.Trace) schedule {
	s := schedule{feed: t.For}
	for _, phase := range t.Phases {
		if phase.Hold && phase.Name != warmup {
			s.holds = append(s.holds, hold{phase.Name, phase.Start, phase.End})
		}
	}
	return s
}

// Holds are the stretches of a load at a steady rate.
func Holds(t *trace.Trace) (list []trace.Stretch) {
	for _, h := range scheduleOf(t).holds {
		list = append(list, trace.Stretch{Start: h.start, End: h.end})
	}
	return list
}

// busiest is the busiest part of a kind, whose parts can do so much a second. Anyway is the share that others take of each.
func (s *schedule) busiest(kind Kind, of []asked, perSecond, anyway float64) *Part {
	p := &Part{Kind: kind, PerSecond: perSecond}
	for i := range of {
		if l := s.of(&of[i], perSecond, anyway); i == 0 || l.Worse(&p.Load) {
			p.Load, p.Index = l, i
		}
	}
	return p
}

// cursor is the hold that a time was in, or the next one.
type cursor int

// at is the hold that a time is in. Times come in their order.
func (s *schedule) at(c *cursor, t time.Duration) int {
	for int(*c) < len(s.holds) && t >= s.holds[*c].end {
		*c++
	}
	if int(*c) == len(s.holds) || t < s.holds[*c].start {
		return noHold
	}
	return int(*c)
}

// KeyPart is how much the hottest key asks of one shard, by its records or by its bytes. Packed, records do not count, and bytes are those of full aggregates.
func KeyPart(t *trace.Trace, packed bool) *Part {
	if packed {
		return keyPart(t, true, reckoned(t).overhead)
	}
	return keyPart(t, false, 0)
}

// keyPart is that of a key whose records take so many bytes more where they are stored.
func keyPart(t *trace.Trace, packed bool, overhead float64) *Part {
	s := scheduleOf(t)
	of := func(kind Kind, name string, perSecond float64, amount func(*trace.Record) float64) *Part {
		hash, c, a := record.HashOf(name).Hi, cursor(0), asked{}
		for i := range t.Records {
			if r := &t.Records[i]; r.Hash == hash {
				a.add(int(r.Due/time.Second), s.at(&c, r.Due), amount(r))
			}
		}
		return &Part{Kind: kind, Key: name, Load: s.of(&a, perSecond, 0), PerSecond: perSecond}
	}
	bytes := of(KeyBytes, t.ByBytes.Name, limits.ShardWriteBytesPerSecond, func(r *trace.Record) float64 { return float64(r.Bytes) + overhead })
	if packed {
		return bytes
	}
	records := of(KeyRecords, t.ByRecords.Name, limits.ShardWriteRecordsPerSecond, func(*trace.Record) float64 { return 1 })
	if bytes.Worse(&records.Load) {
		return bytes
	}
	return records
}

// of is the load of a part that can do so much a second, beside what is asked of it in each second anyway, as a share.
func (s *schedule) of(a *asked, perSecond, anyway float64) Load {
	l := Load{Peak: anyway, Feed: anyway}
	if !(perSecond > 0) || math.IsInf(perSecond, 1) {
		return l
	}
	if s.feed > 0 {
		l.Feed += a.all / perSecond / s.feed.Seconds()
	}
	for i := range s.holds {
		took := s.holds[i].end - s.holds[i].start
		if took <= 0 {
			continue
		}
		share := anyway
		if i < len(a.holds) {
			share += a.holds[i] / perSecond / took.Seconds()
		}
		if l.HoldName == "" || share > l.Hold {
			l.Hold, l.HoldName = share, s.holds[i].name
		}
	}
	s.seconds(&l, a, perSecond, anyway)
	return l
}

// seconds goes through the seconds, with what is left over of each going into the next.
func (s *schedule) seconds(l *Load, a *asked, perSecond, anyway float64) {
	left, over := 0.0, 0.0 // what is left, in seconds of the part's work, and the end of the last second with too much
	for i, amount := range a.seconds {
		share := amount/perSecond + anyway
		if share > l.Peak {
			l.Peak, l.PeakAt = share, time.Duration(i)*time.Second
		}
		switch after := left + share - 1; {
		case share > 1/result.FullUse:
			l.Over++
			left, over = after, float64(i+1)
		case left > 0 && after <= 0:
			l.drained(float64(i) + left/(1-share) - over)
			left = 0
		case left > 0:
			left = after
		}
	}
	if left > 0 && anyway < 1 {
		l.drained(float64(len(a.seconds)) + left/(1-anyway) - over)
	}
}

func (l *Load) drained(seconds float64) {
	l.Drained = max(l.Drained, time.Duration(seconds*float64(time.Second)).Round(time.Millisecond))
}

// over are the shares of what comes evenly from one time to another that fall into the holds.
func (s *schedule) over(from, to time.Duration) (list []spread) {
	for i, h := range s.holds {
		if part := min(to, h.end) - max(from, h.start); part > 0 {
			list = append(list, spread{i, part.Seconds() / (to - from).Seconds()})
		}
	}
	return list
}
