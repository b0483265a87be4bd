package kinesis_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
)

const streamARN = "arn:aws:kinesis:us-east-1:000000000000:stream/s"

func register(t testing.TB, client *sdk.Client, name string) *string {
	t.Helper()
	out, err := client.RegisterStreamConsumer(t.Context(), &sdk.RegisterStreamConsumerInput{StreamARN: aws.String(streamARN), ConsumerName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return out.Consumer.ConsumerARN
}

// subscribe subscribes by a client of its own: those of service/kinesis v1.56.11 have one buffer for the events of all their streams.
func subscribe(ctx context.Context, client *sdk.Client, consumer *string, number int, at types.StartingPosition) (*sdk.SubscribeToShardEventStream, error) {
	options := client.Options()
	options.Protocol = nil // the buffer's place
	out, err := sdk.New(options).SubscribeToShard(ctx, &sdk.SubscribeToShardInput{ConsumerARN: consumer, ShardId: shardID(number), StartingPosition: &at})
	if err != nil {
		return nil, err
	}
	return out.GetStream(), nil
}

var fromHorizon = types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon}

// begin subscribes to a shard, and ends that with the test.
func begin(t testing.TB, client *sdk.Client, consumer *string, number int, at types.StartingPosition) *sdk.SubscribeToShardEventStream {
	t.Helper()
	stream, err := subscribe(t.Context(), client, consumer, number, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stream.Close() })
	return stream
}

// event is the next one, nil at the end.
func event(t testing.TB, stream *sdk.SubscribeToShardEventStream) *types.SubscribeToShardEvent {
	t.Helper()
	e, ok := <-stream.Events()
	if !ok {
		return nil
	}
	return &e.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent).Value
}

func data(e *types.SubscribeToShardEvent) (all []string) {
	for _, r := range e.Records {
		all = append(all, string(r.Data))
	}
	return all
}

// It shows K31.
func TestASubscriberIsSentWhatArrivesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		put(t, client, "s", "k", "before")
		stream := begin(t, client, register(t, client, "c"), 0, fromHorizon)
		if e := event(t, stream); !slices.Equal(data(e), []string{"before"}) || *e.MillisBehindLatest != 0 || e.ChildShards != nil {
			t.Errorf("%+v", e)
		}
		for i := range 20 {
			time.Sleep(137 * time.Millisecond)
			number, sent := put(t, client, "s", "k", fmt.Sprint(i)), time.Now()
			e := event(t, stream)
			if !slices.Equal(data(e), []string{fmt.Sprint(i)}) || time.Since(sent) > 0 || *e.ContinuationSequenceNumber != number {
				t.Errorf("record %d came after %v: %+v", i, time.Since(sent), e)
			}
		}
		// Where nothing arrives, an event says so, and one can go on behind it.
		quiet := time.Now()
		e := event(t, stream)
		if len(e.Records) != 0 || time.Since(quiet) != 5*time.Second {
			t.Errorf("after %v: %+v", time.Since(quiet), e)
		}
		put(t, client, "s", "k", "later")
		again := begin(t, client, register(t, client, "d"), 0, types.StartingPosition{Type: types.ShardIteratorTypeAfterSequenceNumber, SequenceNumber: e.ContinuationSequenceNumber})
		if e := event(t, again); !slices.Equal(data(e), []string{"later"}) {
			t.Errorf("%+v", e)
		}
	})
}

// It shows K27.
func TestASubscriptionEndsAfterFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		begun := time.Now()
		stream := begin(t, client, register(t, client, "c"), 0, types.StartingPosition{Type: types.ShardIteratorTypeLatest})
		events := 0
		for event(t, stream) != nil {
			events++
		}
		if lived := time.Since(begun); lived.Round(time.Second) != 5*time.Minute || events < 58 || events > 61 || stream.Err() != nil {
			t.Errorf("it lived for %v, with %d events, %v", lived, events, stream.Err())
		}
	})
}

// It shows K28.
func TestASubscriptionTakesTheLastOnesPlaceAfterFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 2)
		consumer := register(t, client, "c")
		first := begin(t, client, consumer, 0, fromHorizon)
		event(t, first)
		time.Sleep(5*time.Second - 2*time.Millisecond)
		_, err := subscribe(t.Context(), client, consumer, 0, fromHorizon)
		wantError(t, err, "ResourceInUseException", "Another active subscription exists for this consumer: "+*consumer)
		begin(t, client, consumer, 1, fromHorizon) // of another shard
		time.Sleep(2 * time.Millisecond)
		second := begin(t, client, consumer, 0, fromHorizon)
		event(t, second)
		for event(t, first) != nil {
			continue
		}
		if api, ok := errors.AsType[smithy.APIError](first.Err()); !ok || api.ErrorCode() != "ResourceInUseException" {
			t.Errorf("the first ended with %v", first.Err())
		}
	})
}

// It shows K30.
func TestASubscriberIsToldTheChildrenAtTheEndOfAClosedShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		stream := begin(t, client, register(t, client, "c"), 0, fromHorizon)
		event(t, stream)
		split(t, client, 0, middle)
		e := event(t, stream)
		if len(e.ChildShards) != 2 || *e.ChildShards[1].ShardId != *shardID(2) || e.ContinuationSequenceNumber != nil {
			t.Errorf("%+v", e)
		}
		if e := event(t, stream); e != nil || stream.Err() != nil {
			t.Errorf("and then %+v, %v", e, stream.Err())
		}
	})
}

// It shows K29.
func TestEachConsumerGetsTwoMiBASecondOfAShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		for range 20 {
			putMany(t, client, repeat(16, 64<<10)...)
			time.Sleep(time.Second)
		}
		begun := time.Now()
		for i := range 3 {
			stream := begin(t, client, register(t, client, fmt.Sprint("c", i)), 0, fromHorizon)
			bytes := 0
			for time.Since(begun) < 5*time.Second {
				for _, r := range event(t, stream).Records {
					bytes += len(r.Data) + len(*r.PartitionKey)
				}
			}
			// Two seconds' worth come at once at most: what was saved up, and an event on credit.
			if rate := float64(bytes) / (2 << 20); rate < 5 || rate > 6.6 {
				t.Errorf("consumer %d got %.2f seconds' worth in five", i, rate)
			}
			begun = time.Now()
		}
	})
}

// It shows K26, K32.
func TestConsumersComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delayed := config
		delayed.CreateDelay = time.Second
		client := create(t, startInBubble(t, delayed), "s", 1)
		time.Sleep(time.Second)
		consumer := register(t, client, "c0")
		if want := fmt.Sprintf("%s/consumer/c0:%d", streamARN, time.Now().Unix()); *consumer != want {
			t.Errorf("%s, want %s", *consumer, want)
		}
		_, err := subscribe(t.Context(), client, consumer, 0, fromHorizon)
		wantError(t, err, "ResourceInUseException", "Consumer "+*consumer+" is not ACTIVE, instead in state CREATING")
		time.Sleep(time.Second)
		described, err := client.DescribeStreamConsumer(t.Context(), &sdk.DescribeStreamConsumerInput{StreamARN: aws.String(streamARN), ConsumerName: aws.String("c0")})
		if err != nil || described.ConsumerDescription.ConsumerStatus != types.ConsumerStatusActive || *described.ConsumerDescription.StreamARN != streamARN {
			t.Errorf("%+v, %v", described, err)
		}
		add := func(name string) error {
			_, err := client.RegisterStreamConsumer(t.Context(), &sdk.RegisterStreamConsumerInput{StreamARN: aws.String(streamARN), ConsumerName: &name})
			return err
		}
		wantError(t, add("c0"), "ResourceInUseException", "Consumer c0 under stream s already exists for account 000000000000.")
		for i := 1; i < 20; i++ {
			if (i-1)%5 == 0 {
				time.Sleep(time.Second)
			}
			register(t, client, fmt.Sprint("c", i))
			if i == 5 {
				wantError(t, add("x"), "LimitExceededException", "Stream s under account 000000000000 has 5 consumers in creation, which is its limit.")
			}
		}
		wantError(t, add("c20"), "LimitExceededException", "Stream s under account 000000000000 has 20 consumers, which is its limit.")
		var names []string
		for page := sdk.NewListStreamConsumersPaginator(client, &sdk.ListStreamConsumersInput{StreamARN: aws.String(streamARN), MaxResults: aws.Int32(7)}); page.HasMorePages(); {
			out, err := page.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range out.Consumers {
				names = append(names, *c.ConsumerName)
			}
		}
		if len(names) != 20 || names[0] != "c0" || names[19] != "c19" {
			t.Errorf("listed %q", names)
		}
		_, err = client.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: aws.String("s")})
		wantError(t, err, "ResourceInUseException", "Stream s under account 000000000000 cannot be deleted because it has active consumers.")
		stream := begin(t, client, consumer, 0, fromHorizon)
		event(t, stream)
		if _, err := client.DeregisterStreamConsumer(t.Context(), &sdk.DeregisterStreamConsumerInput{ConsumerARN: consumer}); err != nil {
			t.Fatal(err)
		}
		if e := event(t, stream); e != nil || stream.Err() == nil {
			t.Errorf("the consumer is gone and is sent %+v, %v", e, stream.Err())
		}
		if _, err := client.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: aws.String("s"), EnforceConsumerDeletion: aws.Bool(true)}); err != nil {
			t.Error(err)
		}
	})
}
