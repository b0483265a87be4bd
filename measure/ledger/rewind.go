package ledger

import (
	"errors"
	"time"

	"weir/record"
)

// Rewind notes that the consumer goes back: to behind these sequence numbers of their shards, and to the beginning of all others and of those whose
// number is empty. What it has still to read again waits in the stream, due as before. The consumer reads nothing meanwhile.
func (r *Reading) Rewind(to map[string]string) {
	r.goBack(func(v *view) { v.taken.rewind(to[v.shard.id]) })
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
	for _, s := range r.ledger.all() {
		r.ledger.enter(s)
		v := s.views[r.index]
		if oldest := v.taken.earliestOpen(); oldest != record.NoDue {
			r.engine.Aged(now - oldest)
		}
		v.moved(func() {
			v.taken.given, v.taken.again = 0, 0
			by(v)
		})
		v.tally()
		r.ledger.leave(s)
	}
}

// readAgain takes the records of a page that the consumer had read before it went back, and sets their due times. It says how many they are, which are
// the first ones, and the greatest age among them.
func (v *view) readAgain(page *record.Page) (n int, age time.Duration) {
	if t := v.taken; t == nil || !t.lost && t.at == t.end() {
		return 0, 0
	}
	if v.taken.lost && len(page.Records) > 0 {
		v.moved(func() { v.taken.find(page.Records[0].Sequence) })
	}
	n, oldest := v.taken.giveAgain(page.Records)
	if oldest == record.NoDue {
		return n, 0
	}
	return n, max(0, page.At-oldest)
}

// skipPast notes that the tip was reached: nothing that was read before is read again where no record has shown any.
func (v *view) skipPast() {
	if t := v.taken; t != nil && t.lost {
		v.moved(func() { t.goTo(t.end()) })
	}
}

// moved has the consumer move, and keeps count of the shards of which it is not known to where.
func (v *view) moved(move func()) {
	before := v.taken.lost
	move()
	switch after := v.taken.lost; {
	case after && !before:
		v.reading.unsure.Add(1)
	case before && !after:
		v.tally()
		if v.reading.unsure.Add(-1) == 0 {
			v.reading.changed.Broadcast()
		}
	}
}
