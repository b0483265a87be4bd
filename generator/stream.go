package generator

import (
	"fmt"
	"io"
	"slices"
	"sort"
	"sync"
	"time"

	"weir/record"
)

// fillRecords bounds one call of Fill, so that it stays short whatever is due.
const fillRecords = 8192

// Stream is a load from its first record to its last. It is one goroutine's, but for Extend; streams of one generator are independent.
type Stream struct {
	generator *Generator
	mu        sync.Mutex // guards all of it, for Extend
	phases    []Phase    // with the lengths that they have by now
	random    *random
	cursor    *cursor
	writer    writer
	templater *templater
	// epochSeconds and epochNanos are the wall clock's time at due 0, since the Unix epoch.
	epochSeconds, epochNanos int64

	next int64         // the record that Fill is at
	due  time.Duration // its due time
	err  error         // why Fill cannot go on

	// written is the record that was written last, and last its number: duplicates repeat it.
	written record.Record
	last    int64
}

// Stream begins the load anew. The epoch is the wall clock's time of due 0: a record's event time is the epoch + its due time − its
// delay, cut to the millisecond.
func (g *Generator) Stream(epoch time.Time) *Stream {
	s := &Stream{
		generator: g, random: newRandom(g.seed), phases: slices.Clone(g.phases), cursor: newCursor(g.schedule, g.seed), writer: newWriter(g),
		epochSeconds: epoch.Unix(), epochNanos: int64(epoch.Nanosecond()), last: -1,
	}
	if year := epoch.UTC().Year(); year < minEpochYear || year > maxEpochYear {
		s.err = fmt.Errorf("epoch %v: the year is not between %d and %d", epoch, minEpochYear, maxEpochYear)
		return s
	}
	if s.templater, s.err = newTemplater(g); s.err == nil {
		s.due = s.cursor.due(0)
	}
	return s
}

// Fill appends the records that are due before until, at most 8,192 a call, so that a full one may have to be followed by another
// for the same instant. Nothing is appended where there is an error: io.EOF when all records were handed out, or why a
// template has no payload for the next one.
func (s *Stream) Fill(batch *record.Batch, until time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	n := 0
	for ; n < fillRecords && s.due < until; n++ {
		if s.next == s.cursor.schedule.records { // the end of a last phase that was not extended
			s.err = io.EOF
			break
		}
		batch.Records = slices.Grow(batch.Records, 1)
		at := len(batch.Records)
		if err := s.write(s.next, s.due, &batch.Records[:at+1][at]); err != nil {
			s.err = err
			break
		}
		batch.Records = batch.Records[:at+1]
		s.next++
		if s.proceed(); s.err != nil {
			n++
			break
		}
	}
	if n == 0 {
		return s.err
	}
	return nil
}

// proceed goes to the next record. Where there is none, it is the end, or the end of a last phase that may yet be extended.
func (s *Stream) proceed() {
	switch schedule := s.cursor.schedule; {
	case s.next < schedule.records:
		s.due = s.cursor.due(s.next)
	case s.phases[len(s.phases)-1].Limit > 0:
		s.due = schedule.length
	default:
		s.err = io.EOF
	}
}

// Next is the due time of the next record; ok is false when there is none.
func (s *Stream) Next() (due time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.due, s.err == nil
}

// Waiting is how many records are due before until and were not handed out, and when the first of them is due, [record.NoDue] where there is none. It is safe to
// call beside the other methods.
func (s *Stream) Waiting(until time.Duration) (records int64, oldest time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.cursor.schedule.records
	if s.err != nil || s.next >= last || s.due >= until {
		return 0, record.NoDue
	}
	n := sort.Search(int(last-s.next), func(i int) bool { return s.cursor.due(s.next+int64(i)) >= until })
	return int64(n), s.due
}

// Extend makes a hold that long, up to its limit, and moves what follows: from then on the load is that of a configuration which says so, and up to the
// hold's end as it was, it is the same. It calls then before any record is handed out by the longer schedule. It is false, and nothing is changed, where a
// record from behind the hold has been handed out, or the load is over. It is safe to call beside the other methods.
func (s *Stream) Extend(phase int, to time.Duration, then func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.cursor.schedule.phases[phase]
	if s.err != nil || s.next > p.first+p.count || to <= p.length || to > s.phases[phase].Limit {
		return false
	}
	s.phases[phase].For = to
	s.cursor = newCursor(newSchedule(s.generator.seed, s.phases, &problems{}), s.generator.seed)
	s.proceed()
	then()
	return true
}

// write is record i, which is due then.
func (s *Stream) write(i int64, due time.Duration, r *record.Record) error {
	if s.generator.duplicates == 0 {
		return s.original(i, due, r)
	}
	// A duplicate of a duplicate repeats what that one repeats.
	from := i
	for from > 0 && s.repeats(from) {
		from--
	}
	if from != s.last {
		first := due
		if from != i {
			first = s.cursor.due(from)
		}
		s.written = record.Record{}
		if err := s.original(from, first, &s.written); err != nil {
			return err
		}
		s.last = from
	}
	*r = s.written
	r.Due = due
	return nil
}

// repeats says that record i repeats the one before it.
func (s *Stream) repeats(i int64) bool {
	s.random.record(i)
	s.random.lane(duplicateLane)
	return s.random.chance(s.generator.duplicates)
}

// original is record i if it repeats none.
func (s *Stream) original(i int64, due time.Duration, r *record.Record) error {
	var d draft
	s.draw(i, due, &d)
	if s.generator.unreadable > 0 {
		s.drawBroken(&d)
	}
	r.Due = due
	if err := s.render(&d, r); err != nil {
		return fmt.Errorf("kinds.%s.template: record %d: %w", d.kind.name, i, err)
	}
	s.spoil(&d, r)
	return nil
}

// draw draws all there is to a record.
func (s *Stream) draw(i int64, due time.Duration, d *draft) {
	g, r := s.generator, s.random
	d.i = i
	r.record(i)
	if d.kind = g.kinds[0]; len(g.kinds) > 1 {
		r.lane(kindLane)
		d.kind = g.kinds[g.weights.draw(r)]
	}
	k := d.kind
	r.lane(keyLane)
	if d.key = k.keys.draw.draw(r, i); k.keys.share > 0 && r.chance(k.keys.share) {
		d.hash = k.keys.hash
	}
	if k.size != nil {
		r.lane(sizeLane)
		d.size = k.drawSize(r)
	}
	if k.value != nil {
		r.lane(valueLane)
		d.value = k.drawValue(r)
	}
	delay := int64(0)
	if k.delay != nil {
		r.lane(delayLane)
		delay = k.drawDelay(r)
	}
	d.ms = s.eventTime(due, delay)
	if len(k.layouts) == 1 {
		d.layout = k.layouts[0]
	} else if k.template == nil {
		r.lane(sampleLane)
		d.layout = k.layouts[r.below(int64(len(k.layouts)))]
	}
}

// eventTime is the epoch + due − delay in milliseconds, rounded down.
func (s *Stream) eventTime(due time.Duration, delay int64) int64 {
	ms, _ := floorDiv(s.epochNanos+int64(due)-delay, int64(time.Millisecond))
	return s.epochSeconds*1000 + ms
}

// render writes what was drawn.
func (s *Stream) render(d *draft, r *record.Record) error {
	if d.kind.template != nil {
		return s.templater.write(&s.writer, d, r)
	}
	s.writer.write(d, r)
	return nil
}

// drawBroken draws whether the record is to be unreadable, and how.
func (s *Stream) drawBroken(d *draft) {
	s.random.lane(unreadableLane)
	if s.random.chance(s.generator.unreadable) {
		d.broken = s.generator.drawBreakage(d.kind, s.random)
	}
}

// spoil finishes a record that is to be unreadable.
func (s *Stream) spoil(d *draft, r *record.Record) {
	if d.broken == unbroken || r.Event.Unreadable {
		return // whole, or a template's that could not be read anyway
	}
	s.random.lane(spoilLane)
	r.Data = d.broken.spoil(r.Data, s.random)
	r.Event = record.Event{Time: d.ms, Unreadable: true}
}
