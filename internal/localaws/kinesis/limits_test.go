package kinesis_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/localaws/kinesis"
)

var limited = kinesis.Config{Region: config.Region, Account: config.Account, Limits: true}

const rateExceeded = "Rate exceeded for shard shardId-000000000000 in stream s under account 000000000000."

// putMany puts n records of so many bytes, data and key, in one call, and says which were stored.
func putMany(t *testing.T, client *sdk.Client, sizes ...int) (stored []bool) {
	t.Helper()
	in := &sdk.PutRecordsInput{StreamName: aws.String("s")}
	for _, size := range sizes {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: aws.String("key"), Data: make([]byte, size-len("key"))})
	}
	out, err := client.PutRecords(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, r := range out.Records {
		stored = append(stored, r.ErrorCode == nil)
		switch {
		case r.ErrorCode == nil && (r.SequenceNumber == nil || r.ShardId == nil):
			t.Error("a stored record without its sequence number or shard")
		case r.ErrorCode != nil:
			failed++
			if *r.ErrorCode != "ProvisionedThroughputExceededException" || *r.ErrorMessage != rateExceeded || r.SequenceNumber != nil {
				t.Errorf("a record failed with %s: %s", *r.ErrorCode, *r.ErrorMessage)
			}
		}
	}
	if int(*out.FailedRecordCount) != failed {
		t.Errorf("FailedRecordCount %d, and %d failed", *out.FailedRecordCount, failed)
	}
	return stored
}

func count(stored []bool) (n int) {
	for _, ok := range stored {
		if ok {
			n++
		}
	}
	return n
}

func repeat(n, size int) []int {
	sizes := make([]int, n)
	for i := range sizes {
		sizes[i] = size
	}
	return sizes
}

// It shows K2, K3.
func TestShardTakesAThousandRecordsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		time.Sleep(time.Minute) // saves up one second's worth, and no more
		begin, stored := time.Now(), 0
		for call := range 8 {
			at := time.Since(begin)
			n := count(putMany(t, client, repeat(500, 10)...))
			stored += n
			if due := 1000 + int(at.Milliseconds()); n < 500 && stored != due {
				t.Errorf("%d records by %v, want %d", stored, at, due)
			}
			if call >= 3 {
				time.Sleep(100 * time.Millisecond)
			}
		}
		putMany(t, client, repeat(500, 10)...)
		in := &sdk.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: []byte("d")}
		if _, err := client.PutRecord(t.Context(), in); err != nil {
			t.Errorf("the one record of a millisecond: %v", err)
		}
		_, err := client.PutRecord(t.Context(), in)
		wantError(t, err, "ProvisionedThroughputExceededException", rateExceeded)
	})
}

// It shows K2.
func TestShardTakesAMiBASecondOfDataAndKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		if n := count(putMany(t, client, repeat(20, 64<<10)...)); n != 16 {
			t.Errorf("%d of 64 KiB at once", n)
		}
		time.Sleep(time.Second / 2)
		if n := count(putMany(t, client, repeat(20, 64<<10)...)); n != 8 {
			t.Errorf("%d of 64 KiB after half a second", n)
		}
	})
}

// It shows K4.
func TestLaterRecordOfACallIsStoredAfterAnEarlierOneFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		got := putMany(t, client, 900<<10, 200<<10, 100<<10, 100<<10, 24<<10)
		if fmt.Sprint(got) != "[true false true false true]" {
			t.Error(got)
		}
	})
}

func TestShardsAreLimitedEachForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 2)
		in := &sdk.PutRecordsInput{StreamName: aws.String("s")}
		for range 500 {
			in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: aws.String("k"), ExplicitHashKey: aws.String("0"), Data: []byte("d")})
		}
		for range 3 {
			if _, err := client.PutRecords(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		for i := range in.Records {
			in.Records[i].ExplicitHashKey = aws.String("340282366920938463463374607431768211455")
		}
		out, err := client.PutRecords(t.Context(), in)
		if err != nil || *out.FailedRecordCount != 0 {
			t.Errorf("%v: %d of the other shard failed", err, *out.FailedRecordCount)
		}
	})
}

// It shows K5.
func TestShardIsReadFiveTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		iterator := iterate(t, client, horizon())
		refused := 0
		// Ten calls a second, by two readers: the saved-up second goes first, and then every other call is refused.
		for range 100 {
			if _, err := client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: iterator}); err != nil {
				wantError(t, err, "ProvisionedThroughputExceededException", rateExceeded)
				refused++
			}
			time.Sleep(100 * time.Millisecond)
		}
		if refused < 45 || refused > 47 {
			t.Errorf("%d of 100 calls in 10 s refused", refused)
		}
	})
}

// It shows K7.
func TestShardGivesFiveIteratorsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		for range 5 {
			iterate(t, client, horizon())
		}
		_, err := getIterator(t, client, horizon())
		wantError(t, err, "ProvisionedThroughputExceededException", rateExceeded)
		time.Sleep(200 * time.Millisecond)
		iterate(t, client, horizon())
	})
}

// "If a call to GetRecords returns 10 MiB, subsequent calls made within the next five seconds throw an exception" (API reference).
//
// It shows K6.
func TestAnswerHoldsTenMiBAndBlocksTheShardForFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		for range 12 {
			if n := count(putMany(t, client, 1<<20)); n != 1 {
				t.Fatal("a MiB a second was refused")
			}
			time.Sleep(time.Second)
		}
		iterator := iterate(t, client, horizon())
		out := get(t, client, iterator, 0)
		if len(out.Records) != 10 {
			t.Fatalf("%d records of 1 MiB", len(out.Records))
		}
		time.Sleep(5*time.Second - time.Millisecond)
		_, err := client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: out.NextShardIterator})
		wantError(t, err, "ProvisionedThroughputExceededException", rateExceeded)
		time.Sleep(2 * time.Millisecond)
		if out = get(t, client, out.NextShardIterator, 0); len(out.Records) != 2 {
			t.Errorf("then %d records", len(out.Records))
		}
	})
}

// It shows K5.
func TestShardGivesTwoMiBASecondToAllItsReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		for range 9 {
			putMany(t, client, 1<<20)
			time.Sleep(time.Second)
		}
		iterators := []*string{iterate(t, client, horizon()), iterate(t, client, horizon())}
		given, begin := 0, time.Now()
		for time.Since(begin) < 3*time.Second {
			for i := range iterators {
				out, err := client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: iterators[i], Limit: aws.Int32(1)})
				if err != nil {
					wantError(t, err, "ProvisionedThroughputExceededException", rateExceeded)
					continue
				}
				given += len(out.Records)
				iterators[i] = out.NextShardIterator
			}
			time.Sleep(50 * time.Millisecond)
		}
		// 2 MiB a second, a second's worth saved up, and one answer on credit.
		if given < 6 || given > 9 {
			t.Errorf("%d MiB in 3 s", given)
		}
	})
}

func TestNothingThrottlesWithoutLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		for range 3 {
			if n := count(putMany(t, client, repeat(500, 3<<10)...)); n != 500 {
				t.Errorf("%d of 500", n)
			}
		}
		for range 10 {
			get(t, client, iterate(t, client, horizon()), 1)
		}
	})
}
