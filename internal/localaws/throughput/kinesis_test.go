//go:build linux

package throughput

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const (
	shards      = 8
	callRecords = 500
	recordBytes = 200
)

var name = aws.String("s")

// BenchmarkPutRecords puts records of 200 bytes, 500 a call.
func BenchmarkPutRecords(b *testing.B) {
	for by, start := range programs(b) {
		b.Run("by="+by, func(b *testing.B) {
			s := start(b)
			s.createStream(b)
			s.measure(b, func() int { return s.put(b, 100) })
		})
	}
}

// BenchmarkGetRecords reads records of 200 bytes, up to 10,000 a call, from the beginning of each shard to its end.
func BenchmarkGetRecords(b *testing.B) {
	for by, start := range programs(b) {
		b.Run("by="+by, func(b *testing.B) {
			s := start(b)
			s.createStream(b)
			s.reads(b, s.put(b, 800))
		})
	}
}

// BenchmarkReader reads as BenchmarkGetRecords does from weir local, by the SDK for Go as it comes, whose garbage it collects as seldom as
// BenchmarkClient does.
func BenchmarkReader(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(seldom))
	start := programs(b)["weir"]
	b.Run("by=sdk", func(b *testing.B) {
		s := start(b)
		s.createStream(b)
		stored := s.put(b, 800)
		s.Kinesis = s.stock()
		s.reads(b, stored)
	})
}

// stock is the SDK for Go as it comes.
func (s *server) stock() *kinesis.Client {
	return kinesis.New(kinesis.Options{
		BaseEndpoint: &s.endpoint, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("weir", "weir", ""),
	})
}

// reads measures how the stream is read, of so many records, from beginning to end.
func (s *server) reads(b *testing.B, want int) {
	s.measure(b, func() int {
		if read := s.readAll(b); read != want {
			b.Fatalf("%d records, and %d were put", read, want)
		}
		return want
	})
}

func (s *server) createStream(b *testing.B) {
	if _, err := s.Kinesis.CreateStream(b.Context(), &kinesis.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(shards)}); err != nil {
		b.Fatal(err)
	}
	waiter := kinesis.NewStreamExistsWaiter(s.Kinesis, func(o *kinesis.StreamExistsWaiterOptions) { o.MinDelay = 100 * time.Millisecond })
	if err := waiter.Wait(b.Context(), &kinesis.DescribeStreamInput{StreamName: name}, time.Minute); err != nil {
		b.Fatal(err)
	}
}

// put makes so many calls, and says how many records were stored.
func (s *server) put(b *testing.B, calls int) int {
	data := bytes.Repeat([]byte("x"), recordBytes)
	together(b, calls, func(ctx context.Context, call int) error {
		in := &kinesis.PutRecordsInput{StreamName: name, Records: make([]types.PutRecordsRequestEntry, callRecords)}
		for i := range in.Records {
			in.Records[i] = types.PutRecordsRequestEntry{Data: data, PartitionKey: aws.String(fmt.Sprint("key-", call*callRecords+i))}
		}
		out, err := s.Kinesis.PutRecords(ctx, in)
		if err == nil && *out.FailedRecordCount > 0 {
			err = fmt.Errorf("%d records failed: %s", *out.FailedRecordCount, *out.Records[0].ErrorCode)
		}
		return err
	})
	return calls * callRecords
}

// readAll reads every shard to its tip.
func (s *server) readAll(b *testing.B) int {
	read := make([]int, shards)
	together(b, shards, func(ctx context.Context, i int) error {
		start, err := s.Kinesis.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
			StreamName: name, ShardId: aws.String(fmt.Sprintf("shardId-%012d", i)), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		if err != nil {
			return err
		}
		for next := start.ShardIterator; ; {
			page, err := s.Kinesis.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: next})
			if err != nil {
				return err
			}
			read[i] += len(page.Records)
			// Not every server is truthful about how far behind the tip it is.
			if len(page.Records) == 0 {
				return nil
			}
			next = page.NextShardIterator
		}
	})
	total := 0
	for _, n := range read {
		total += n
	}
	return total
}
