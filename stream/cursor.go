package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/record"
	"weir/stream/kpl"
)

const (
	// A read that failed is tried again after minReadPause to twice that; each further failure doubles it up to maxReadPause.
	minReadPause = 100 * time.Millisecond
	maxReadPause = time.Second
)

// cursor is a place in a shard: a position, and the iterator that AWS made of it.
type cursor struct {
	config   *ReaderConfig
	shard    string
	position record.Position
	iterator *string
	failed   int  // calls in a row
	full     bool // the last answer had as many records as it may
	opener   kpl.Opener
}

// next reads the next page.
func (c *cursor) next(ctx context.Context) (record.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.RequestTimeout)
	defer cancel()
	if c.iterator == nil {
		if err := c.open(ctx); err != nil {
			return record.Page{}, err
		}
	}
	asked := c.config.Clock.Now()
	output, err := c.config.Client.GetRecords(ctx, &kinesis.GetRecordsInput{
		ShardIterator: c.iterator, Limit: aws.Int32(int32(c.config.Limit)),
	})
	if err != nil {
		return record.Page{}, fmt.Errorf("get records: %w", err)
	}
	page := record.Page{
		Shard: c.shard, Asked: asked, At: c.config.Clock.Now(), Records: stored(output.Records),
		Behind: time.Duration(aws.ToInt64(output.MillisBehindLatest)) * time.Millisecond,
		End:    output.NextShardIterator == nil,
	}
	if page.Children, err = children(output.ChildShards); err != nil {
		return record.Page{}, err
	}
	if n := len(page.Records); n > 0 {
		c.position = record.Position{Kind: record.AfterSequence, Sequence: page.Records[n-1].Sequence}
	}
	c.iterator, c.failed, c.full = output.NextShardIterator, 0, len(page.Records) >= c.config.Limit
	if c.config.Open {
		page.Records = open(&c.opener, page.Records)
	}
	return page, nil
}

// children are the shards that the last answer of a closed one tells of.
func children(told []types.ChildShard) ([]record.Shard, error) {
	var shards []record.Shard
	for i := range told {
		child, err := newShard(told[i].ShardId, told[i].HashKeyRange)
		if err != nil {
			return nil, err
		}
		child.Parents = told[i].ParentShards
		shards = append(shards, child)
	}
	return shards, nil
}

// open gets an iterator for the position. The tip moves on: a second iterator for it would pass over what came since the first, so a
// position at the tip becomes one at the time at which the server made the first.
func (c *cursor) open(ctx context.Context) error {
	asked := time.Now()
	output, err := c.config.Client.GetShardIterator(ctx, c.iteratorInput())
	if err != nil {
		return fmt.Errorf("get a shard iterator: %w", err)
	}
	if c.position.Kind == record.Latest {
		if at, ok := awsmiddleware.GetServerTime(output.ResultMetadata); ok {
			asked = at
		}
		c.position = record.Position{Kind: record.AtTimestamp, Timestamp: asked}
	}
	c.iterator = output.ShardIterator
	return nil
}

// retry deals with a call that failed: it waits, so that the next one may do better, or returns the error if none will.
//
// An iterator is a place, and gives the same records each time it is used, so that it is kept: but one that has expired is of no use,
// and a new one goes on behind the last record delivered.
func (c *cursor) retry(ctx context.Context, err error) error {
	outcome := classify(err)
	if _, expired := errors.AsType[*types.ExpiredIteratorException](err); expired {
		c.iterator = nil
		if c.failed == 0 {
			c.failed++
			return nil
		}
	} else if outcome == record.Failed {
		return err
	}
	if outcome == record.Throttled {
		c.config.Observer.Throttled(c.shard)
	}
	pause := jitter(grown(minReadPause, maxReadPause/2, c.failed))
	c.failed++
	_ = sleep(ctx, pause) // that ctx ended is seen by the next call
	return nil
}

// stored are records as they came; they keep the memory of the answer.
func stored(records []types.Record) []record.Stored {
	list := make([]record.Stored, len(records))
	for i := range records {
		r := &records[i]
		list[i] = record.Stored{
			Sequence: aws.ToString(r.SequenceNumber), PartitionKey: aws.ToString(r.PartitionKey), Data: r.Data, Due: record.NoDue,
		}
		if r.ApproximateArrivalTimestamp != nil {
			list[i].Arrived = r.ApproximateArrivalTimestamp.UnixMilli()
		}
	}
	return list
}

// iteratorInput asks for an iterator for the position.
func (c *cursor) iteratorInput() *kinesis.GetShardIteratorInput {
	input := &kinesis.GetShardIteratorInput{StreamName: &c.config.Stream, ShardId: &c.shard}
	switch c.position.Kind {
	case record.TrimHorizon:
		input.ShardIteratorType = types.ShardIteratorTypeTrimHorizon
	case record.Latest:
		input.ShardIteratorType = types.ShardIteratorTypeLatest
	case record.AtTimestamp:
		input.ShardIteratorType, input.Timestamp = types.ShardIteratorTypeAtTimestamp, aws.Time(c.position.Timestamp)
	case record.AtSequence:
		input.ShardIteratorType, input.StartingSequenceNumber = types.ShardIteratorTypeAtSequenceNumber, aws.String(c.position.Sequence)
	case record.AfterSequence:
		input.ShardIteratorType, input.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, aws.String(c.position.Sequence)
	}
	return input
}
