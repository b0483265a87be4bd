package ledger

import (
	"slices"

	"weir/record"
)

// A stream that is resharded has records on their way to a shard land in those that came of it, so that one call, or one read, may concern several
// shards' books. From the first reshard on, the books of all shards are therefore kept under one lock, the gate, and until then each has its own: a
// stream that is never resharded pays nothing.

// Resharded is told of the stream's shards with their parents, as soon as somebody knows of a new one; of those that it was told of before, again is
// fine.
func (l *Ledger) Resharded(shards []record.Shard) {
	l.gate.Lock()
	defer l.gate.Unlock()
	l.resharded = true
	for i := range shards {
		l.link(&shards[i])
	}
	// An answer may have named a shard before it was known what that came of: what it holds had to wait.
	for i := range shards {
		l.shard(shards[i].ID).settle(l)
	}
}

// link notes what a shard came of.
func (l *Ledger) link(s *record.Shard) {
	child, known := l.shard(s.ID), true
	for _, id := range s.Parents {
		if parent := l.shard(id); !slices.Contains(child.parents, parent) {
			child.parents = append(child.parents, parent)
			parent.children = append(parent.children, child)
			known = false
		}
	}
	if known {
		return
	}
	ancestry, line := related(child, above), related(child, below)
	for _, a := range ancestry {
		a.line = related(a, below)
	}
	for _, d := range line {
		d.ancestry = related(d, above)
	}
	for _, s := range slices.Concat(ancestry, line) {
		s.kin = slices.Concat(s.ancestry, s.line[:len(s.line)-1])
	}
}

func above(s *shard) []*shard { return s.parents }

func below(s *shard) []*shard { return s.children }

// strayed says that a record was stored in another shard than the one that it was sent to.
func strayed(to string, sends []record.Send) bool {
	for i := range sends {
		if sends[i].Landed(to) != to {
			return true
		}
	}
	return false
}

// enter takes the lock that guards a shard's books.
func (l *Ledger) enter(s *shard) {
	l.gate.RLock()
	if !l.resharded {
		s.mu.Lock()
		return
	}
	l.gate.RUnlock()
	l.gate.Lock()
}

// leave gives it back. Who holds either lock sees resharded as it was when it entered.
func (l *Ledger) leave(s *shard) {
	if l.resharded {
		l.gate.Unlock()
		return
	}
	s.mu.Unlock()
	l.gate.RUnlock()
}

// related is the shard and all that lies in one direction of its lineage: each behind all those that lie further, and so the shard last.
func related(s *shard, next func(*shard) []*shard) (all []*shard) {
	seen := make(map[*shard]bool)
	var visit func(*shard)
	visit = func(s *shard) {
		if seen[s] {
			return
		}
		seen[s] = true
		for _, further := range next(s) {
			visit(further)
		}
		all = append(all, s)
	}
	visit(s)
	return all
}

// quiet says that nothing is in flight that may land in the shard.
func (s *shard) quiet() bool {
	return !slices.ContainsFunc(s.ancestry, func(a *shard) bool { return a.inFlight.Len() > 0 })
}

// settle tells what is held, and books the reads that nothing fits, of the shard and of all that came of it, as far as nothing is in flight any more
// that may land there.
func (s *shard) settle(l *Ledger) {
	for _, d := range s.line {
		if d.quiet() {
			d.release(l)
			d.sweep()
		}
	}
}

// release tells the records that are held of the shard, and those of the shards that it came of before.
func (s *shard) release(l *Ledger) {
	for _, a := range s.ancestry {
		if len(a.held) == 0 {
			continue
		}
		if l.config.Stored != nil {
			slices.SortStableFunc(a.held, func(a, b record.Send) int { return record.CompareSequence(a.Sequence, b.Sequence) })
			l.config.Stored(a.id, a.held)
		}
		clear(a.held)
		a.held = a.held[:0]
	}
}
