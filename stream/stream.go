// Package stream is both ends of a Kinesis stream: a [Writer] that knows what became of each record, and a [Reader] that passes
// over none. It expects clients whose own retries are off: weir makes its own, in order, and counts each.
package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/limits"
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

// Spec is a stream that is to be made.
type Spec struct {
	Name string
	// Shards is how many it has; an on-demand stream has as many as AWS gives it.
	Shards   int
	OnDemand bool
	// RecordBytes is the most that it takes of a record, in whole KiB; 0 stands for Kinesis's default, 1 MiB.
	RecordBytes int
	Tags        map[string]string
}

// Create makes a stream, and waits until it is active. One of that name that is there already is an error.
func Create(ctx context.Context, client ControlClient, spec Spec) error {
	name, input := spec.Name, spec.input()
	tries := 0
	err := persist(ctx, func() error {
		tries++
		_, err := client.CreateStream(ctx, input)
		if _, exists := errors.AsType[*types.ResourceInUseException](err); exists && tries > 1 {
			return nil // an earlier try made it, and its answer was lost
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("create stream %s: %w", name, err)
	}
	for {
		status, err := statusOf(ctx, client, name)
		if err != nil {
			return err
		}
		if status == types.StreamStatusActive {
			return nil
		}
		if err := sleep(ctx, jitter(statusPoll)); err != nil {
			return fmt.Errorf("create stream %s: %w", name, err)
		}
	}
}

func (s *Spec) input() *kinesis.CreateStreamInput {
	input := &kinesis.CreateStreamInput{StreamName: &s.Name, Tags: s.Tags}
	if s.OnDemand {
		input.StreamModeDetails = &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand}
	} else {
		input.ShardCount = aws.Int32(int32(s.Shards))
	}
	if s.RecordBytes > limits.RecordBytes {
		input.MaxRecordSizeInKiB = aws.Int32(int32(s.RecordBytes >> 10))
	}
	return input
}

// Exists says whether there is a stream of that name, whatever its status.
func Exists(ctx context.Context, client ControlClient, name string) (bool, error) {
	_, err := statusOf(ctx, client, name)
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
		return false, nil
	}
	return err == nil, err
}

func statusOf(ctx context.Context, client ControlClient, name string) (status types.StreamStatus, err error) {
	err = persist(ctx, func() error {
		output, err := client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &name})
		if err == nil {
			status = output.StreamDescriptionSummary.StreamStatus
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("describe stream %s: %w", name, err)
	}
	return status, nil
}

// Delete removes a stream. One that is not there is fine.
func Delete(ctx context.Context, client ControlClient, name string) error {
	err := persist(ctx, func() error {
		_, err := client.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: &name})
		return err
	})
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone || err == nil {
		return nil
	}
	return fmt.Errorf("delete stream %s: %w", name, err)
}

// Shards lists the shards of a stream, closed ones too.
func Shards(ctx context.Context, client ListClient, name string) ([]record.Shard, error) {
	var shards []record.Shard
	input := &kinesis.ListShardsInput{StreamName: &name}
	for {
		var output *kinesis.ListShardsOutput
		err := persist(ctx, func() (err error) {
			output, err = client.ListShards(ctx, input)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list the shards of stream %s: %w", name, err)
		}
		for i := range output.Shards {
			shard, err := listed(&output.Shards[i])
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

func newShard(id *string, hashKeys *types.HashKeyRange) (record.Shard, error) {
	if hashKeys == nil {
		return record.Shard{}, fmt.Errorf("shard %s: it has no range of hash keys", aws.ToString(id))
	}
	start, err := record.ParseHashKey(aws.ToString(hashKeys.StartingHashKey))
	if err != nil {
		return record.Shard{}, fmt.Errorf("shard %s: %w", aws.ToString(id), err)
	}
	end, err := record.ParseHashKey(aws.ToString(hashKeys.EndingHashKey))
	if err != nil {
		return record.Shard{}, fmt.Errorf("shard %s: %w", aws.ToString(id), err)
	}
	return record.Shard{ID: aws.ToString(id), Start: start, End: end}, nil
}

func listed(s *types.Shard) (record.Shard, error) {
	shard, err := newShard(s.ShardId, s.HashKeyRange)
	if err != nil {
		return shard, err
	}
	shard.Closed = s.SequenceNumberRange != nil && s.SequenceNumberRange.EndingSequenceNumber != nil
	for _, parent := range []*string{s.ParentShardId, s.AdjacentParentShardId} {
		if parent != nil {
			shard.Parents = append(shard.Parents, *parent)
		}
	}
	return shard, nil
}
