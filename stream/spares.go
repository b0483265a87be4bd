package stream

import (
	"math/bits"

	"weir/record"
)

// sparesKept bounds the slices that a writer keeps for later calls: more than its calls have parts, most of the time.
const sparesKept = 64

// spares are the slices of calls that are over, for those to come. At full speed they would be a good part of what the collector has to do.
type spares struct{ free [][]record.Send }

// take gives a slice of n sends, which are empty. Of a nil spares it is a new one.
func (s *spares) take(n int) []record.Send {
	if n == 0 {
		return nil // as where a lane's first record does not fit into what is left of a call
	}
	if s == nil || len(s.free) == 0 {
		return fresh(n)
	}
	last := len(s.free) - 1
	sends := s.free[last]
	s.free = s.free[:last]
	if cap(sends) < n {
		return fresh(n)
	}
	return sends[:n]
}

// fresh is a new slice of n sends, with room for as many as make the next one likely to fit.
func fresh(n int) []record.Send { return make([]record.Send, n, 1<<bits.Len(uint(n))) }

// put takes a slice back that nobody looks at any more.
func (s *spares) put(sends []record.Send) {
	if len(s.free) < sparesKept && cap(sends) > 0 {
		clear(sends) // or it would keep the records' data
		s.free = append(s.free, sends)
	}
}
