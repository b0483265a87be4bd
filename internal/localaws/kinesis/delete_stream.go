package kinesis

import (
	"context"

	"weir/internal/localaws/wire"
)

// DeleteStream removes a stream and its records.
//
// Deviations: the stream is gone at once, and never DELETING.

// K32: A stream with consumers is deleted only with EnforceConsumerDeletion (API reference, DeleteStream)
type deleteStreamInput struct {
	streamRef
	EnforceConsumerDeletion bool
}

func (s *Service) deleteStream(_ context.Context, in *deleteStreamInput) (*empty, error) {
	st, err := s.find(in.streamRef)
	if err != nil {
		return nil, err
	}
	if len(st.consumers.list()) > 0 && !in.EnforceConsumerDeletion {
		return nil, wire.NewError("ResourceInUseException", "Stream %s under account %s cannot be deleted because it has active consumers.", st.name, s.config.Account)
	}
	st.consumers.end()
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
