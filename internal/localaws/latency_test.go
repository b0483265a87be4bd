package localaws_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/localaws"
	"weir/internal/localaws/pipenet"
)

func fixed(d time.Duration) func() time.Duration { return func() time.Duration { return d } }

func TestLatencyIsAddedToCallsAndToARecordsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := pipenet.Listen()
		serve(t, localaws.Config{SettleDelay: -1, WholeBodies: true, Latency: localaws.Latency{
			Put: fixed(8 * time.Millisecond), Get: fixed(3 * time.Millisecond), Propagation: fixed(100 * time.Millisecond), FanOut: fixed(70 * time.Millisecond),
		}}, network)
		c := speakingOver(t, network)
		if _, err := c.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1)}); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if _, err := c.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: []byte("d")}); err != nil {
			t.Fatal(err)
		}
		stored := time.Now()
		if took := stored.Sub(begun); took != 8*time.Millisecond {
			t.Errorf("PutRecord took %v", took)
		}
		iterator, err := c.GetShardIterator(t.Context(), &kinesis.GetShardIteratorInput{
			StreamName: aws.String("s"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		if err != nil {
			t.Fatal(err)
		}
		for records := 0; records == 0; {
			out, err := c.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: iterator.ShardIterator})
			if err != nil {
				t.Fatal(err)
			}
			if records = len(out.Records); *out.MillisBehindLatest != 0 {
				t.Fatalf("%d records, %d ms behind: all that can be read was read", records, *out.MillisBehindLatest)
			}
		}
		// A call takes three milliseconds, so that it is found by the one that ends at 102.
		if took := time.Since(stored); took < 100*time.Millisecond || took > 103*time.Millisecond {
			t.Errorf("it could be read after %v", took)
		}
	})
}

func TestFanOutHasAPropagationOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := pipenet.Listen()
		serve(t, localaws.Config{SettleDelay: -1, Latency: localaws.Latency{FanOut: fixed(70 * time.Millisecond)}}, network)
		client := speakingOver(t, network)
		events := subscribed(t, client)
		defer events.Close()
		<-events.Events() // of nothing
		for range 3 {
			if _, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: []byte("d")}); err != nil {
				t.Fatal(err)
			}
			stored := time.Now()
			event := (<-events.Events()).(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent)
			if took := time.Since(stored); len(event.Value.Records) != 1 || took != 70*time.Millisecond {
				t.Errorf("%d records after %v", len(event.Value.Records), took)
			}
		}
	})
}
