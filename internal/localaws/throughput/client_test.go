//go:build linux

package throughput

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/measure"
	"weir/measure/oracle"
	"weir/record"
	"weir/stream"
)

// roundRecords is how many records one round of a client puts.
const roundRecords = 100 * callRecords

// seldom is the GC percent that cmd/weir sets: a client whose heap is its records collects at every few calls with Go's own.
const seldom = 400

// BenchmarkClient puts records of 200 bytes into weir local by several clients: weir's writer, which knows of each record where it is, when it
// was due, what became of it and what row it belongs to; the SDK for Go as it comes, which keeps nothing of all that; and boto3, where WEIR_BOTO3
// names a Python that has it. The figure that compares them is client-ns/record, the CPU time of the client's process.
func BenchmarkClient(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(seldom)) // the SDK is measured under the same
	start := programs(b)["weir"]
	clients := map[string]func(*testing.B, *server){"weir": byWriter(false), "weir-packed": byWriter(true), "sdk": bySDK}
	if os.Getenv("WEIR_BOTO3") != "" {
		clients["boto3"] = byBoto3
	}
	for name, client := range clients {
		b.Run("by="+name, func(b *testing.B) {
			s := start(b)
			s.createStream(b)
			client(b, s)
		})
	}
}

// rounds are the books of a run, and new in each round: nothing reads the records, which would pile up in them. The writer stays the same.
type rounds struct {
	*measure.Stream
	left sync.WaitGroup // records that are not acknowledged
}

func (r *rounds) Answered(shard string, sends []record.Send, at time.Duration) {
	r.Stream.Answered(shard, sends, at)
	acked := 0
	for i := range sends {
		if sends[i].Outcome == record.Acked {
			acked++
		}
	}
	r.left.Add(-acked)
}

func byWriter(packed bool) func(*testing.B, *server) {
	return func(b *testing.B, s *server) {
		shards, err := stream.Shards(b.Context(), s.Kinesis, *name)
		if err != nil {
			b.Fatal(err)
		}
		clock, books := record.NewClock(time.Now()), &rounds{}
		writer := stream.NewWriter(stream.WriterConfig{
			Client: s.Kinesis, Stream: *name, Shards: shards, Clock: clock, Observer: books, Resolver: books, Pack: packed, Linger: 5 * time.Millisecond,
		})
		ended := make(chan error, 1)
		go func() { ended <- writer.Run(b.Context()) }()
		records := load()
		s.measure(b, func() int {
			books.Stream = measure.New(measure.Config{Clock: clock, Oracle: oracle.Config{Window: time.Second, Shards: len(shards)}}).Input()
			books.left.Add(len(records))
			if _, err := writer.PutWait(b.Context(), records); err != nil {
				b.Fatal(err)
			}
			books.left.Wait()
			return len(records)
		})
		writer.Close()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	}
}

// load is a round's records: 5,000 keys, each with an event that a row counts.
func load() []record.Record {
	records := make([]record.Record, roundRecords)
	for i := range records {
		key := fmt.Sprint("key-", i%5000)
		records[i] = record.Record{
			PartitionKey: key, Data: bytes.Repeat([]byte{'a' + byte(i%26)}, recordBytes),
			Event: record.Event{Kind: "order", Key: key, Time: int64(i / 100), Value: "12.5"},
		}
	}
	return records
}

// bySDK puts the same records, and keeps nothing of them.
func bySDK(b *testing.B, s *server) {
	client := s.stock()
	records := load()
	s.measure(b, func() int {
		together(b, len(records)/callRecords, func(ctx context.Context, call int) error {
			in := &kinesis.PutRecordsInput{StreamName: name, Records: make([]types.PutRecordsRequestEntry, callRecords)}
			for i := range in.Records {
				r := &records[call*callRecords+i]
				in.Records[i] = types.PutRecordsRequestEntry{Data: r.Data, PartitionKey: &r.PartitionKey}
			}
			out, err := client.PutRecords(ctx, in)
			if err == nil && *out.FailedRecordCount > 0 {
				err = fmt.Errorf("%d records failed: %s", *out.FailedRecordCount, *out.Records[0].ErrorCode)
			}
			return err
		})
		return len(records)
	})
}

// boto3Client puts rounds of as many calls as the lines that it reads ask for, and answers each line when they are done.
const boto3Client = `
import sys, boto3
from botocore.config import Config
client = boto3.client("kinesis", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="weir", aws_secret_access_key="weir",
                      config=Config(retries={"total_max_attempts": 1}))
for line in sys.stdin:
    for call in range(int(line)):
        records = [{"Data": b"x" * 200, "PartitionKey": "key-%d" % (call * 500 + i)} for i in range(500)]
        assert client.put_records(StreamName=sys.argv[2], Records=records)["FailedRecordCount"] == 0
    print("done", flush=True)
`

func byBoto3(b *testing.B, s *server) {
	python := exec.Command(os.Getenv("WEIR_BOTO3"), "-c", boto3Client, s.endpoint, *name)
	python.Stderr = os.Stderr
	in, err := python.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := python.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := python.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = python.Wait() }() // its input is closed below: how it ends is not measured
	defer in.Close()
	done := bufio.NewScanner(out)
	round := func(calls int) int {
		if _, err := fmt.Fprintln(in, calls); err != nil || !done.Scan() {
			b.Fatal("boto3 has ended: ", err)
		}
		return calls * callRecords
	}
	round(1) // it has begun, and its modules are loaded
	s.client = python.Process.Pid
	s.measure(b, func() int { return round(20) })
}
