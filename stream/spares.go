package stream

import "weir/record"

// sparesKept bounds the slices that a writer keeps for later calls: more than its calls have parts, most of the time.
const sparesKept = 64

// spares are the slices of calls that are over, for those to come. At full speed they would be a good part of what the collector has to do.
type spares struct{ free [][]record.Send }

// take gives a slice of n sends, whose contents mean nothing. Of a nil spares it is a new one.
func (s *spares) take(n int) []record.Send {
	if s == nil || len(s.free) == 0 {
		return make([]record.Send, n)
	}
	last := len(s.free) - 1
	sends := s.free[last]
	s.free = s.free[:last]
	if cap(sends) < n {
		return make([]record.Send, n)
	}
	return sends[:n]
}

// put takes a slice back that nobody looks at any more.
func (s *spares) put(sends []record.Send) {
	if len(s.free) < sparesKept && cap(sends) > 0 {
		clear(sends) // or it would keep the records' data
		s.free = append(s.free, sends)
	}
}
