package kinesis_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

func TestRecordComesBackAsItWasPut(t *testing.T) {
	client := create(t, start(t, config, nil), "s", 1)
	before := time.Now().Add(-time.Millisecond)
	data := []byte{0, 1, 0xFF, '"', '\n'}
	out, err := client.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("käse|\""), Data: data})
	if err != nil {
		t.Fatal(err)
	}
	got := get(t, client, iterate(t, client, horizon()), 0)
	if len(got.Records) != 1 {
		t.Fatalf("%d records", len(got.Records))
	}
	r := got.Records[0]
	if !bytes.Equal(r.Data, data) || *r.PartitionKey != "käse|\"" || *r.SequenceNumber != *out.SequenceNumber || len(*r.SequenceNumber) != 56 {
		t.Errorf("%q %q %q", r.Data, *r.PartitionKey, *r.SequenceNumber)
	}
	if at := *r.ApproximateArrivalTimestamp; at.Before(before) || at.After(time.Now()) || at.Nanosecond()%1e6 != 0 {
		t.Errorf("arrived %v", at)
	}
}

// It shows K1.
func TestRecordsGoToTheShardOfTheirHash(t *testing.T) {
	const shards = 7
	client := create(t, start(t, config, nil), "s", shards)
	listed, err := client.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: aws.String("s")})
	if err != nil {
		t.Fatal(err)
	}
	// want is the shard that holds a hash, by the definition and not by a search.
	want := func(hash *big.Int) string {
		for _, s := range listed.Shards {
			if bigInt(t, *s.HashKeyRange.StartingHashKey).Cmp(hash) <= 0 && hash.Cmp(bigInt(t, *s.HashKeyRange.EndingHashKey)) <= 0 {
				return *s.ShardId
			}
		}
		return ""
	}
	in := &sdk.PutRecordsInput{StreamName: aws.String("s")}
	var hashes []*big.Int
	for i := range 200 {
		key := fmt.Sprint("key-", i)
		sum := md5.Sum([]byte(key))
		in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: &key, Data: []byte("d")})
		hashes = append(hashes, new(big.Int).SetBytes(sum[:]))
	}
	for _, s := range listed.Shards {
		for _, explicit := range []*string{s.HashKeyRange.StartingHashKey, s.HashKeyRange.EndingHashKey} {
			in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: aws.String("k"), ExplicitHashKey: explicit, Data: []byte("d")})
			hashes = append(hashes, bigInt(t, *explicit))
		}
	}
	out, err := client.PutRecords(t.Context(), in)
	if err != nil || *out.FailedRecordCount != 0 {
		t.Fatal(err, out)
	}
	for i, r := range out.Records {
		if *r.ShardId != want(hashes[i]) {
			t.Errorf("hash %v is in %s, want %s", hashes[i], *r.ShardId, want(hashes[i]))
		}
	}
}

func TestSequenceNumbersRiseInAShardAndAreUniqueWhoeverWrites(t *testing.T) {
	client := create(t, start(t, config, nil), "s", 2)
	var mu sync.Mutex
	acked := map[string]string{}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for call := range 5 {
				in := &sdk.PutRecordsInput{StreamName: aws.String("s")}
				for i := range 50 {
					key := fmt.Sprint(w, "-", call, "-", i)
					in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: &key, Data: []byte(key)})
				}
				out, err := client.PutRecords(t.Context(), in)
				if err != nil || *out.FailedRecordCount != 0 {
					t.Error(err)
					return
				}
				mu.Lock()
				for i, r := range out.Records {
					acked[*r.SequenceNumber] = *in.Records[i].PartitionKey
				}
				mu.Unlock()
			}
		})
	}
	writers.Wait()
	if len(acked) != 4*5*50 {
		t.Errorf("%d sequence numbers for %d records", len(acked), 4*5*50)
	}
	found := 0
	for _, shard := range []string{"shardId-000000000000", "shardId-000000000001"} {
		it, err := client.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{
			StreamName: aws.String("s"), ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		if err != nil {
			t.Fatal(err)
		}
		last := ""
		for iterator, behind := it.ShardIterator, int64(1); behind > 0; {
			out := get(t, client, iterator, 77)
			for _, r := range out.Records {
				if *r.SequenceNumber <= last {
					t.Fatalf("%s after %s", *r.SequenceNumber, last)
				}
				last = *r.SequenceNumber
				if acked[last] != *r.PartitionKey || string(r.Data) != *r.PartitionKey {
					t.Fatalf("%s is %s, and was acknowledged as %s", last, *r.PartitionKey, acked[last])
				}
				found++
			}
			iterator, behind = out.NextShardIterator, *out.MillisBehindLatest
		}
	}
	if found != len(acked) {
		t.Errorf("%d of %d records found", found, len(acked))
	}
}

// It shows K10.
func TestMillisBehindLatestIsTheAgeOfTheNextUnreadRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		iterator := iterate(t, client, horizon())
		check := func(what string, limit int32, records int, behind time.Duration) {
			t.Helper()
			out := get(t, client, iterator, limit)
			if len(out.Records) != records || *out.MillisBehindLatest != behind.Milliseconds() {
				t.Errorf("%s: %d records, %d ms behind, want %d and %v", what, len(out.Records), *out.MillisBehindLatest, records, behind)
			}
			iterator = out.NextShardIterator
		}
		check("an empty shard", 0, 0, 0)
		for range 4 {
			put(t, client, "s", "k", "d")
			time.Sleep(time.Second)
		}
		check("three of four unread, the oldest of them put 3 s ago", 1, 1, 3*time.Second)
		check("two unread", 1, 1, 2*time.Second)
		time.Sleep(10 * time.Second)
		check("one unread, 11 s old", 1, 1, 11*time.Second)
		put(t, client, "s", "k", "d")
		check("one put in this very millisecond is unread", 1, 1, time.Millisecond)
		check("the tip, though the page is full", 1, 1, 0)
		check("the tip", 0, 0, 0)
	})
}

// The SDK closes its request as soon as an answer begins, and net/http drops the connection if it has not quite written the request by
// then. This client is as a user's: nothing about it is made to measure. In a bubble, the server's millisecond is over when the
// client has nothing left to write, so that this fails only if there is no such millisecond.
func TestStockClientGetsBigAnswersWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 200)
		broken := 0
		for range 150 {
			if out, err := client.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: aws.String("s")}); err != nil || len(out.Shards) != 200 {
				broken++
			}
		}
		if broken > 0 {
			t.Errorf("%d of 150 answers broke", broken)
		}
	})
}

func TestStockClientGetsRecordsAtOnceFromSeveralReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		in := &sdk.PutRecordsInput{StreamName: aws.String("s")}
		for i := range 500 {
			in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: aws.String(fmt.Sprint(i)), Data: bytes.Repeat([]byte{'x'}, 1000)})
		}
		for range 2 {
			if out, err := client.PutRecords(t.Context(), in); err != nil || *out.FailedRecordCount != 0 {
				t.Fatal(err, out)
			}
		}
		iterator := iterate(t, client, horizon())
		var readers sync.WaitGroup
		for range 2 {
			readers.Go(func() {
				for range 3 {
					out, err := client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: iterator})
					if err != nil || len(out.Records) != 1000 {
						t.Errorf("a big answer broke: %v", err)
						return
					}
				}
			})
		}
		readers.Wait()
	})
}

// A shard that throttles its reader says the truth in the answers that it gives: what is left is as old as it is.
func TestMillisBehindLatestIsTrueWhereTheShardThrottlesItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		first := time.Now()
		for range 25 { // of 1 MiB each, one a second
			putMany(t, client, 1<<20)
			time.Sleep(time.Second)
		}
		p := &poller{client: client, iterator: iterate(t, client, horizon())}
		for range 200 {
			asked := time.Now()
			behind, records := p.poll(t)
			next := first.Add(time.Duration(p.bytes>>20) * time.Second)
			if records > 0 && p.bytes < 25<<20 && behind != asked.Sub(next) {
				t.Errorf("%d MiB are read: %v behind, and the next record is %v old", p.bytes>>20, behind, asked.Sub(next))
			}
			if records > 0 && p.bytes == 25<<20 && behind != 0 {
				t.Errorf("all is read: %v behind", behind)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if p.bytes != 25<<20 || p.throttled < 90 {
			t.Errorf("%d MiB are read, and %d reads throttled", p.bytes>>20, p.throttled)
		}
	})
}

// So does a subscription, which sends 2 MiB a second.
func TestMillisBehindLatestIsTrueInTheEventsOfASubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, limited), "s", 1)
		first := time.Now()
		for range 10 {
			putMany(t, client, 1<<20)
			time.Sleep(time.Second)
		}
		stream := begin(t, client, register(t, client, "c"), 0, fromHorizon)
		for read := 1; read <= 10; read++ {
			e := event(t, stream)
			behind, next := time.Duration(*e.MillisBehindLatest)*time.Millisecond, first.Add(time.Duration(read)*time.Second)
			if want := time.Since(next).Truncate(time.Millisecond); len(e.Records) != 1 || read < 10 && behind != want || read == 10 && behind != 0 {
				t.Errorf("event %d has %d records and is %v behind; the next record is %v old", read, len(e.Records), behind, want)
			}
		}
	})
}
