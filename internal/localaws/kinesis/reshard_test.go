package kinesis_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"
)

const middle = "170141183460469231731687303715884105728" // of all hash keys

func split(t testing.TB, client *sdk.Client, number int, at string) {
	t.Helper()
	if _, err := client.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: aws.String("s"), ShardToSplit: shardID(number), NewStartingHashKey: &at}); err != nil {
		t.Fatal(err)
	}
}

func merge(t testing.TB, client *sdk.Client, a, b int) {
	t.Helper()
	if _, err := client.MergeShards(t.Context(), &sdk.MergeShardsInput{StreamName: aws.String("s"), ShardToMerge: shardID(a), AdjacentShardToMerge: shardID(b)}); err != nil {
		t.Fatal(err)
	}
}

func shardID(number int) *string { return aws.String(fmt.Sprintf("shardId-%012d", number)) }

// shards are those that a filter lets through.
func shards(t testing.TB, client *sdk.Client, filter *types.ShardFilter) []types.Shard {
	t.Helper()
	out, err := client.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: aws.String("s"), ShardFilter: filter})
	if err != nil {
		t.Fatal(err)
	}
	return out.Shards
}

// readAll reads a shard from its beginning to its end, or to where there is no more by now, and gives the answer that ended it.
func readAll(t testing.TB, client *sdk.Client, number int) (data []string, last *sdk.GetRecordsOutput) {
	t.Helper()
	out, err := client.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{
		StreamName: aws.String("s"), ShardId: shardID(number), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	if err != nil {
		t.Fatal(err)
	}
	for iterator := out.ShardIterator; ; iterator = last.NextShardIterator {
		if last, err = client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(2)}); err != nil {
			t.Fatal(err)
		}
		for _, r := range last.Records {
			data = append(data, string(r.Data))
		}
		if last.NextShardIterator == nil || *last.MillisBehindLatest == 0 {
			return data, last
		}
	}
}

// It shows K11, K12.
func TestASplitShardEndsAndItsChildrenGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		last := ""
		for i := range 5 {
			last = put(t, client, "s", "k", fmt.Sprint("before ", i))
		}
		split(t, client, 0, middle)
		first := put(t, client, "s", "k", "after") // the hash of k is in the upper half
		if first <= last {
			t.Errorf("%s comes after %s", first, last)
		}
		data, end := readAll(t, client, 0)
		if len(data) != 5 || end.NextShardIterator != nil || *end.MillisBehindLatest != 0 {
			t.Errorf("the parent gave %q, and then %+v", data, end)
		}
		want := []types.ChildShard{
			{ShardId: shardID(1), ParentShards: []string{*shardID(0)}, HashKeyRange: &types.HashKeyRange{StartingHashKey: aws.String("0"), EndingHashKey: aws.String("170141183460469231731687303715884105727")}},
			{ShardId: shardID(2), ParentShards: []string{*shardID(0)}, HashKeyRange: &types.HashKeyRange{StartingHashKey: aws.String(middle), EndingHashKey: aws.String("340282366920938463463374607431768211455")}},
		}
		if diff := cmp.Diff(want, end.ChildShards, cmp.Comparer(sameChild)); diff != "" {
			t.Error(diff)
		}
		if data, end := readAll(t, client, 2); len(data) != 1 || data[0] != "after" || end.NextShardIterator == nil || end.ChildShards != nil {
			t.Errorf("the child gave %q, and then %+v", data, end)
		}
		all := shards(t, client, nil)
		parent, child := all[0], all[2]
		if parent.SequenceNumberRange.EndingSequenceNumber == nil || *parent.SequenceNumberRange.EndingSequenceNumber < last {
			t.Errorf("the parent ends at %v, behind its last record %s", parent.SequenceNumberRange.EndingSequenceNumber, last)
		}
		if *child.ParentShardId != *parent.ShardId || child.AdjacentParentShardId != nil || child.SequenceNumberRange.EndingSequenceNumber != nil ||
			*child.SequenceNumberRange.StartingSequenceNumber <= *parent.SequenceNumberRange.EndingSequenceNumber {
			t.Errorf("the child is %+v", child)
		}
	})
}

func sameChild(a, b types.ChildShard) bool {
	return *a.ShardId == *b.ShardId && slices.Equal(a.ParentShards, b.ParentShards) &&
		*a.HashKeyRange.StartingHashKey == *b.HashKeyRange.StartingHashKey && *a.HashKeyRange.EndingHashKey == *b.HashKeyRange.EndingHashKey
}

// It shows K14.
func TestMergedShardsBecomeOneWithTwoParents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 3)
		merge(t, client, 2, 1) // whichever comes first
		all := shards(t, client, nil)
		child := all[3]
		if len(all) != 4 || *child.ParentShardId != *shardID(1) || *child.AdjacentParentShardId != *shardID(2) ||
			*child.HashKeyRange.StartingHashKey != *all[1].HashKeyRange.StartingHashKey || *child.HashKeyRange.EndingHashKey != *all[2].HashKeyRange.EndingHashKey {
			t.Errorf("%+v", all)
		}
		_, err := client.MergeShards(t.Context(), &sdk.MergeShardsInput{StreamName: aws.String("s"), ShardToMerge: shardID(1), AdjacentShardToMerge: shardID(3)})
		wantError(t, err, "InvalidArgumentException",
			"Shard shardId-000000000001 in stream s under account 000000000000 has already been merged or split, and thus is not eligible for merging or splitting.")
	})
}

// It shows K11.
func TestIteratorsOfAClosedShardLeadToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		number := put(t, client, "s", "k", "only")
		time.Sleep(time.Second)
		split(t, client, 0, middle)
		time.Sleep(time.Second)
		ending := shards(t, client, nil)[0].SequenceNumberRange.EndingSequenceNumber
		for name, c := range map[string]struct {
			in   sdk.GetShardIteratorInput
			want int
		}{
			"LATEST":                {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeLatest}, 0},
			"TRIM_HORIZON":          {horizon(), 1},
			"AT_TIMESTAMP before":   {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: aws.Time(time.Now().Add(-2 * time.Second))}, 1},
			"AT_TIMESTAMP after":    {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: aws.Time(time.Now())}, 0},
			"AT_SEQUENCE_NUMBER":    {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: &number}, 1},
			"AFTER_SEQUENCE_NUMBER": {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: &number}, 0},
			"at the end":            {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: ending}, 0},
			"after the end":         {sdk.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: ending}, 0},
		} {
			out := get(t, client, iterate(t, client, c.in), 0)
			if len(out.Records) != c.want || out.NextShardIterator != nil || len(out.ChildShards) != 2 {
				t.Errorf("%s: %d records, next %v, %d children", name, len(out.Records), out.NextShardIterator, len(out.ChildShards))
			}
		}
	})
}

// It shows K18, K20.
func TestShardFiltersChooseByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 2) // 0 1
		begin := time.Now()
		time.Sleep(time.Hour)
		split(t, client, 0, "85070591730234615865843651857942052864") // 0 becomes 2 3
		time.Sleep(time.Hour)
		merge(t, client, 3, 1) // 3 1 become 4
		time.Sleep(time.Hour)
		at := func(kind types.ShardFilterType, hours float64) *types.ShardFilter {
			return &types.ShardFilter{Type: kind, Timestamp: aws.Time(begin.Add(time.Duration(hours * float64(time.Hour))))}
		}
		all := func() {
			t.Helper()
			for _, c := range []struct {
				filter *types.ShardFilter
				want   string
			}{
				{nil, "[0 1 2 3 4]"},
				{&types.ShardFilter{Type: types.ShardFilterTypeAfterShardId, ShardId: shardID(1)}, "[2 3 4]"},
				{&types.ShardFilter{Type: types.ShardFilterTypeAtLatest}, "[2 4]"},
				{&types.ShardFilter{Type: types.ShardFilterTypeAtTrimHorizon}, "[0 1]"},
				{&types.ShardFilter{Type: types.ShardFilterTypeFromTrimHorizon}, "[0 1 2 3 4]"},
				{at(types.ShardFilterTypeAtTimestamp, -5), "[0 1]"},
				{at(types.ShardFilterTypeAtTimestamp, 0.5), "[0 1]"},
				{at(types.ShardFilterTypeAtTimestamp, 1), "[1 2 3]"},
				{at(types.ShardFilterTypeAtTimestamp, 1.5), "[1 2 3]"},
				{at(types.ShardFilterTypeAtTimestamp, 2.5), "[2 4]"},
				{at(types.ShardFilterTypeFromTimestamp, 0.5), "[0 1 2 3 4]"},
				{at(types.ShardFilterTypeFromTimestamp, 1.5), "[1 2 3 4]"},
				{at(types.ShardFilterTypeFromTimestamp, 2.5), "[2 4]"},
			} {
				if got := numbers(shards(t, client, c.filter)); got != c.want {
					t.Errorf("%+v lets %s through, want %s", c.filter, got, c.want)
				}
			}
		}
		all()
		// A day after it closed, a shard is gone.
		time.Sleep(22*time.Hour + time.Minute)
		for filter, want := range map[types.ShardFilterType]string{"": "[1 2 3 4]", types.ShardFilterTypeAtTrimHorizon: "[1 2 3]", types.ShardFilterTypeFromTrimHorizon: "[1 2 3 4]"} {
			var f *types.ShardFilter
			if filter != "" {
				f = &types.ShardFilter{Type: filter}
			}
			if got := numbers(shards(t, client, f)); got != want {
				t.Errorf("a day later %s lets %s through, want %s", filter, got, want)
			}
		}
		_, err := getIterator(t, client, horizon())
		wantError(t, err, "ResourceNotFoundException", "Shard shardId-000000000000 in stream s under account 000000000000 does not exist")
	})
}

func numbers(shards []types.Shard) string {
	var out []int
	for _, shard := range shards {
		n := 0
		if _, err := fmt.Sscanf(*shard.ShardId, "shardId-%d", &n); err != nil {
			return err.Error()
		}
		out = append(out, n)
	}
	return fmt.Sprint(out)
}

// It shows K16.
func TestUpdateShardCountGivesEqualShards(t *testing.T) {
	// What AWS was seen to make of the first three (moto's tests): 2 to 4 and 4 to 2 make six shards in all, 4 to 5 fifteen.
	for _, c := range []struct{ from, to, all int32 }{{2, 4, 6}, {4, 2, 6}, {4, 5, 15}, {1, 2, 3}, {5, 3, 0}, {7, 7, 7}, {3, 5, 0}, {10, 13, 0}, {64, 33, 0}} {
		client := create(t, start(t, config, nil), "s", c.from)
		out, err := client.UpdateShardCount(t.Context(), &sdk.UpdateShardCountInput{
			StreamName: aws.String("s"), TargetShardCount: &c.to, ScalingType: types.ScalingTypeUniformScaling,
		})
		if err != nil || *out.CurrentShardCount != c.from || *out.TargetShardCount != c.to {
			t.Fatalf("%+v: %+v, %v", c, out, err)
		}
		all, open := shards(t, client, nil), shards(t, client, &types.ShardFilter{Type: types.ShardFilterTypeAtLatest})
		if len(open) != int(c.to) || c.all > 0 && len(all) != int(c.all) {
			t.Errorf("%+v: %d shards, %d of them open", c, len(all), len(open))
		}
		starts := make(map[string]bool)
		for _, shard := range open {
			starts[*shard.HashKeyRange.StartingHashKey] = true
		}
		for i := range c.to {
			start := new(big.Int).Mul(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(int64(i)))
			if start.Div(start, big.NewInt(int64(c.to))); !starts[start.String()] {
				t.Errorf("%+v: no shard begins at %v", c, start)
			}
		}
		checkLineage(t, all)
	}
}

// checkLineage checks that the ranges of a shard's parents hold its own, and that it begins where they end.
func checkLineage(t *testing.T, all []types.Shard) {
	t.Helper()
	byID := make(map[string]types.Shard)
	for _, shard := range all {
		byID[*shard.ShardId] = shard
	}
	for _, shard := range all {
		for _, id := range []*string{shard.ParentShardId, shard.AdjacentParentShardId} {
			if id == nil {
				continue
			}
			parent := byID[*id]
			low, high := bigInt(t, *parent.HashKeyRange.StartingHashKey), bigInt(t, *parent.HashKeyRange.EndingHashKey)
			start, end := bigInt(t, *shard.HashKeyRange.StartingHashKey), bigInt(t, *shard.HashKeyRange.EndingHashKey)
			if start.Cmp(high) > 0 || end.Cmp(low) < 0 {
				t.Errorf("shard %s has nothing of its parent %s", *shard.ShardId, *id)
			}
			if ending := parent.SequenceNumberRange.EndingSequenceNumber; ending == nil || *ending >= *shard.SequenceNumberRange.StartingSequenceNumber {
				t.Errorf("shard %s begins before its parent %s ends", *shard.ShardId, *id)
			}
		}
	}
}

// It shows K15, K17.
func TestReshardingObeysAWSsRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delayed := config
		delayed.CreateDelay = time.Second
		client := create(t, startInBubble(t, delayed), "s", 4)
		scale := func(to int32) error {
			_, err := client.UpdateShardCount(t.Context(), &sdk.UpdateShardCountInput{StreamName: aws.String("s"), TargetShardCount: &to, ScalingType: types.ScalingTypeUniformScaling})
			return err
		}
		wantError(t, scale(4), "ResourceInUseException", "Stream s under account 000000000000 not ACTIVE, instead in state CREATING")
		time.Sleep(time.Second)
		wantError(t, scale(9), "LimitExceededException", "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 4, Target shard count: 9")
		wantError(t, scale(1), "LimitExceededException", "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: 4, Target shard count: 1")
		for i := range 10 {
			if err := scale(int32(5 + i%2)); err != nil {
				t.Fatal(err)
			}
			wantError(t, scale(4), "ResourceInUseException", "Stream s under account 000000000000 not ACTIVE, instead in state UPDATING")
			put(t, client, "s", "k", "while it is UPDATING")
			time.Sleep(time.Second)
		}
		wantError(t, scale(5), "LimitExceededException", "Operation UpdateShardCount for stream s under account 000000000000 was called 10 times in the last 24 hours, which is its limit.")
		time.Sleep(24 * time.Hour)
		if err := scale(5); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		if _, err := client.UpdateStreamMode(t.Context(), &sdk.UpdateStreamModeInput{
			StreamARN: aws.String("arn:aws:kinesis:us-east-1:000000000000:stream/s"), StreamModeDetails: &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand},
		}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		wantError(t, scale(6), "ValidationException", "UpdateShardCount is not supported for stream s under account 000000000000, which has the on-demand capacity mode.")
	})
}

// It shows K20.
func TestARecordLivesForTheRetentionOfItsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 1)
		retain := func(hours int32) error {
			_, err := client.IncreaseStreamRetentionPeriod(t.Context(), &sdk.IncreaseStreamRetentionPeriodInput{StreamName: aws.String("s"), RetentionPeriodHours: &hours})
			return err
		}
		put(t, client, "s", "k", "first")
		time.Sleep(23 * time.Hour)
		put(t, client, "s", "k", "second")
		if data, _ := readAll(t, client, 0); len(data) != 2 {
			t.Errorf("after 23 hours there is %q", data)
		}
		if err := retain(48); err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		if data, _ := readAll(t, client, 0); len(data) != 2 {
			t.Errorf("after 47 hours of 48 there is %q", data)
		}
		wantError(t, retain(24), "InvalidArgumentException",
			"Requested retention period (24 hours) for stream s can not be shorter than existing retention period (48 hours). Use DecreaseRetentionPeriod API.")
		if _, err := client.DecreaseStreamRetentionPeriod(t.Context(), &sdk.DecreaseStreamRetentionPeriodInput{StreamName: aws.String("s"), RetentionPeriodHours: aws.Int32(25)}); err != nil {
			t.Fatal(err)
		}
		if data, _ := readAll(t, client, 0); len(data) != 1 || data[0] != "second" {
			t.Errorf("after 47 hours of 25 there is %q", data)
		}
	})
}

// It shows K21, K22.
func TestAStreamTakesTheRecordsThatItIsMadeFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := startInBubble(t, limited)
		if _, err := client.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1), MaxRecordSizeInKiB: aws.Int32(2048)}); err != nil {
			t.Fatal(err)
		}
		putOne := func(bytes int) error {
			_, err := client.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: make([]byte, bytes-1)})
			return err
		}
		if err := putOne(2 << 20); err != nil {
			t.Error(err)
		}
		wantError(t, putOne(2<<20+1), "ValidationException",
			"1 validation error detected: Value at 'data' failed to satisfy constraint: data and partition key must have a length of at most 2097152 bytes")
		if _, err := client.UpdateMaxRecordSize(t.Context(), &sdk.UpdateMaxRecordSizeInput{
			StreamARN: aws.String("arn:aws:kinesis:us-east-1:000000000000:stream/s"), MaxRecordSizeInKiB: aws.Int32(10240),
		}); err != nil {
			t.Fatal(err)
		}
		// A shard bursts to 10 MiB, of which two are gone, and gets one a second back.
		wantError(t, putOne(10<<20), "ProvisionedThroughputExceededException", rateExceeded)
		time.Sleep(2 * time.Second)
		if err := putOne(10 << 20); err != nil {
			t.Error(err)
		}
		wantError(t, putOne(1000), "ProvisionedThroughputExceededException", rateExceeded)
		time.Sleep(time.Second)
		if out := get(t, client, iterate(t, client, horizon()), 0); len(out.Records) != 1 || len(out.Records[0].Data) != 2<<20-1 {
			t.Errorf("%d records", len(out.Records))
		}
	})
}
