package stream_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/internal/localaws/pipenet"
	"weir/record"
	"weir/stream"
	"weir/stream/lineage"
)

// bubbled serves an embedded AWS inside of a bubble, and gives clients of it, with its server.
func bubbled(t *testing.T, config localaws.Config) (*awsclient.Clients, *localaws.Server) {
	t.Helper()
	network := pipenet.Listen()
	server := localaws.New(config)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, network) }()
	clients, err := awsclient.New(t.Context(), awsclient.Config{Endpoint: "http://127.0.0.1:1", Region: "us-east-1", Dial: network.Dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		clients.Close()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return clients, server
}

// fannedOut reads a whole stream by enhanced fan-out, shard after shard as they come of each other, until ctx ends.
type fannedOut struct {
	fanOut  *stream.FanOut
	lineage *lineage.Lineage
	group   sync.WaitGroup
	errs    chan error

	mu   sync.Mutex
	read map[string][]int // by shard
}

func (f *fannedOut) follow(ctx context.Context, shard record.Shard) {
	f.group.Go(func() {
		if f.lineage.Wait(ctx, &shard) != nil {
			return
		}
		var children []record.Shard
		err := f.fanOut.Read(ctx, shard, record.Position{}, record.ReceiverFunc(func(_ context.Context, page record.Page) error {
			children = page.Children
			f.mu.Lock()
			defer f.mu.Unlock()
			for i := range page.Records {
				n, err := strconv.Atoi(string(page.Records[i].Data))
				if err != nil {
					return err
				}
				f.read[page.Shard] = append(f.read[page.Shard], n)
			}
			return nil
		}))
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			f.errs <- err
			return
		}
		born, err := f.lineage.End(shard.ID, children)
		if err != nil {
			f.errs <- err
			return
		}
		for _, child := range born {
			f.follow(ctx, child)
		}
	})
}

// A quarter of an hour, in which each subscription ends three times, and the stream is resharded: every record is read once, in the order of its shard, and
// the consumer is gone at the end.
func TestFanOutReadsEachRecordOnceOverRenewalsAndReshards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clients, server := bubbled(t, localaws.Config{Limits: true, SettleDelay: -1})
		if err := stream.Create(t.Context(), clients.Kinesis, stream.Spec{Name: "s", Shards: 3}); err != nil {
			t.Fatal(err)
		}
		f := &fannedOut{read: make(map[string][]int), errs: make(chan error, 9), fanOut: stream.NewFanOut(stream.FanOutConfig{
			Client: clients.Kinesis, Subscriber: func() stream.SubscribeClient { return kinesis.New(clients.Kinesis.Options()) },
			Stream: "s", Consumer: "c", Clock: record.NewClock(time.Now()),
		})}
		if err := f.fanOut.Register(t.Context()); err != nil {
			t.Fatal(err)
		}
		shards, err := f.fanOut.Shards(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.lineage = lineage.New(shards)
		ctx, stop := context.WithCancel(t.Context())
		for _, shard := range shards {
			f.follow(ctx, shard)
		}
		const records = 300
		for n := range records {
			if _, err := clients.Kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{
				StreamName: aws.String("s"), PartitionKey: aws.String("k" + strconv.Itoa(n)), Data: []byte(strconv.Itoa(n)),
			}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second)
			if n == 150 {
				if err := server.Reshard("s", 2); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(10 * time.Second)
		stop()
		f.group.Wait()
		close(f.errs)
		for err := range f.errs {
			t.Error(err)
		}
		var all []int
		for shard, numbers := range f.read {
			if !slices.IsSorted(numbers) {
				t.Errorf("%s: %v", shard, numbers)
			}
			all = append(all, numbers...)
		}
		slices.Sort(all)
		for i := range records {
			if i >= len(all) || all[i] != i {
				t.Fatalf("%d records were read of %d, from %d on wrong", len(all), records, i)
			}
		}
		if err := f.fanOut.Deregister(t.Context()); err != nil {
			t.Error(err)
		}
		described, err := clients.Kinesis.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("s")})
		if err != nil || aws.ToInt32(described.StreamDescriptionSummary.ConsumerCount) != 0 {
			t.Errorf("%+v, %v", described, err)
		}
	})
}

// A reader that begins anew within five seconds of its last subscription is refused until they are over, as in AWS, and then goes on.
func TestFanOutWaitsUntilItMaySubscribeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clients, _ := bubbled(t, localaws.Config{Limits: true, SettleDelay: -1})
		if err := stream.Create(t.Context(), clients.Kinesis, stream.Spec{Name: "s", Shards: 1}); err != nil {
			t.Fatal(err)
		}
		f := stream.NewFanOut(stream.FanOutConfig{
			Client: clients.Kinesis, Subscriber: func() stream.SubscribeClient { return kinesis.New(clients.Kinesis.Options()) },
			Stream: "s", Consumer: "c", Clock: record.NewClock(time.Now()),
		})
		if err := f.Register(t.Context()); err != nil {
			t.Fatal(err)
		}
		shards, err := f.Shards(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		for range 2 {
			ctx, stop := context.WithCancel(t.Context())
			err := f.Read(ctx, shards[0], record.Position{}, record.ReceiverFunc(func(context.Context, record.Page) error {
				stop()
				return nil
			}))
			stop()
			if err == nil {
				t.Error("the shard came to an end")
			}
		}
		if took := time.Since(begun); took < 5*time.Second || took > 8*time.Second {
			t.Errorf("the second subscription was there after %v", took)
		}
	})
}
