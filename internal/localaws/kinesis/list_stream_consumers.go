package kinesis

import (
	"context"
	"strconv"
	"time"

	"weir/internal/localaws/wire"
)

// ListStreamConsumers lists the consumers of a stream by the page, in the order of their registration.
//
// Deviations: StreamCreationTimestamp is not looked at. A token does not expire. There is no quota of calls.

type listStreamConsumersInput struct {
	StreamARN  *string
	NextToken  *string
	MaxResults *int
}

func (in listStreamConsumersInput) Resource() string {
	return streamRef{StreamARN: in.StreamARN}.Resource()
}

type listStreamConsumersOutput struct {
	Consumers []describedConsumer
	NextToken *string `json:",omitempty"`
}

const listedConsumers = 100 // a page (API reference, ListStreamConsumers)

func (s *Service) listStreamConsumers(_ context.Context, in *listStreamConsumersInput) (*listStreamConsumersOutput, error) {
	if in.StreamARN == nil {
		return nil, missing("streamARN")
	}
	limit, err := bounded("maxResults", in.MaxResults, listedConsumers, maxPage)
	if err != nil {
		return nil, err
	}
	begin := 0
	if in.NextToken != nil {
		if begin, err = strconv.Atoi(*in.NextToken); err != nil || begin < 0 {
			return nil, wire.NewError("InvalidArgumentException", "Invalid NextToken.")
		}
	}
	st, err := s.find(streamRef{StreamARN: in.StreamARN})
	if err != nil {
		return nil, err
	}
	now := time.Now()
	all := st.consumers.list()
	out := &listStreamConsumersOutput{Consumers: []describedConsumer{}}
	end := min(len(all), begin+limit)
	for _, c := range all[min(begin, len(all)):end] {
		out.Consumers = append(out.Consumers, c.describe(now))
	}
	if end < len(all) {
		token := strconv.Itoa(end)
		out.NextToken = &token
	}
	return out, nil
}
