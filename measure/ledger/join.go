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
	lost := v.taken != nil && v.taken.lost
	fresh, kinds, oldest := v.readAgain(page, kinds)
	for i := 0; i < len(fresh); {
		n, age := v.takeAll(fresh[i:], kindsFrom(kinds, i), page.At)
		if n == 0 {
			n, age = 1, v.joinOne(fresh[i:i+1], kindsFrom(kinds, i), page.At)
		}
		if broken.Load() {
			return
		}
		i += n
		oldest = max(oldest, age)
	}
	if v.taken != nil {
		v.taken.give(fresh)
	}
	v.reading.stream.Aged(oldest)
	if v.noteTip(page); lost && !v.taken.lost {
		v.placed = page.Asked
	}
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

// kindsFrom are the kinds from a record on, where they are asked for.
func kindsFrom(kinds []string, i int) []string {
	if kinds == nil {
		return nil
	}
	return kinds[i:]
}

// joinOne books one record that is not the one that was to be read next, sets its due time, and says how old it is.
func (v *view) joinOne(one []record.Stored, kinds []string, at time.Duration) (age time.Duration) {
	r := &one[0]
	r.Due = record.NoDue
	if v.isRead(r.Sequence) {
		return 0
	}
	if v.highest == "" {
		v.goOn()
	}
	v.highest = r.Sequence
	if v.passOver(r.Sequence); v.reading.ledger.store.broken.Load() || record.IsFlush(r.PartitionKey) {
		return 0
	}
	if n, age := v.takeAll(one, kinds, at); n > 0 { // it stood behind those that are lost
		return age
	}
	v.read++
	r.Due = v.find(r, kinds, at)
	return ageAt(at, r.Due)
}

// takeAll books the first of some records as read as far as they are those that wait, one behind the other, as nearly all are. It sets their due times, and
// their kinds if these are asked for. It says how many they are, and their greatest age. None of them can have been read before.
func (v *view) takeAll(records []record.Stored, kinds []string, at time.Duration) (n int, age time.Duration) {
	if v.highest == "" {
		return 0, 0
	}
	for n < len(records) {
		b := v.waiting.loaded()
		if b == nil {
			break
		}
		p, most := popped{offset: b.start}, v.waiting.alike()
		for n < len(records) && p.records < most && p.offset < b.end {
			e := entry(b.data[p.offset:])
			r := &records[n]
			if string(e.sequence()) != r.Sequence {
				break
			}
			r.Due = e.due()
			age = max(age, at-r.Due)
			if kinds != nil {
				kinds[n] = string(e.kind())
			}
			if !v.book(e.position(), e.hash()) {
				event := e.event()
				v.offend(&Offence{Kind: Reordered, ID: record.ID{Sequence: r.Sequence}, Event: &event})
			}
			p.add(e)
			n++
		}
		if p.records == 0 {
			break
		}
		v.waiting.popAll(p)
	}
	if n > 0 {
		v.highest = records[n-1].Sequence
		v.read += int64(n)
	}
	return n, age
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

// find books one record that was read at a time and is none of those that wait, and returns its due time. It sets its kind if that is asked for.
func (v *view) find(r *record.Stored, kinds []string, at time.Duration) time.Duration {
	l := v.reading.ledger
	hash := l.hash(r.PartitionKey, r.Data)
	sentTo := v.shard.ancestry
	for _, a := range sentTo {
		if f := v.of(a).claim(hash); f != nil {
			v.parked.Push(parkedRead{sequence: r.Sequence, partitionKey: r.PartitionKey, hash: hash, at: at})
			if kinds != nil {
				kinds[0] = strings.Clone(a.kinds[f.position])
			}
			return f.due
		}
	}
	for _, a := range sentTo {
		if o, ok := a.adopt(hash); ok {
			v.shard.find(&o.send, hash, r.Sequence, at, v)
			v.shard.tellFound(l)
			if kinds != nil {
				kinds[0] = strings.Clone(o.send.Event.Kind)
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
