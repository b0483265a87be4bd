package ledger

import (
	"math"
	"strings"
	"time"

	"weir/record"
)

// join books a page's records as read and sets their due times, and their kinds where there are any to be set.
func (s *shard) join(l *Ledger, page *record.Page, kinds []string) {
	oldest := time.Duration(0)
	for i := range page.Records {
		if l.store.broken.Load() {
			return
		}
		r := &page.Records[i]
		var kind *string
		if kinds != nil {
			kind = &kinds[i]
		}
		if s.expected(l, r, kind) {
			oldest = max(oldest, page.At-r.Due)
			continue
		}
		r.Due = record.NoDue
		if s.highest != "" && record.CompareSequence(r.Sequence, s.highest) <= 0 {
			continue // read before
		}
		if s.highest == "" && len(s.parents) == 1 {
			s.maxPosition = max(s.maxPosition, s.parents[0].maxPosition) // of which all was read before
		}
		s.highest = r.Sequence
		if s.passOver(l, r.Sequence); l.store.broken.Load() {
			return
		}
		if record.IsFlush(r.PartitionKey) {
			continue
		}
		s.counts.Read++
		r.Due = s.read(l, r, kind)
		if r.Due != record.NoDue {
			oldest = max(oldest, page.At-r.Due)
		}
	}
	raise(&l.maxAge, int64(oldest))
	if page.Behind == 0 || page.End {
		s.reachTip(page.Asked, l.config.Visibility)
	}
	if page.End {
		s.reachTip(math.MaxInt64, 0) // and stays there: nothing more comes
	}
	for _, a := range s.ancestry {
		a.joined.Broadcast()
	}
}

// expected books a record if it is the one to be read next, as nearly all are, and sets its due time. It cannot have been read before.
func (s *shard) expected(l *Ledger, r *record.Stored, kind *string) bool {
	if s.highest == "" || !s.take(l, r, kind) {
		return false
	}
	s.highest = r.Sequence
	s.counts.Read++
	return true
}

// take books a record as read if it is at the front of the backlog, and sets its due time, and its kind if that is asked for.
func (s *shard) take(l *Ledger, r *record.Stored, kind *string) bool {
	e := s.backlog.front()
	if e == nil || string(e.sequence()) != r.Sequence {
		return false
	}
	r.Due = e.due()
	if kind != nil {
		*kind = string(e.kind())
	}
	if !s.book(l, e.position(), e.hash()) {
		event := e.event()
		s.offend(l, &Offence{Kind: Reordered, ID: record.ID{Sequence: r.Sequence}, Event: &event})
	}
	s.backlog.pop()
	return true
}

// passOver drops the records of the backlog that come before a record just read: they are lost.
func (s *shard) passOver(l *Ledger, sequence string) {
	for e := s.backlog.front(); e != nil; e = s.backlog.front() {
		missed := string(e.sequence())
		if record.CompareSequence(missed, sequence) >= 0 {
			return
		}
		event := e.event()
		s.lose(l, missed, e.hash(), &event)
		s.backlog.pop()
	}
}

// read books one record and returns its due time. It sets its kind if that is asked for.
func (s *shard) read(l *Ledger, r *record.Stored, kind *string) time.Duration {
	if s.take(l, r, kind) {
		return r.Due
	}
	hash := l.hash(r.PartitionKey, r.Data)
	sentTo := s.ancestry
	for _, a := range sentTo {
		if f := a.claim(hash); f != nil {
			s.parked.Push(parkedRead{sequence: r.Sequence, partitionKey: r.PartitionKey, hash: hash})
			if kind != nil {
				*kind = strings.Clone(a.kinds[f.position])
			}
			return f.due
		}
	}
	for _, a := range sentTo {
		if o, ok := a.adopt(hash); ok {
			s.find(l, &o.send, hash, r.Sequence)
			s.tellFound(l)
			if kind != nil {
				*kind = strings.Clone(o.send.Event.Kind)
			}
			return o.send.Due
		}
	}
	s.stray(l, &parkedRead{sequence: r.Sequence, partitionKey: r.PartitionKey, hash: hash})
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

// claim finds the send in flight that a read overtook, nil where there is none. Of several alike, each read takes another one; a read
// more than there are sends takes the first, and is told apart when the answer is there.
func (s *shard) claim(hash uint64) *flying {
	n := s.inFlight.Len()
	first := -1
	for k := range n {
		i := (s.hint + k) % n
		f := s.inFlight.At(i)
		if f.hash != hash {
			continue
		}
		if !f.claimed {
			f.claimed = true
			s.hint = (i + 1) % n
			return f
		}
		if first < 0 {
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	return s.inFlight.At(first)
}

// reachTip notes that a request which left at the time asked read everything that the shard then held.
func (s *shard) reachTip(asked, visibility time.Duration) {
	s.tip = max(s.tip, asked)
	s.backlog.pass(s.tip - visibility)
}
