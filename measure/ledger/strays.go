package ledger

import "weir/internal/deque"

// strays are reads that fit nothing that is known, and may still turn out to be copies: of a record that was stored though its answer said that it was not, and
// that is sent again, be it after a long time. The last so many are kept; one that is older is a phantom.
type strays struct {
	list deque.Deque[parkedRead]
	like map[uint64]int // how many have that hash
}

// add adds a stray. What had to go for it is a phantom.
func (s *strays) add(p parkedRead) (gone parkedRead, full bool) {
	if full = s.list.Len() == remembered; full {
		gone = s.remove(0)
	}
	if s.like == nil {
		s.like = make(map[uint64]int)
	}
	s.like[p.hash]++
	s.list.Push(p)
	return gone, full
}

// take takes out the first that is like a record.
func (s *strays) take(hash uint64) (parkedRead, bool) {
	if s.like[hash] == 0 {
		return parkedRead{}, false
	}
	for i, stray := range s.list.All() {
		if stray.hash == hash {
			return s.remove(i), true
		}
	}
	return parkedRead{}, false
}

// takeRead takes out the stray of a sequence number, and says whether there is one.
func (s *strays) takeRead(sequence string, hash uint64) bool {
	if s.like[hash] == 0 {
		return false
	}
	for i, stray := range s.list.All() {
		if stray.sequence == sequence {
			s.remove(i)
			return true
		}
	}
	return false
}

func (s *strays) remove(i int) parkedRead {
	stray := *s.list.At(i)
	s.list.Remove(i)
	if s.like[stray.hash]--; s.like[stray.hash] == 0 {
		delete(s.like, stray.hash)
	}
	return stray
}
