//go:build unix

package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"golang.org/x/sys/unix"

	"weir/harness/pacing"
	"weir/record"
	"weir/stream"
)

// steady is a source of a constant rate: what it costs is nearly nothing, so that what a benchmark measures is the feeder.
type steady struct {
	every      time.Duration // between two records
	next, last int
}

// atRate is half a second's worth of records.
func atRate(perSecond int) *steady {
	return &steady{every: time.Second / time.Duration(perSecond), last: perSecond / 2}
}

var (
	payload = make([]byte, 200)
	keys    = func() (keys [1024]string) {
		for i := range keys {
			keys[i] = fmt.Sprint("key-", i)
		}
		return keys
	}()
)

// maxFill is the most that one call of Fill hands out.
const maxFill = 4096

func (s *steady) Fill(batch *record.Batch, until time.Duration) error {
	for n := 0; n < maxFill && s.next < s.last && time.Duration(s.next)*s.every < until; n++ {
		batch.Records = append(batch.Records, record.Record{
			PartitionKey: keys[s.next%len(keys)], Data: payload, Due: time.Duration(s.next) * s.every,
		})
		s.next++
	}
	if s.next == s.last {
		return io.EOF
	}
	return nil
}

func (s *steady) Next() (time.Duration, bool) { return time.Duration(s.next) * s.every, true }

// nowhere is a queue that takes everything and keeps nothing.
type nowhere struct{}

func (nowhere) Put(records []record.Record) (int, error) { return len(records), nil }

func (nowhere) PutWait(_ context.Context, records []record.Record) (int, error) {
	return len(records), nil
}

// lateness is how late each record was handed over, in microseconds.
type lateness struct{ samples *hdrhistogram.Histogram }

func (lateness) Handing([]record.Record, time.Duration) {}

func (l lateness) Handed(records []record.Record, at time.Duration) {
	for i := range records {
		_ = l.samples.RecordValue((at - records[i].Due).Microseconds()) // out of range after 10 s
	}
}

func (lateness) Dropped([]record.Record) {}

// openQueue opens a queue, and returns how it is closed.
type openQueue func(b *testing.B) (q queue, shut func())

// queues are one that costs nothing, and the writer's own. What is in the writer's goes to a client that acknowledges everything at once.
var queues = []struct {
	name string
	open openQueue
}{
	{"null", func(*testing.B) (queue, func()) { return nowhere{}, func() {} }},
	{"writer", openWriter},
}

func openWriter(b *testing.B) (queue, func()) {
	shards := make([]record.Shard, 32)
	for i := range shards {
		shards[i] = record.Shard{
			ID: fmt.Sprint(i), Start: record.HashKey{Hi: uint64(i) << 59}, End: record.HashKey{Hi: uint64(i+1)<<59 - 1, Lo: math.MaxUint64},
		}
	}
	writer := stream.NewWriter(stream.WriterConfig{Client: instant{}, Shards: shards, Clock: record.NewClock(time.Now())})
	ended := make(chan error, 1)
	go func() { ended <- writer.Run(context.Background()) }()
	return writer, func() {
		writer.Close()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
}

// instant acknowledges every record at once.
type instant struct{}

func (instant) PutRecords(_ context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	output := &kinesis.PutRecordsOutput{Records: make([]types.PutRecordsResultEntry, len(in.Records))}
	sequence := "49600000000000000000000000000000000000000000000000000001"
	for i := range output.Records {
		output.Records[i].SequenceNumber = &sequence
	}
	return output, nil
}

// feeds are the ways to hand a load over: by the thread's sleeper, by the runtime's timer, and by nothing but a [time.Ticker], the peer.
var feeds = []struct {
	name string
	// feed returns what the feeder's own thread took of the CPU, where it has one.
	feed func(b *testing.B, f *feeder) (time.Duration, error)
}{
	{"thread", func(b *testing.B, f *feeder) (time.Duration, error) {
		thread := pacing.Bind()
		defer thread.Release()
		f.sleeper = thread
		begun := cpuTime(b, unix.CLOCK_THREAD_CPUTIME_ID)
		err := f.run(context.Background())
		return cpuTime(b, unix.CLOCK_THREAD_CPUTIME_ID) - begun, err
	}},
	{"timer", func(_ *testing.B, f *feeder) (time.Duration, error) {
		f.sleeper = pacing.Timer()
		return 0, f.run(context.Background())
	}},
	{"ticker", func(_ *testing.B, f *feeder) (time.Duration, error) { return 0, tick(f) }},
}

// tick hands a load over at every tick of a ticker.
func tick(f *feeder) error {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	var batch record.Batch
	for {
		<-ticker.C
		batch.Reset()
		end := f.source.Fill(&batch, f.clock.Now()-f.start)
		if _, err := f.queue.Put(batch.Records); err != nil {
			return err
		}
		f.observer.Handed(batch.Records, f.clock.Now())
		if errors.Is(end, io.EOF) {
			return nil
		}
	}
}

// BenchmarkFeeder feeds half a second of a steady load into a queue. Beside ns of CPU a record and the share of a core, both of the whole
// process (a writer sends what it is given), it reports the share of the feeder's own thread: Fill, Put and sleeping. The lateness is
// that of the latest record in a hundred.
func BenchmarkFeeder(b *testing.B) {
	for _, way := range feeds {
		for _, rate := range []int{10_000, 100_000} {
			for _, queue := range queues {
				b.Run(fmt.Sprintf("by=%s/rate=%d/queue=%s", way.name, rate, queue.name), func(b *testing.B) {
					benchmarkFeed(b, rate, queue.open, way.feed)
				})
			}
		}
	}
}

// BenchmarkBusyFeeder is BenchmarkFeeder in a process that takes all the CPU it can for HTTP requests of its own.
func BenchmarkBusyFeeder(b *testing.B) {
	for _, way := range feeds {
		b.Run("by="+way.name+"/rate=100000", func(b *testing.B) {
			keepBusy(b)
			benchmarkFeed(b, 100_000, queues[0].open, way.feed)
		})
	}
}

func benchmarkFeed(b *testing.B, rate int, open openQueue, feed func(*testing.B, *feeder) (time.Duration, error)) {
	late := lateness{hdrhistogram.New(1, (10 * time.Second).Microseconds(), 3)}
	var records int
	var own time.Duration
	begun, cpu := time.Now(), cpuTime(b, unix.CLOCK_PROCESS_CPUTIME_ID)
	for b.Loop() {
		q, shut := open(b)
		source := atRate(rate)
		records += source.last
		cpu, err := feed(b, &feeder{source: source, queue: q, clock: record.NewClock(time.Now()), observer: late})
		if err != nil {
			b.Fatal(err)
		}
		own += cpu
		shut()
	}
	used, wall := cpuTime(b, unix.CLOCK_PROCESS_CPUTIME_ID)-cpu, time.Since(begun)
	b.ReportMetric(float64(used)/float64(records), "cpu-ns/record")
	b.ReportMetric(100*used.Seconds()/wall.Seconds(), "core-%")
	if own > 0 {
		b.ReportMetric(100*own.Seconds()/wall.Seconds(), "feeder-core-%")
	}
	b.ReportMetric(float64(late.samples.ValueAtQuantile(99)), "late-p99-µs")
}

// CPUTime lends cpuTime to the benchmarks outside of the package.
var CPUTime = cpuTime

// cpuTime is the CPU time that the process, or the thread, has used.
func cpuTime(b *testing.B, clock int32) time.Duration {
	b.Helper()
	var now unix.Timespec
	if err := unix.ClockGettime(clock, &now); err != nil {
		b.Fatal(err)
	}
	return time.Duration(now.Nano())
}

// keepBusy serves requests of 10 KB from eight clients until the benchmark ends.
func keepBusy(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body) // a client that is gone
	}))
	b.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	b.Cleanup(func() {
		cancel()
		for range 8 {
			<-done
		}
	})
	body := strings.Repeat("x", 10_000)
	for range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for ctx.Err() == nil {
				request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				if response, err := server.Client().Do(request); err == nil {
					_, _ = io.Copy(io.Discard, response.Body) // ended
					response.Body.Close()
				}
			}
		}()
	}
}
