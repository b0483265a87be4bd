package stream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/record"
)

// ListClient lists shards.
type ListClient interface {
	ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error)
}

// ControlClient makes and removes streams.
type ControlClient interface {
	CreateStream(context.Context, *kinesis.CreateStreamInput, ...func(*kinesis.Options)) (*kinesis.CreateStreamOutput, error)
	DeleteStream(context.Context, *kinesis.DeleteStreamInput, ...func(*kinesis.Options)) (*kinesis.DeleteStreamOutput, error)
	DescribeStreamSummary(context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error)
}

// statusPoll is the time between two looks at a stream that is being made: AWS allows 20 a second and account.
const statusPoll = 100 * time.Millisecond

// Create makes a provisioned stream and waits until it is active.
func Create(ctx context.Context, client ControlClient, name string, shards int) error {
	_, err := client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(int32(shards))})
	if err != nil {
		return fmt.Errorf("create stream %s: %w", name, err)
	}
	for {
		output, err := client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &name})
		if err != nil && classify(err) != record.Throttled {
			return fmt.Errorf("describe stream %s: %w", name, err)
		}
		if err == nil && output.StreamDescriptionSummary.StreamStatus == types.StreamStatusActive {
			return nil
		}
		if err := sleep(ctx, statusPoll/2+rand.N(statusPoll)); err != nil {
			return fmt.Errorf("create stream %s: %w", name, err)
		}
	}
}

// Delete removes a stream. One that is not there is fine.
func Delete(ctx context.Context, client ControlClient, name string) error {
	_, err := client.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: &name})
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
		return nil
	}
	if err != nil {
		return fmt.Errorf("delete stream %s: %w", name, err)
	}
	return nil
}

// Shards lists the shards of a stream.
func Shards(ctx context.Context, client ListClient, name string) ([]record.Shard, error) {
	var shards []record.Shard
	input := &kinesis.ListShardsInput{StreamName: &name}
	for {
		output, err := client.ListShards(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("list the shards of stream %s: %w", name, err)
		}
		for i := range output.Shards {
			shard, err := newShard(&output.Shards[i])
			if err != nil {
				return nil, fmt.Errorf("stream %s: %w", name, err)
			}
			shards = append(shards, shard)
		}
		if output.NextToken == nil {
			return shards, nil
		}
		input = &kinesis.ListShardsInput{NextToken: output.NextToken}
	}
}

func newShard(s *types.Shard) (record.Shard, error) {
	start, err := record.ParseHashKey(aws.ToString(s.HashKeyRange.StartingHashKey))
	if err != nil {
		return record.Shard{}, fmt.Errorf("shard %s: %w", aws.ToString(s.ShardId), err)
	}
	end, err := record.ParseHashKey(aws.ToString(s.HashKeyRange.EndingHashKey))
	if err != nil {
		return record.Shard{}, fmt.Errorf("shard %s: %w", aws.ToString(s.ShardId), err)
	}
	shard := record.Shard{
		ID: aws.ToString(s.ShardId), Start: start, End: end,
		Closed: s.SequenceNumberRange != nil && s.SequenceNumberRange.EndingSequenceNumber != nil,
	}
	for _, parent := range []*string{s.ParentShardId, s.AdjacentParentShardId} {
		if parent != nil {
			shard.Parents = append(shard.Parents, *parent)
		}
	}
	return shard, nil
}
