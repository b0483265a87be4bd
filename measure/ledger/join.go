package ledger

import (
	"math"
	"strings"
	"time"

	"weir/record"
)

// join books a page's records as read and sets their due times, and their kinds where there are any to be set.
func (v *view) join(page *record.Page, kinds []string) {
	broken := &v.reading.ledger.store.broken
	fresh, kinds, oldest := v.readAgain(page, kinds)
	for i := range fresh {
		if broken.Load() {
			return
		}
		r := &fresh[i]
		var kind *string
		if kinds != nil {
			kind = &kinds[i]
		}
		if v.expected(r, kind) {
			oldest = max(oldest, page.At-r.Due)
			continue
		}
		r.Due = record.NoDue
		if v.isRead(r.Sequence) {
			continue
		}
		if v.highest == "" {
			v.goOn()
		}
		v.highest = r.Sequence
		if v.passOver(r.Sequence); broken.Load() {
			return
		}
		if record.IsFlush(r.PartitionKey) {
			continue
		}
		v.read++
		r.Due = v.find(r, kind, page.At)
		oldest = max(oldest, ageAt(page.At, r.Due))
	}
	if v.taken != nil {
		v.taken.give(fresh)
	}
	v.reading.stream.Aged(oldest)
	v.noteTip(page)
	for _, a := range v.shard.ancestry {
		a.joined.Broadcast()
	}
}

// ageAt is how long before a time a record was due, zero where that is not known.
func ageAt(at, due time.Duration) time.Duration {
	if due == record.NoDue {
		return 0
	}
	return at - due
}

// expected books a record if it is the one to be read next, as nearly all are, and sets its due time. It cannot have been read before.
func (v *view) expected(r *record.Stored, kind *string) bool {
	if v.highest == "" || !v.take(r, kind) {
		return false
	}
	v.highest = r.Sequence
	v.read++
	return true
}

// take books a record as read if it is the first that waits, and sets its due time, and its kind if that is asked for.
func (v *view) take(r *record.Stored, kind *string) bool {
	e := v.waiting.front()
	if e == nil || string(e.sequence()) != r.Sequence {
		return false
	}
	r.Due = e.due()
	if kind != nil {
		*kind = string(e.kind())
	}
	if !v.book(e.position(), e.hash()) {
		event := e.event()
		v.offend(&Offence{Kind: Reordered, ID: record.ID{Sequence: r.Sequence}, Event: &event})
	}
	v.waiting.pop()
	return true
}

// passOver drops the records that wait and come before a record just read: they are lost.
func (v *view) passOver(sequence string) {
	for e := v.waiting.front(); e != nil; e = v.waiting.front() {
		missed := string(e.sequence())
		if record.CompareSequence(missed, sequence) >= 0 {
			return
		}
		event := e.event()
		v.lose(missed, e.hash(), &event)
		v.waiting.pop()
	}
}

// find books one record that was read at a time, and returns its due time. It sets its kind if that is asked for.
func (v *view) find(r *record.Stored, kind *string, at time.Duration) time.Duration {
	if v.take(r, kind) {
		return r.Due
	}
	l := v.reading.ledger
	hash := l.hash(r.PartitionKey, r.Data)
	sentTo := v.shard.ancestry
	for _, a := range sentTo {
		if f := v.of(a).claim(hash); f != nil {
			v.parked.Push(parkedRead{sequence: r.Sequence, partitionKey: r.PartitionKey, hash: hash, at: at})
			if kind != nil {
				*kind = strings.Clone(a.kinds[f.position])
			}
			return f.due
		}
	}
	for _, a := range sentTo {
		if o, ok := a.adopt(hash); ok {
			v.shard.find(&o.send, hash, r.Sequence, at, v)
			v.shard.tellFound(l)
			if kind != nil {
				*kind = strings.Clone(o.send.Event.Kind)
			}
			return o.send.Due
		}
	}
	v.stray(&parkedRead{sequence: r.Sequence, partitionKey: r.PartitionKey, hash: hash, at: at})
	return record.NoDue
}

// adopt takes out the first unknown send that nobody resolves any more and that a read fits.
func (s *shard) adopt(hash uint64) (orphan, bool) {
	for i, o := range s.unresolved {
		if o.hash == hash {
			s.unresolved = append(s.unresolved[:i], s.unresolved[i+1:]...)
			s.counts.Unresolved--
			return o, true
		}
	}
	return orphan{}, false
}

// claim finds the send in flight that a read overtook, nil where there is none. Of several alike, each read of a reading takes another one; a read
// more than there are sends takes the first, and is told apart when the answer is there.
func (v *view) claim(hash uint64) *flying {
	inFlight := &v.shard.inFlight
	n := inFlight.Len()
	if n == 0 {
		return nil
	}
	// The bit is zero from the 65th reading on: its reads of sends that are alike take the due times of these in turn.
	bit := uint64(1) << v.reading.index
	hint := int(max(0, v.hint-v.shard.landed)) % n
	first := -1
	for k := range n {
		i := (hint + k) % n
		f := inFlight.At(i)
		if f.hash != hash {
			continue
		}
		if f.claimed&bit == 0 {
			f.claimed |= bit
			v.hint = v.shard.landed + int64((i+1)%n)
			return f
		}
		if first < 0 {
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	return inFlight.At(first)
}

// noteTip notes how far a page was from the tip. What a request that left so long ago should have shown is passed.
func (v *view) noteTip(page *record.Page) {
	v.behind = page.Behind
	if page.End {
		v.behind = 0
	}
	v.reading.lagged(page.Behind)
	if page.Behind == 0 || page.End {
		v.reachTip(page.Asked, v.reading.ledger.config.Visibility)
		v.skipPast()
	}
	if page.End {
		v.reachTip(math.MaxInt64, 0) // and stays there: nothing more comes
	}
}

// reachTip notes that a request which left at the time asked read everything that the shard then held.
func (v *view) reachTip(asked, visibility time.Duration) {
	v.tip = max(v.tip, asked)
	v.waiting.pass(v.tip - visibility)
}
