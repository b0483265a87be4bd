package harness

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/harness/pacing"
	"weir/measure"
	"weir/record"
	"weir/result"
	"weir/stream"
)

// stalling is a stream that answers every call after a time, and none between two others: what comes then waits for the end of the stall.
type stalling struct {
	clock    record.Clock
	answers  time.Duration
	from, to time.Duration
	sequence int64
}

func (s *stalling) PutRecords(_ context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	time.Sleep(s.answers)
	if now := s.clock.Now(); s.from <= now && now < s.to {
		time.Sleep(s.to - now)
	}
	out := &kinesis.PutRecordsOutput{FailedRecordCount: aws.Int32(0)}
	for range in.Records {
		s.sequence++
		out.Records = append(out.Records, types.PutRecordsResultEntry{ShardId: aws.String("shard"), SequenceNumber: aws.String(fmt.Sprintf("%020d", s.sequence))})
	}
	return out, nil
}

// A stream that stands still for 1.4 s delays the records that come due meanwhile, and they are many; of the calls it delays one. So what is measured from due
// times is what theory says, and what is measured from sending says nothing of the stall.
//
// Of a load of 30 s, the stall's first 0.3 s hold the slowest 1 %. The record due then waits for the rest of the stall, and for the two calls in which what
// came meanwhile goes out before it and with it.
func TestAStallIsInTheCorrectedLatencyAndNotInTheUncorrectedOne(t *testing.T) {
	const (
		perSecond       = 1000
		length          = 30 * time.Second
		answers         = 2 * time.Millisecond
		stall           = 1400 * time.Millisecond
		theory          = stall - length/100 + 2*answers
		uncorrectedMost = 5 * time.Millisecond
	)
	synctest.Test(t, func(t *testing.T) {
		clock := record.NewClock(time.Now())
		meter := measure.New(measure.Config{Clock: clock})
		from := 10 * time.Second
		shards := []record.Shard{{ID: "shard", End: record.HashKey{Hi: math.MaxUint64, Lo: math.MaxUint64}}}
		writer := stream.NewWriter(stream.WriterConfig{
			Client: &stalling{clock: clock, answers: answers, from: from, to: from + stall}, Stream: "s", Shards: shards, Clock: clock, Observer: meter.Input(), Resolver: meter.Input(),
			List: func(context.Context) ([]record.Shard, error) { return shards, nil }, QueueBytes: 64 << 20,
		})
		source := &schedule{}
		for i := range perSecond * int(length/time.Second) {
			source.due = append(source.due, time.Duration(i)*time.Second/perSecond)
		}
		feed := &feeder{source: source, queue: writer, clock: clock, observer: meter, sleeper: pacing.Timer()}
		written := make(chan error, 1)
		go func() { written <- writer.Run(t.Context()) }()
		if err := feed.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		writer.Close()
		if err := <-written; err != nil {
			t.Fatal(err)
		}
		var r result.Result
		meter.Fill(&r, clock.Now())
		corrected, uncorrected := r.Latency[measure.Acked], r.Latency[measure.AckedUncorrected]
		t.Logf("acked p99 %.1f ms, theory %s; uncorrected p99 %.1f ms, max %.1f ms", corrected.P99, theory, uncorrected.P99, uncorrected.Max)
		if want := float64(theory) / float64(time.Millisecond); math.Abs(corrected.P99-want) > want/100 {
			t.Errorf("acked p99 is %.1f ms, and theory says %.1f", corrected.P99, want)
		}
		if uncorrected.P99 > float64(uncorrectedMost)/float64(time.Millisecond) || corrected.Count != uncorrected.Count || corrected.Count != int64(len(source.due)) {
			t.Errorf("uncorrected p99 is %.1f ms, of %d and %d", uncorrected.P99, uncorrected.Count, corrected.Count)
		}
	})
}
