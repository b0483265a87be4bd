//go:build unix

package harness_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"weir/aggregator"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/record"
	"weir/stream"
)

// benchRecords are in the stream that is read lap after lap: of 10,000 keys, and as long as an order of few fields is.
const (
	benchRecords = 200_000
	benchShards  = 4
)

// BenchmarkAggregatorOverHTTP is the bundled aggregator at parallelism 2, reading the embedded stream over loopback, with its state taken every second;
// beside it the reader alone, and the SDK's own GetRecords alone. The embedded AWS is in the same process, and in the CPU time of all three.
func BenchmarkAggregatorOverHTTP(b *testing.B) {
	endpoint := startAWS(b, localaws.Config{SettleDelay: -1})
	clients, err := awsclient.New(b.Context(), awsclient.Config{Endpoint: endpoint, Region: "us-east-1"})
	if err != nil {
		b.Fatal(err)
	}
	defer clients.Close()
	fillStream(b, clients.Kinesis)
	sdk := kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("weir", "weir", ""), Retryer: aws.NopRetryer{},
	})
	b.Run("aggregated, checkpoint each second", func(b *testing.B) { benchAggregator(b, clients.Kinesis) })
	b.Run("read alone", func(b *testing.B) { benchReader(b, clients.Kinesis) })
	b.Run("read alone by the SDK", func(b *testing.B) { benchReader(b, sdk) })
}

func fillStream(b *testing.B, client *kinesis.Client) {
	if err := stream.Create(b.Context(), client, stream.Spec{Name: "s", Shards: benchShards}); err != nil {
		b.Fatal(err)
	}
	for n := 0; n < benchRecords; {
		input := kinesis.PutRecordsInput{StreamName: aws.String("s")}
		for ; len(input.Records) < 500; n++ {
			key := strconv.Itoa(n * 7919 % 10_000)
			input.Records = append(input.Records, types.PutRecordsRequestEntry{
				PartitionKey: &key, Data: fmt.Appendf(nil, `{"kind":"order","key":%q,"event_time":%d,"value":%d.25,"currency":"EUR"}`, key, 1_700_000_000_000+n, n%500),
			})
		}
		if _, err := client.PutRecords(b.Context(), &input); err != nil {
			b.Fatal(err)
		}
	}
}

// laps reads each shard from its beginning to its tip, again and again.
type laps struct{ *stream.Reader }

var errTip = errors.New("tip")

func (l laps) Read(ctx context.Context, shard record.Shard, _ record.Position, to record.Receiver) error {
	for {
		if err := l.Reader.Read(ctx, shard, record.Position{}, lap{to}); !errors.Is(err, errTip) {
			return err
		}
	}
}

// lap ends at the tip.
type lap struct{ record.Receiver }

func (l lap) Take(ctx context.Context, page record.Page) error {
	if err := l.Receiver.Take(ctx, page); err != nil || page.Behind > 0 {
		return err
	}
	return errTip
}

func newLaps(client *kinesis.Client) laps {
	return laps{stream.NewReader(stream.ReaderConfig{Client: client, Stream: "s", Clock: record.NewClock(time.Now()), Poll: time.Millisecond})}
}

// measured reports what a benchmark read, in wall-clock and CPU time.
func measured(b *testing.B, run func() (records int64)) {
	b.Helper()
	before := cpuTime(b)
	b.ResetTimer()
	records := float64(run())
	b.StopTimer()
	spent := cpuTime(b) - before
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(spent)/records, "cpu-ns/record")
	b.ReportMetric(records/b.Elapsed().Seconds(), "records/s")
}

func cpuTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// nobody takes rows and keeps none.
type nobody struct{}

func (nobody) Emit(context.Context, []record.Fired) error { return nil }
func (nobody) Late([]record.Late)                         {}
func (nobody) Unreadable(record.ID, []byte, error)        {}
func (nobody) Processed(string, []int64, time.Duration)   {}
func (nobody) Fired([]record.Fired, time.Duration)        {}

// inMemory is a store that loses all; [aggregator.Store] says what it would keep.
type inMemory struct{ bytes atomic.Int64 }

func (*inMemory) String() string                               { return "memory" }
func (*inMemory) Load(context.Context, string) ([]byte, error) { return nil, nil }
func (*inMemory) Remove(context.Context, string) error         { return nil }
func (m *inMemory) Save(_ context.Context, _ string, content []byte) error {
	m.bytes.Add(int64(len(content)))
	return nil
}

func benchAggregator(b *testing.B, client *kinesis.Client) {
	a := aggregator.New(aggregator.Config{
		Parallelism: 2, Window: time.Hour, OutOfOrderness: 24 * time.Hour, Fields: record.DefaultFields(), // a lap is never late
		Source: newLaps(client), Sink: nobody{}, Observer: nobody{}, Clock: record.NewClock(time.Now()),
		Checkpoints: &aggregator.Checkpoints{Store: &inMemory{}, Every: time.Second},
	})
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	measured(b, func() int64 {
		go func() { ended <- a.Run(ctx, record.Position{}) }()
		for a.Status().Counted < int64(b.N) {
			time.Sleep(time.Millisecond)
		}
		stop()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
		return a.Status().Counted
	})
	b.ReportMetric(float64(a.Status().Checkpoints.Completed), "checkpoints")
}

func benchReader(b *testing.B, client *kinesis.Client) {
	reader := newLaps(client)
	shards, err := reader.Shards(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	var read atomic.Int64
	var enough sync.Once
	measured(b, func() int64 {
		var group errgroup.Group
		for _, shard := range shards {
			group.Go(func() error {
				return reader.Read(ctx, shard, record.Position{}, record.ReceiverFunc(func(_ context.Context, page record.Page) error {
					if read.Add(int64(len(page.Records))) >= int64(b.N) {
						enough.Do(stop)
					}
					return nil
				}))
			})
		}
		if err := group.Wait(); !errors.Is(err, context.Canceled) {
			b.Fatal(err)
		}
		return read.Load()
	})
}
