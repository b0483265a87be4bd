package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// ConsumerClient registers consumers.
type ConsumerClient interface {
	ListClient
	DescribeStreamSummary(context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error)
	RegisterStreamConsumer(context.Context, *kinesis.RegisterStreamConsumerInput, ...func(*kinesis.Options)) (*kinesis.RegisterStreamConsumerOutput, error)
	DescribeStreamConsumer(context.Context, *kinesis.DescribeStreamConsumerInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamConsumerOutput, error)
	DeregisterStreamConsumer(context.Context, *kinesis.DeregisterStreamConsumerInput, ...func(*kinesis.Options)) (*kinesis.DeregisterStreamConsumerOutput, error)
}

// Register registers the consumer, and waits until it is active. One of that name that is there already is used: an earlier try made it.
func (f *FanOut) Register(ctx context.Context) error {
	var stream *kinesis.DescribeStreamSummaryOutput
	err := persist(ctx, func() (err error) {
		stream, err = f.config.Client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &f.config.Stream})
		return err
	})
	if err != nil {
		return fmt.Errorf("describe stream %s: %w", f.config.Stream, err)
	}
	arn := stream.StreamDescriptionSummary.StreamARN
	err = persist(ctx, func() error {
		_, err := f.config.Client.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{StreamARN: arn, ConsumerName: &f.config.Consumer})
		if _, exists := errors.AsType[*types.ResourceInUseException](err); exists {
			return nil
		}
		return err
	})
	for err == nil {
		var consumer *kinesis.DescribeStreamConsumerOutput
		err = persist(ctx, func() (err error) {
			consumer, err = f.config.Client.DescribeStreamConsumer(ctx, &kinesis.DescribeStreamConsumerInput{StreamARN: arn, ConsumerName: &f.config.Consumer})
			return err
		})
		if err != nil {
			break
		}
		f.arn = aws.ToString(consumer.ConsumerDescription.ConsumerARN)
		if consumer.ConsumerDescription.ConsumerStatus == types.ConsumerStatusActive {
			return nil
		}
		err = sleep(ctx, jitter(statusPoll))
	}
	return fmt.Errorf("register consumer %s of stream %s: %w", f.config.Consumer, f.config.Stream, err)
}

// Deregister removes the consumer. One that is not there is fine.
func (f *FanOut) Deregister(ctx context.Context) error {
	if f.arn == "" {
		return nil
	}
	err := persist(ctx, func() error {
		_, err := f.config.Client.DeregisterStreamConsumer(ctx, &kinesis.DeregisterStreamConsumerInput{ConsumerARN: &f.arn})
		return err
	})
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone || err == nil {
		return nil
	}
	return fmt.Errorf("deregister consumer %s of stream %s: %w", f.config.Consumer, f.config.Stream, err)
}
