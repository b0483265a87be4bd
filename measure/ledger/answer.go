package ledger

import (
	"slices"
	"time"

	"weir/record"
)

// answered books what became of a call's sends.
func (s *shard) answered(l *Ledger, sends []record.Send, at time.Duration) {
	cursor := 0
	var hash uint64
	for i := range sends {
		send := &sends[i]
		switch send.Outcome {
		case record.Unknown: // stays in flight
			cursor++
			continue
		case record.Found, record.Absent: // booked by Resolve
			continue
		}
		hash, cursor = s.land(l, send, cursor)
		switch send.Outcome {
		case record.Acked:
			in := s
			if send.Landed(s.id) != s.id {
				in = l.shard(send.Shard)
			}
			in.counts.Acked++
			in.stored(send, hash, at, nil)
			if l.resharded {
				in.held = append(in.held, *send)
			}
		case record.Throttled:
			s.counts.Throttled++
		case record.Failed:
			s.counts.Failed++
		case record.Unsent:
			s.counts.Unsent++
		case record.Unresolved:
			s.giveUp(l, send, hash)
		}
	}
	if l.resharded {
		s.settle(l)
		return
	}
	s.tell(l, sends)
	s.sweep()
}

// plain says that a call went as nearly all do: it is what is in flight, every record of it is stored where it was sent to, in its order and behind all
// others, and no reading has come to it. It needs one look at each record, and books nothing.
func (s *shard) plain(l *Ledger, sends []record.Send) bool {
	if l.resharded || len(sends) == 0 || len(s.held) > 0 || s.inFlight.Len() != len(sends) {
		return false
	}
	before := &sends[0]
	for _, v := range s.views {
		if !v.isToCome(before.Sequence) || !v.waiting.follows(before.Sequence) {
			return false
		}
	}
	for i := range sends {
		send := &sends[i]
		if send.Outcome != record.Acked || s.inFlight.At(i).position != send.Position || send.Shard != "" && send.Shard != s.id {
			return false
		}
		if i > 0 && record.CompareSequence(before.Sequence, send.Sequence) >= 0 {
			return false
		}
		before = send
	}
	return true
}

// ackAll books a plain call: all of it waits to be read, by every reading.
func (s *shard) ackAll(l *Ledger, sends []record.Send, at time.Duration) {
	if len(s.views) > 0 {
		first, others := s.views[0], s.views[1:]
		for i := range sends {
			e := first.waiting.add(&sends[i], s.inFlight.At(i).hash, at)
			for _, v := range others {
				v.waiting.append(e)
			}
		}
	}
	for _, v := range s.views {
		v.waiting.endsWith(sends[len(sends)-1].Sequence)
		v.tally()
		for i := 0; i < len(sends) && v.reading.strays.Load() > 0; i++ {
			v.tellStrays(s.inFlight.At(i).hash)
		}
	}
	s.landed += int64(len(sends))
	s.inFlight.Drop(len(sends))
	clear(s.kinds)
	s.counts.Acked += int64(len(sends))
	if l.config.Stored != nil {
		l.config.Stored(s.id, sends)
	}
	s.sweep()
}

// land takes a send out of flight and returns its hash. It looks from the cursor on first, for a call's sends are in flight in
// their order; it returns the cursor for the next one. A send that ends without a call was never in flight.
func (s *shard) land(l *Ledger, send *record.Send, cursor int) (hash uint64, next int) {
	n := s.inFlight.Len()
	for k := range n {
		i := (cursor + k) % n
		if f := s.inFlight.At(i); f.position == send.Position {
			hash = f.hash
			s.inFlight.Remove(i)
			s.landed++
			delete(s.kinds, send.Position)
			return hash, i
		}
	}
	return l.hash(send.PartitionKey, send.Data), cursor
}

// giveUp books an unknown send that the writer resolves no more: found, if it was read, else open until a read finds it.
func (s *shard) giveUp(l *Ledger, send *record.Send, hash uint64) {
	if in, p := s.search(hash); p != nil {
		in.find(send, hash, p.sequence, p.at, nil)
		return
	}
	s.counts.Unresolved++
	s.unresolved = append(s.unresolved, orphan{hash: hash, send: *send})
}

// tell tells the records that are now known to be stored, in the order of their sequence numbers. While a send of their call is
// unknown they are held back, for it may turn out to be stored before them.
func (s *shard) tell(l *Ledger, sends []record.Send) {
	if l.config.Stored == nil {
		s.held = nil
		return
	}
	if len(s.held) == 0 && s.inFlight.Len() == 0 && inOrder(sends) {
		l.config.Stored(s.id, sends)
		return
	}
	for i := range sends {
		if sends[i].Outcome == record.Acked {
			s.held = append(s.held, sends[i])
		}
	}
	if s.inFlight.Len() > 0 || len(s.held) == 0 {
		return
	}
	slices.SortStableFunc(s.held, func(a, b record.Send) int { return record.CompareSequence(a.Sequence, b.Sequence) })
	l.config.Stored(s.id, s.held)
	clear(s.held)
	s.held = s.held[:0]
}

// tellFound tells of records that were found.
func (s *shard) tellFound(l *Ledger) {
	if l.resharded {
		s.settle(l)
		return
	}
	s.tell(l, nil)
}

// inOrder says that all sends are acked, in the order of their sequence numbers.
func inOrder(sends []record.Send) bool {
	for i := range sends {
		if sends[i].Outcome != record.Acked || i > 0 && record.CompareSequence(sends[i-1].Sequence, sends[i].Sequence) > 0 {
			return false
		}
	}
	return len(sends) > 0
}

// sweep books the parked reads that fit no send after all, once none is in flight that they could fit.
func (s *shard) sweep() {
	if !s.quiet() {
		return
	}
	for _, v := range s.views {
		v.sweep()
	}
}
