package ledger

import (
	"errors"
	"slices"
	"time"

	"weir/record"
)

// Rewind notes that the consumer goes back: to behind these sequence numbers of their shards, and to the beginning of all others and of those whose
// number is empty; in the shards that are unknown, to where the next records will show, as [Reading.Lose] does. What it has still to read again waits in the
// stream, due as before. The consumer reads nothing meanwhile.
func (r *Reading) Rewind(to map[string]string, unknown []string) {
	r.goBack(func(v *view) {
		if slices.Contains(unknown, v.shard.id) {
			v.taken.lose()
			return
		}
		v.taken.rewind(to[v.shard.id])
	})
}

// Lose notes that the consumer goes back to where the records that come next will show: that of the first page of each shard that holds one, or that
// reaches the tip. Until then, what it had read and not processed waits in the stream, and the reading is not settled.
func (r *Reading) Lose() {
	r.goBack(func(v *view) { v.taken.lose() })
}

func (r *Reading) goBack(by func(*view)) {
	if !r.config.Rewinds {
		r.misused(errors.New("it goes back, and was made for a consumer that does not"))
		return
	}
	r.going.Lock()
	defer r.going.Unlock()
	now := r.ledger.config.Clock.Now()
	var c change
	for _, s := range r.ledger.all() {
		r.ledger.enter(s)
		v := s.views[r.index]
		if oldest := v.taken.earliestOpen(); oldest != record.NoDue {
			r.engine.Aged(now - oldest)
		}
		v.moved(func() {
			v.taken.given, v.taken.again = 0, 0
			by(v)
			v.placed = record.NoDue
		})
		c.take(v)
		r.ledger.leave(s)
	}
	c.book(r)
}

// readAgain takes the first records of a page while the consumer has not read all again that it had read before it went back. Among these may be some that
// it had passed over, and now reads. It returns the records that are left, with their kinds, and the greatest age of all others.
func (v *view) readAgain(page *record.Page, kinds []string) (records []record.Stored, _ []string, age time.Duration) {
	t := v.taken
	records = page.Records
	if t != nil && t.lost && len(records) > 0 {
		v.moved(func() {
			t.find(records[0].Sequence, v.isRead(records[0].Sequence))
			v.tally()
		})
	}
	for t != nil && t.behind() && len(records) > 0 {
		r := records[:1]
		switch {
		case t.giveAgain(&r[0]):
			age = max(age, ageAt(page.At, r[0].Due))
		case v.isRead(r[0].Sequence):
			r[0].Due = record.NoDue
			t.give(r)
		default: // it lies behind all that was read before
			t.skip(len(t.ahead))
			return records, kinds, age
		}
		records = records[1:]
		if kinds != nil {
			kinds = kinds[1:]
		}
	}
	return records, kinds, age
}

// skipPast notes that the tip was reached: of what was read before, nothing is read again any more.
func (v *view) skipPast() {
	switch t := v.taken; {
	case t == nil:
	case t.lost:
		v.moved(t.goToEnd)
	default:
		t.skip(len(t.ahead))
	}
}

// moved has the consumer move, and keeps count of the shards of which it is not known to where.
func (v *view) moved(move func()) {
	before := v.taken.lost
	move()
	switch after := v.taken.lost; {
	case after && !before:
		v.reading.unsure.Add(1)
	case before && !after && v.reading.unsure.Add(-1) == 0:
		v.reading.changed.Broadcast()
	}
}
