package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"weir/record"
)

// Resolve finds out what became of sends without an answer, and sets each one's outcome: Found, with its sequence number, if a reading has read it, and
// otherwise Absent. It waits until all were read, or until one reading has read the shard to its tip by a request that left [Config.Visibility] after
// Resolve was called, and so after the call that had no answer; of a shard that was resharded, that reading has so read all that came of it. The shard
// must have no other send in flight. If ctx ends first, the outcomes stay as they are.
//
// A consumer that has lost its place since a send left may have passed over its record. Where no other has read to the tip, the outcome of a send that was not
// found stays as it is: nobody knows.
func (l *Ledger) Resolve(ctx context.Context, shardID string, sends []record.Send) error {
	s := l.shard(shardID)
	since := l.config.Clock.Now() + l.config.Visibility
	for {
		joined := s.joined.Next()
		if s.resolve(l, sends, since) {
			return nil
		}
		select {
		case <-joined:
		case <-ctx.Done():
			return fmt.Errorf("shard %s: %d records without an answer were not resolved: %w", shardID, len(sends), ctx.Err())
		}
	}
}

// resolve sets the outcomes if the time has come.
func (s *shard) resolve(l *Ledger, sends []record.Send, since time.Duration) bool {
	l.enter(s)
	defer l.leave(s)
	tip, sure := s.readSince(since, sends)
	if !tip && !s.allRead(l, sends) {
		return false
	}
	cursor := 0
	for i := range sends {
		send := &sends[i]
		in, p := s.search(l.hash(send.PartitionKey, send.Data))
		if p == nil && !sure {
			continue
		}
		var hash uint64
		hash, cursor = s.land(l, send, cursor)
		if p == nil {
			send.Outcome = record.Absent
			continue
		}
		send.Outcome, send.Sequence, send.Shard = record.Found, p.sequence, in.id
		in.find(send, hash, p.sequence, p.at, nil)
	}
	s.tellFound(l)
	s.sweep()
	return true
}

// readSince reports whether one reading has read the shard, and all that came of it, to the tip by requests that left after a time, and whether one of these cannot
// have passed over the sends.
func (s *shard) readSince(since time.Duration, sends []record.Send) (tip, sure bool) {
	left := sends[0].SentAt
	for i := range sends {
		left = min(left, sends[i].SentAt)
	}
	for _, v := range s.views {
		if slices.ContainsFunc(s.line, func(d *shard) bool { return v.of(d).tip <= since }) {
			continue
		}
		tip = true
		sure = sure || !slices.ContainsFunc(s.line, func(d *shard) bool { return v.of(d).mayPass(left) })
	}
	return tip, sure
}

// mayPass reports whether the consumer may have passed over a record that was stored after a time: it had no place then, and has none or another one now.
func (v *view) mayPass(left time.Duration) bool {
	return v.taken != nil && v.taken.lost || v.placed != record.NoDue && v.placed > left
}

// search looks for a parked read that fits an unknown send: of the records that it may be, the first, as it was read first.
func (s *shard) search(hash uint64) (in *shard, first *parkedRead) {
	for _, d := range s.line {
		for _, v := range d.views {
			if p := v.parkedLike(hash); p != nil && (first == nil || p.before(first)) {
				in, first = d, p
			}
		}
		if first != nil {
			return in, new(*first)
		}
	}
	return nil, nil
}

// before says that a read is of an earlier record of the same shard, or an earlier one of the same.
func (p *parkedRead) before(o *parkedRead) bool {
	if order := record.CompareSequence(p.sequence, o.sequence); order != 0 {
		return order < 0
	}
	return p.at < o.at
}

// parkedLike is the first parked read of a hash, nil where there is none.
func (v *view) parkedLike(hash uint64) *parkedRead {
	for _, p := range v.parked.All() {
		if p.hash == hash {
			return p
		}
	}
	return nil
}

// find books an unknown send that is stored in this shard, since the time at or before. Where a reading has found it just now, by is its view.
func (s *shard) find(send *record.Send, hash uint64, sequence string, at time.Duration, by *view) {
	found := *send
	found.Outcome, found.Sequence, found.Shard = record.Found, sequence, s.id
	s.counts.Found++
	s.stored(&found, hash, at, by)
	s.held = append(s.held, found)
}

// allRead says whether each send fits a parked read of its own, of any reading.
func (s *shard) allRead(l *Ledger, sends []record.Send) bool {
	reads := make(map[uint64]int)
	seen := make(map[record.ID]bool)
	for _, d := range s.line {
		for _, v := range d.views {
			for _, p := range v.parked.All() {
				if id := (record.ID{Shard: d.id, Sequence: p.sequence}); !seen[id] {
					seen[id] = true
					reads[p.hash]++
				}
			}
		}
	}
	for i := range sends {
		hash := l.hash(sends[i].PartitionKey, sends[i].Data)
		if reads[hash]--; reads[hash] < 0 {
			return false
		}
	}
	return true
}
