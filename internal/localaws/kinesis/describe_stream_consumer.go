package kinesis

import (
	"context"
	"time"
)

// DescribeStreamConsumer tells what a consumer is.

type describeStreamConsumerOutput struct{ ConsumerDescription describedConsumer }

func (s *Service) describeStreamConsumer(_ context.Context, in *consumerRef) (*describeStreamConsumerOutput, error) {
	c, err := s.findConsumer(*in)
	if err != nil {
		return nil, err
	}
	d := c.describe(time.Now())
	d.StreamARN = c.stream.arn
	return &describeStreamConsumerOutput{d}, nil
}
