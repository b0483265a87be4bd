package stream

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/limits"
	"weir/record"
)

// Flush puts one record into each open shard, by the shard's first hash key, and tries again until all are acknowledged, ctx ends, or the
// stream refuses one for good. No observer is told. A call without an answer is made again: a second flush record does no harm.
func Flush(ctx context.Context, client PutClient, name string, shards []record.Shard, partitionKey string, data []byte) error {
	var left []types.PutRecordsRequestEntry
	for i := range shards {
		if !shards[i].Closed {
			left = append(left, types.PutRecordsRequestEntry{
				Data: data, PartitionKey: &partitionKey, ExplicitHashKey: aws.String(shards[i].Start.String()),
			})
		}
	}
	for failed := 0; len(left) > 0; {
		batch := left[:min(len(left), limits.PutRecordsRecords)]
		again, err := flushOnce(ctx, client, name, batch)
		if err != nil {
			return fmt.Errorf("flush stream %s: %w", name, err)
		}
		left = append(again, left[len(batch):]...)
		if len(again) == 0 {
			continue
		}
		if err := sleep(ctx, jitter(grown(minThrottlePause, maxRefusedPause, failed))); err != nil {
			return fmt.Errorf("flush stream %s: %d records are not acknowledged: %w", name, len(left), err)
		}
		failed++
	}
	return nil
}

// flushOnce makes one call and returns what is to be sent again.
func flushOnce(ctx context.Context, client PutClient, name string, batch []types.PutRecordsRequestEntry) ([]types.PutRecordsRequestEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, defaultRequestTimeout)
	defer cancel()
	output, err := client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: &name, Records: batch})
	if err != nil && classify(err) == record.Failed {
		return nil, err
	}
	if err != nil || len(output.Records) != len(batch) {
		return batch, nil
	}
	var again []types.PutRecordsRequestEntry
	for i := range output.Records {
		if output.Records[i].ErrorCode != nil || output.Records[i].SequenceNumber == nil {
			again = append(again, batch[i])
		}
	}
	return again, nil
}
