package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"weir/record"
)

// Resolve finds out what became of sends without an answer, and sets each one's outcome: Found, with its sequence number, if it
// was read, else Absent. It waits until all were read, or until the shard was read to its tip by a request that left after Resolve
// was called, and so after the call that had no answer; of a shard that was resharded, so were all that came of it. The shard must have no other
// send in flight. If ctx ends first, the outcomes stay as they are.
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
	line := s.line
	behind := func(d *shard) bool { return d.tip <= since }
	if slices.ContainsFunc(line, behind) && !allRead(l, line, sends) {
		return false
	}
	cursor := 0
	for i := range sends {
		send := &sends[i]
		var hash uint64
		hash, cursor = s.land(l, send, cursor)
		send.Outcome = record.Absent
		for _, d := range line {
			if send.Sequence = d.unpark(func(p parkedRead) bool { return p.hash == hash }); send.Sequence != "" {
				send.Outcome, send.Shard = record.Found, d.id
				d.find(l, send, hash, send.Sequence)
				break
			}
		}
	}
	s.tellFound(l)
	s.sweep(l)
	return true
}

// allRead says whether each send fits a parked read of its own, of one of the shards.
func allRead(l *Ledger, line []*shard, sends []record.Send) bool {
	reads := make(map[uint64]int)
	for _, d := range line {
		for _, p := range d.parked.All() {
			reads[p.hash]++
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
