package stream

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/record"
)

// nullStream acknowledges everything at once, and keeps nothing.
type nullStream struct{}

func (nullStream) PutRecords(_ context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	output := &kinesis.PutRecordsOutput{Records: make([]types.PutRecordsResultEntry, len(in.Records))}
	sequence := "49600000000000000000000000000000000000000000000000000001"
	for i := range output.Records {
		output.Records[i].SequenceNumber = &sequence
	}
	return output, nil
}

// BenchmarkWriter takes records of 200 B through the writer of 24 shards: routing, queueing, composing calls, packing, judging answers.
func BenchmarkWriter(b *testing.B) {
	for _, packed := range []bool{false, true} {
		b.Run(fmt.Sprintf("packed=%t", packed), func(b *testing.B) { benchmarkWriter(b, packed) })
	}
}

func benchmarkWriter(b *testing.B, packed bool) {
	const batch = 1000
	records := make([]record.Record, batch)
	for i := range records {
		records[i] = record.Record{PartitionKey: "key-" + strconv.Itoa(i), Data: []byte(strings.Repeat("x", 200))}
	}
	w := NewWriter(WriterConfig{Client: nullStream{}, Stream: "s", Shards: evenShards(24), Clock: record.NewClock(time.Now()), Pack: packed})
	ended := make(chan error, 1)
	go func() { ended <- w.Run(context.Background()) }()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.PutWait(b.Context(), records); err != nil {
			b.Fatal(err)
		}
	}
	w.Close()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/record")
}

// nullShard answers each read with the same page.
type nullShard struct {
	GetClient
	page []types.Record
}

func (nullShard) GetShardIterator(context.Context, *kinesis.GetShardIteratorInput, ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error) {
	return &kinesis.GetShardIteratorOutput{ShardIterator: aws.String("1")}, nil
}

func (n nullShard) GetRecords(context.Context, *kinesis.GetRecordsInput, ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error) {
	return &kinesis.GetRecordsOutput{Records: n.page, NextShardIterator: aws.String("1"), MillisBehindLatest: aws.Int64(1)}, nil
}

// BenchmarkReader takes pages of 1,000 records through the reader, without the SDK's decoding.
func BenchmarkReader(b *testing.B) {
	page := make([]types.Record, 1000)
	for i := range page {
		page[i] = types.Record{SequenceNumber: aws.String(strconv.Itoa(i)), PartitionKey: aws.String("k"), Data: []byte("x")}
	}
	c := cursor{config: &NewReader(ReaderConfig{Client: nullShard{page: page}, Clock: record.NewClock(time.Now())}).config}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(page)), "ns/record")
}
