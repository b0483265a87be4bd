package kinesis

import "context"

// DeleteStream removes a stream and its records.
//
// Deviations: the stream is gone at once, and never DELETING; consumers do not hold it.

func (s *Service) deleteStream(_ context.Context, in *streamRef) (*empty, error) {
	st, err := s.find(*in)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[st.name] == st {
		delete(s.streams, st.name)
		s.release(st.bytes())
	}
	return &empty{}, nil
}

// bytes is what the stream's records take of the memory.
func (st *stream) bytes() (sum int64) {
	for _, sh := range st.shards {
		sh.mu.Lock()
		for i := sh.log.first; i < sh.log.next; i++ {
			sum += sh.log.at(i).size() + recordOverhead
		}
		sh.mu.Unlock()
	}
	return sum
}
