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
		for _, sh := range st.lineage.Load().all {
			s.release(sh.delete())
		}
	}
	return &empty{}, nil
}
