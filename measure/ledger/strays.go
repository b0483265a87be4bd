package ledger

import "weir/internal/deque"

// strays are reads that fit nothing that is known, and may still turn out to be copies: of a record that was stored though its answer said that it was not, and
// that is sent again. Each is a phantom when no record like it was read by so many reads behind all that waited when it came.
type strays struct {
	list deque.Deque[strayRead]
	like map[uint64]int // how many have that hash
}

type strayRead struct {
	parkedRead
	number int64 // of the last read of its shard that waited when it came
}

func (s *strays) add(p *parkedRead, number int64) {
	if s.like == nil {
		s.like = make(map[uint64]int)
	}
	s.like[p.hash]++
	s.list.Push(strayRead{parkedRead: *p, number: number})
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

// old takes out the first behind whose number so many reads came.
func (s *strays) old(number int64) (parkedRead, bool) {
	if s.list.Len() == 0 || s.list.At(0).number > number-remembered {
		return parkedRead{}, false
	}
	return s.remove(0), true
}

func (s *strays) remove(i int) parkedRead {
	stray := s.list.At(i).parkedRead
	s.list.Remove(i)
	if s.like[stray.hash]--; s.like[stray.hash] == 0 {
		delete(s.like, stray.hash)
	}
	return stray
}
