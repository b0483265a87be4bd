package kinesis_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// It shows K9.
func TestIteratorTypesStartWhereTheySay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		listed, err := client.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: aws.String("s")})
		if err != nil {
			t.Fatal(err)
		}
		beginning := listed.Shards[0].SequenceNumberRange.StartingSequenceNumber
		origin := time.Now()
		var sequences []*string
		// Records 0 and 1 arrive at 0 ms, 2 and 3 at 10 ms, 4 and 5 at 20 ms.
		for i := range 6 {
			sequences = append(sequences, aws.String(put(t, client, "s", "k", fmt.Sprint(i))))
			if i%2 == 1 {
				time.Sleep(10 * time.Millisecond)
			}
		}
		at := func(d time.Duration) *time.Time { return aws.Time(origin.Add(d)) }
		const ms = time.Millisecond
		for name, c := range map[string]struct {
			in    sdk.GetShardIteratorInput
			first int
		}{
			"TRIM_HORIZON":                   {horizon(), 0},
			"LATEST":                         {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeLatest}, 6},
			"AT_SEQUENCE_NUMBER":             {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: sequences[3]}, 3},
			"AFTER_SEQUENCE_NUMBER":          {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: sequences[3]}, 4},
			"AFTER_SEQUENCE_NUMBER, newest":  {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: sequences[5]}, 6},
			"AT the shard's beginning":       {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: beginning}, 0},
			"AFTER the shard's beginning":    {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: beginning}, 0},
			"AT_TIMESTAMP, long before":      {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: at(-time.Hour)}, 0},
			"AT_TIMESTAMP, a record's":       {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: at(10 * ms)}, 2},
			"AT_TIMESTAMP, 1 ms after":       {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: at(11 * ms)}, 4},
			"AT_TIMESTAMP, 1 ms before":      {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: at(9 * ms)}, 2},
			"AT_TIMESTAMP, after the newest": {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: at(30 * ms)}, 6},
		} {
			out := get(t, client, iterate(t, client, c.in), 0)
			if len(out.Records) != 6-c.first || (len(out.Records) > 0 && string(out.Records[0].Data) != fmt.Sprint(c.first)) {
				t.Errorf("%s: %d records, want from %d on", name, len(out.Records), c.first)
			}
		}
		_, err = getIterator(t, client, sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: at(time.Hour)})
		wantError(t, err, "InvalidArgumentException", "")
	})
}

// It shows K9.
func TestLatestIsFixedWhenItIsIssued(t *testing.T) {
	client := create(t, start(t, config, nil), "s", 1)
	put(t, client, "s", "k", "before")
	latest := iterate(t, client, sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeLatest})
	put(t, client, "s", "k", "after")
	for range 2 { // an iterator may be used again
		if out := get(t, client, latest, 0); len(out.Records) != 1 || string(out.Records[0].Data) != "after" {
			t.Errorf("%d records", len(out.Records))
		}
	}
}

// It shows K8.
func TestIteratorLivesFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		first := iterate(t, client, horizon())
		time.Sleep(5 * time.Minute)
		next := get(t, client, first, 0).NextShardIterator
		time.Sleep(time.Millisecond)
		_, err := client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: first})
		wantError(t, err, "ExpiredIteratorException",
			"Iterator expired. The iterator was created at time Sat Jan  1 00:00:00 UTC 2000 while right now it is Sat Jan  1 00:05:00 UTC 2000 which is further in the future than the tolerated delay of 300000 milliseconds.")
		get(t, client, next, 0)
	})
}

func TestTokensThatWereNotIssuedAreRefused(t *testing.T) {
	client := create(t, start(t, config, nil), "s", 1)
	other := create(t, start(t, config, nil), "s", 1)
	issued := *iterate(t, client, horizon())
	raw, err := base64.URLEncoding.DecodeString(issued)
	if err != nil {
		t.Fatal(err)
	}
	raw[31]++ // the index
	for name, token := range map[string]string{
		"garbage":          "AAAA",
		"no base64":        "%%%",
		"truncated":        issued[:len(issued)-4],
		"of another place": base64.URLEncoding.EncodeToString(raw),
		"long":             strings.Repeat("A", 512),
		"of another AWS":   *iterate(t, other, horizon()),
	} {
		_, err := client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: &token})
		if wantError(t, err, "InvalidArgumentException", "Invalid ShardIterator."); t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestSequenceNumberOfAnEarlierStreamOfTheNameIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		old := put(t, client, "s", "k", "d")
		iterator := iterate(t, client, horizon())
		if _, err := client.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: aws.String("s")}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
		create(t, client, "s", 1)
		put(t, client, "s", "k", "d")
		for _, kind := range []types.ShardIteratorType{types.ShardIteratorTypeAtSequenceNumber, types.ShardIteratorTypeAfterSequenceNumber} {
			_, err := getIterator(t, client, sdk.GetShardIteratorInput{ShardIteratorType: kind, StartingSequenceNumber: &old})
			wantError(t, err, "InvalidArgumentException", "StartingSequenceNumber "+old+
				" used in GetShardIterator on shard shardId-000000000000 in stream s under account 000000000000 is invalid because it did not come from this stream.")
		}
		_, err := client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: iterator})
		wantError(t, err, "ResourceNotFoundException", "")
	})
}
