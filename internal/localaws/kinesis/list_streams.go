package kinesis

import (
	"context"
	"maps"
	"slices"
	"time"

	"weir/internal/localaws/wire"
)

// ListStreams lists the streams by name, by the page.
//
// Deviations: a page goes on by ExclusiveStartStreamName only; NextToken is the last name.

type listStreamsInput struct {
	ExclusiveStartStreamName *string
	NextToken                *string
	Limit                    *int
}

type listStreamsOutput struct {
	StreamNames     []string
	StreamSummaries []listedStream
	HasMoreStreams  bool
	NextToken       *string `json:",omitempty"`
}

type listedStream struct {
	StreamName, StreamARN, StreamStatus string
	StreamModeDetails                   streamMode
	StreamCreationTimestamp             wire.Time
}

const listedStreams = 100 // a page (API reference, ListStreams)

func (s *Service) listStreams(_ context.Context, in *listStreamsInput) (*listStreamsOutput, error) {
	limit, err := bounded("limit", in.Limit, listedStreams, maxPage)
	if err != nil {
		return nil, err
	}
	limit = min(limit, listedStreams)
	after := ""
	for _, start := range []*string{in.ExclusiveStartStreamName, in.NextToken} {
		if start != nil {
			after = *start
		}
	}
	now := time.Now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := &listStreamsOutput{StreamNames: []string{}, StreamSummaries: []listedStream{}}
	for _, name := range slices.Sorted(maps.Keys(s.streams)) {
		if name <= after {
			continue
		}
		if len(out.StreamNames) == limit {
			out.HasMoreStreams, out.NextToken = true, &out.StreamNames[limit-1]
			break
		}
		st := s.streams[name]
		out.StreamNames = append(out.StreamNames, name)
		out.StreamSummaries = append(out.StreamSummaries, st.summary(now))
	}
	return out, nil
}

func (st *stream) summary(now time.Time) listedStream {
	st.mu.Lock()
	defer st.mu.Unlock()
	return listedStream{
		StreamName: st.name, StreamARN: st.arn, StreamStatus: st.status(now), StreamModeDetails: streamMode{st.mode},
		StreamCreationTimestamp: wire.Time(st.created.UnixMilli()),
	}
}
