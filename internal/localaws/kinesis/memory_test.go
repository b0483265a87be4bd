package kinesis_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"

	"weir/internal/localaws/kinesis"
)

// tenRecords is a Kinesis whose memory holds ten records of 1,000 bytes and not eleven.
var tenRecords = kinesis.Config{Region: config.Region, Account: config.Account, MemoryBytes: 11_000, Retention: time.Minute}

// fill puts records of 1,000 bytes until one fails, and says how many were stored.
func fill(t *testing.T, client *sdk.Client) (stored int) {
	t.Helper()
	for ; stored < 100; stored++ {
		if err := putKiB(t, client); err != nil {
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != "WeirMemoryExhausted" {
				t.Fatal(err)
			}
			return stored
		}
	}
	t.Fatal("the memory has no bound")
	return 0
}

func putKiB(t *testing.T, client *sdk.Client) error {
	_, err := client.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: make([]byte, 999)})
	return err
}

func TestAtTheMemoryBoundOnlyOldRecordsThatWerePassedGo(t *testing.T) {
	for name, c := range map[string]struct {
		wait time.Duration
		// read is how many records the one reader has read, -1 where there is no reader.
		read int32
		room int
	}{
		"nobody reads, all is young":              {time.Minute - time.Second, -1, 0},
		"nobody reads, all is old":                {time.Minute + time.Second, -1, 10},
		"four were read, all is old":              {time.Minute + time.Second, 4, 4},
		"all was read, all is young":              {time.Minute - time.Second, 10, 0},
		"none was read, all is old":               {time.Minute + time.Second, 0, 0},
		"the reader's iterator expired meanwhile": {6 * time.Minute, 4, 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := create(t, startInBubble(t, tenRecords), "s", 1)
				if n := fill(t, client); n != 10 {
					t.Fatalf("%d records fit", n)
				}
				if c.read >= 0 {
					iterator := iterate(t, client, horizon())
					if c.read > 0 {
						iterator = get(t, client, iterator, c.read).NextShardIterator
						// It has what it read only when it asks for more.
						get(t, client, iterator, 1)
					}
				}
				time.Sleep(c.wait)
				if n := fill(t, client); n != c.room {
					t.Errorf("room for %d records, want %d", n, c.room)
				}
			})
		})
	}
}

// Once nothing could go, a put is refused without a look at every shard and reader; a moment later it looks again.
func TestAPutThatFindsNoRoomLooksAgainAfterAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, tenRecords), "s", 1)
		fill(t, client)
		time.Sleep(time.Minute - 10*time.Millisecond)
		if putKiB(t, client) == nil {
			t.Fatal("a record went before its time")
		}
		time.Sleep(50 * time.Millisecond)
		if putKiB(t, client) == nil {
			t.Error("it looked again after 50 ms")
		}
		time.Sleep(60 * time.Millisecond)
		if err := putKiB(t, client); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatWasTrimmedIsPassedOverByAllIterators(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, tenRecords), "s", 1)
		first := put(t, client, "s", "k", string(make([]byte, 999)))
		fill(t, client)
		time.Sleep(2 * time.Minute)
		if err := putKiB(t, client); err != nil {
			t.Fatal(err)
		}
		for name, in := range map[string]sdk.GetShardIteratorInput{
			"TRIM_HORIZON":          horizon(),
			"AT_SEQUENCE_NUMBER":    {ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: &first},
			"AFTER_SEQUENCE_NUMBER": {ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: &first},
		} {
			// Of eleven records the first one is gone: no more than is needed goes at once.
			out := get(t, client, iterate(t, client, in), 0)
			if len(out.Records) != 10 || *out.Records[0].SequenceNumber == first || *out.MillisBehindLatest != 0 {
				t.Errorf("%s: %d records", name, len(out.Records))
			}
		}
	})
}

func TestDeletedStreamGivesItsMemoryBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := startInBubble(t, tenRecords)
		for range 3 {
			create(t, client, "s", 1)
			if n := fill(t, client); n != 10 {
				t.Errorf("%d records fit", n)
			}
			if _, err := client.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: aws.String("s")}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestThrottledRecordTakesNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bounded := limited
		bounded.MemoryBytes = 2 << 20
		client := create(t, startInBubble(t, bounded), "s", 1)
		putMany(t, client, 1<<20)
		for range 3 {
			if n := count(putMany(t, client, 900<<10)); n != 0 {
				t.Fatal("two MiB at once")
			}
		}
		time.Sleep(time.Second)
		if n := count(putMany(t, client, 900<<10)); n != 1 {
			t.Error("no memory for a record, though one alone is held")
		}
	})
}
