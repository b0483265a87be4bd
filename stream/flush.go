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

// Flush puts one record into each open shard, by the shard's first hash key, and tries again until all are acknowledged or ctx ends. No
// observer is told. A call without an answer is repeated: a second flush record does no harm.
func Flush(ctx context.Context, client PutClient, name string, shards []record.Shard, partitionKey string, data []byte) error {
	var left []types.PutRecordsRequestEntry
	for _, shard := range shards {
		if !shard.Closed {
			left = append(left, types.PutRecordsRequestEntry{
				Data: data, PartitionKey: &partitionKey, ExplicitHashKey: aws.String(shard.Start.String()),
			})
		}
	}
	for len(left) > 0 {
		batch := left[:min(len(left), limits.PutRecordsRecords)]
		output, err := client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: &name, Records: batch})
		if err != nil && classify(err) == record.Failed {
			return fmt.Errorf("flush stream %s: %w", name, err)
		}
		again := batch
		if err == nil && len(output.Records) == len(batch) {
			again = nil
			for i := range output.Records {
				if output.Records[i].SequenceNumber == nil {
					again = append(again, batch[i])
				}
			}
		}
		left = append(again, left[len(batch):]...)
		if len(again) == 0 {
			continue
		}
		if err := sleep(ctx, jitter(minThrottlePause)); err != nil {
			return fmt.Errorf("flush stream %s: %w", name, err)
		}
	}
	return nil
}
