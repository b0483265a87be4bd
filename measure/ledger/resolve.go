package ledger

import (
	"context"
	"fmt"
	"time"

	"weir/record"
)

// Resolve finds out what became of sends without an answer, and sets each one's outcome: Found, with its sequence number, if it
// was read, else Absent. It waits until all were read, or until the shard was read to its tip by a request that left after Resolve
// was called, and so after the call that had no answer. The shard must have no other send in flight. If ctx ends first, the
// outcomes stay as they are.
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
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tip <= since && !s.allRead(l, sends) {
		return false
	}
	cursor := 0
	for i := range sends {
		send := &sends[i]
		var hash uint64
		hash, cursor = s.land(l, send, cursor)
		send.Sequence = s.unpark(func(p parkedRead) bool { return p.hash == hash })
		send.Outcome = record.Absent
		if send.Sequence != "" {
			send.Outcome = record.Found
			s.find(send, hash, send.Sequence)
		}
	}
	s.tell(l, nil)
	s.sweep()
	return true
}

// allRead says whether each send fits a parked read of its own.
func (s *shard) allRead(l *Ledger, sends []record.Send) bool {
	if s.parked.Len() < len(sends) {
		return false
	}
	reads := make(map[uint64]int, s.parked.Len())
	for _, p := range s.parked.All() {
		reads[p.hash]++
	}
	for i := range sends {
		hash := l.hash(sends[i].PartitionKey, sends[i].Data)
		if reads[hash]--; reads[hash] < 0 {
			return false
		}
	}
	return true
}
