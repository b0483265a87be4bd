package kinesis_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// createShared makes the stream s of one shard, which so many others read.
func createShared(t *testing.T, client *sdk.Client, others string) error {
	t.Helper()
	_, err := client.CreateStream(t.Context(), &sdk.CreateStreamInput{
		StreamName: aws.String("s"), ShardCount: aws.Int32(1), Tags: map[string]string{"weir": "allowed", "weir:other-readers": others},
	})
	return err
}

// poller reads a shard on, and counts what it meets.
type poller struct {
	client           *sdk.Client
	iterator         *string
	throttled, bytes int
}

// poll reads once. Without records it was throttled, or there were none.
func (p *poller) poll(t *testing.T) (behind time.Duration, records int) {
	t.Helper()
	out, err := p.client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: p.iterator})
	if _, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err); ok {
		p.throttled++
		return 0, 0
	}
	if err != nil {
		t.Fatal(err)
	}
	p.iterator = out.NextShardIterator
	for i := range out.Records {
		p.bytes += len(out.Records[i].Data) + len(*out.Records[i].PartitionKey)
	}
	return time.Duration(*out.MillisBehindLatest) * time.Millisecond, len(out.Records)
}

// A reader that polls each 200 ms asks for all five reads of a shard. Each other reader takes one of them a second.
//
// It shows K33, K34.
func TestOtherReadersTakeTheirReadsOfAShard(t *testing.T) {
	for others, want := range []int{0, 60, 120, 180, 240, 300, 300} {
		synctest.Test(t, func(t *testing.T) {
			client := startInBubble(t, limited)
			if err := createShared(t, client, fmt.Sprint(others)); err != nil {
				t.Fatal(err)
			}
			p := &poller{client: client, iterator: iterate(t, client, horizon())}
			time.Sleep(10 * time.Second) // more others than the shard has reads for use up what was saved at the beginning
			for range 300 {
				p.poll(t)
				time.Sleep(200 * time.Millisecond)
			}
			t.Logf("%d others: %d of 300 reads in a minute are throttled", others, p.throttled)
			// A second's worth may be saved up at the beginning.
			if p.throttled > want || p.throttled < want-5 {
				t.Errorf("%d others: %d of 300 reads in a minute are throttled, want %d", others, p.throttled, want)
			}
		})
	}
}

// 1 MiB a second is written. A shard gives 2 MiB: that is enough for two readers, and not for three.
//
// It shows K33, K34.
func TestOtherReadersTakeTheirBytesOfAShard(t *testing.T) {
	for others, keepsUp := range []bool{true, true, false} {
		synctest.Test(t, func(t *testing.T) {
			client := startInBubble(t, limited)
			if err := createShared(t, client, fmt.Sprint(others)); err != nil {
				t.Fatal(err)
			}
			p := &poller{client: client, iterator: iterate(t, client, horizon())}
			const seconds, size = 20, 128 << 10
			written := 0
			for i := range seconds * 8 {
				if count(putMany(t, client, size)) == 0 {
					t.Fatal("1 MiB a second is refused")
				}
				written += size
				if i%4 == 3 {
					p.poll(t)
				}
				time.Sleep(time.Second / 8)
			}
			t.Logf("%d others: %.2f MiB of %d are not read after %d s, %d of %d reads throttled", others, float64(written-p.bytes)/(1<<20), seconds, seconds, p.throttled, 2*seconds)
			if left := written - p.bytes; keepsUp && left > 2<<20 || !keepsUp && left < 15<<20 {
				t.Errorf("%d others: %d bytes are not read after %d s", others, left, seconds)
			}
		})
	}
}

func TestOtherReadersOfAClosedShardStopAndThoseOfItsChildrenGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := startInBubble(t, limited)
		if err := createShared(t, client, "5"); err != nil {
			t.Fatal(err)
		}
		putMany(t, client, 1<<20)
		parent := &poller{client: client, iterator: iterate(t, client, horizon())}
		split(t, client, 0, "170141183460469231731687303715884105728")
		child, err := client.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{StreamName: aws.String("s"), ShardId: shardID(1), ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
		if err != nil {
			t.Fatal(err)
		}
		of := &poller{client: client, iterator: child.ShardIterator}
		time.Sleep(10 * time.Second)
		begin := parent.iterator
		for range 20 {
			parent.iterator = begin // to read the closed shard, whose end was reached, over and over
			parent.poll(t)
			of.poll(t)
			time.Sleep(500 * time.Millisecond)
		}
		// 1 MiB is read twice a second, as fast as a shard gives it to one reader.
		if parent.throttled != 0 || of.throttled < 15 {
			t.Errorf("%d of 20 reads of the closed shard are throttled, and %d of 20 of its child", parent.throttled, of.throttled)
		}
	})
}

func TestOtherReadersDoNotTouchEnhancedFanOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := startInBubble(t, limited)
		if err := createShared(t, client, "20"); err != nil {
			t.Fatal(err)
		}
		stream := begin(t, client, register(t, client, "c"), 0, fromHorizon)
		event(t, stream) // of nothing
		for range 30 {
			if count(putMany(t, client, 1<<20)) == 0 {
				t.Fatal("1 MiB a second is refused")
			}
			stored := time.Now()
			if e := event(t, stream); len(e.Records) != 1 || time.Since(stored) != 0 {
				t.Errorf("%d records after %v", len(e.Records), time.Since(stored))
			}
			time.Sleep(time.Second)
		}
	})
}

func TestOtherReadersAreAWholeNumberOrTheStreamIsNotMade(t *testing.T) {
	client := start(t, limited, nil)
	for _, others := range []string{"", "some", "-1", "21", "1.5"} {
		wantError(t, createShared(t, client, others), "InvalidArgumentException",
			fmt.Sprintf("weir: the tag weir:other-readers is %q, and not a whole number between 0 and 20.", others))
	}
	if err := createShared(t, client, "20"); err != nil {
		t.Error(err)
	}
}

func TestOtherReadersTakeNothingWithoutLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := startInBubble(t, config)
		if err := createShared(t, client, "20"); err != nil {
			t.Fatal(err)
		}
		p := &poller{client: client, iterator: iterate(t, client, horizon())}
		for range 100 {
			p.poll(t)
			time.Sleep(10 * time.Millisecond)
		}
		if p.throttled > 0 {
			t.Errorf("%d reads are throttled", p.throttled)
		}
	})
}
