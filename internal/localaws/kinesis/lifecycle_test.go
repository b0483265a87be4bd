package kinesis_test

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"
)

func TestAStreamWhoseMonitoringIsChangedIsUpdating(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delayed := config
		delayed.CreateDelay = time.Second
		client := create(t, startInBubble(t, delayed), "s", 1)
		time.Sleep(time.Second)
		monitor := func() error {
			_, err := client.EnableEnhancedMonitoring(t.Context(), &sdk.EnableEnhancedMonitoringInput{
				StreamName: aws.String("s"), ShardLevelMetrics: []types.MetricsName{types.MetricsNameAll},
			})
			return err
		}
		if err := monitor(); err != nil {
			t.Fatal(err)
		}
		wantError(t, monitor(), "ResourceInUseException", "Stream s under account 000000000000 not ACTIVE, instead in state UPDATING")
		time.Sleep(time.Second)
		if err := monitor(); err != nil {
			t.Error(err)
		}
	})
}

// It shows K24.
func TestStreamIsCreatingThenActiveThenGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delayed := config
		delayed.CreateDelay = 50 * time.Millisecond
		client := create(t, startInBubble(t, delayed), "s", 2)
		summary := func() *types.StreamDescriptionSummary {
			out, err := client.DescribeStreamSummary(t.Context(), &sdk.DescribeStreamSummaryInput{StreamName: aws.String("s")})
			if err != nil {
				t.Fatal(err)
			}
			return out.StreamDescriptionSummary
		}
		if got := summary().StreamStatus; got != types.StreamStatusCreating {
			t.Errorf("a new stream is %s", got)
		}
		_, err := client.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: []byte("d")})
		wantError(t, err, "ResourceNotFoundException", "Stream s under account 000000000000 not found.")
		time.Sleep(delayed.CreateDelay)
		got := summary()
		if got.StreamStatus != types.StreamStatusActive || *got.OpenShardCount != 2 || got.StreamModeDetails.StreamMode != types.StreamModeProvisioned {
			t.Errorf("later it is %+v", got)
		}
		if age := time.Since(*got.StreamCreationTimestamp); age != delayed.CreateDelay {
			t.Errorf("it was made %v ago", age)
		}
		put(t, client, "s", "k", "d")
		if _, err := client.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamARN: got.StreamARN}); err != nil {
			t.Fatal(err)
		}
		_, err = client.DescribeStreamSummary(t.Context(), &sdk.DescribeStreamSummaryInput{StreamName: aws.String("s")})
		var missing *types.ResourceNotFoundException
		if !errors.As(err, &missing) {
			t.Errorf("after its deletion: %v", err)
		}
	})
}

func TestStreamOfAnotherAccountIsNotFound(t *testing.T) {
	client := create(t, start(t, config, nil), "s", 1)
	for arn, found := range map[string]bool{
		"arn:aws:kinesis:us-east-1:000000000000:stream/s": true,
		"arn:aws:kinesis:us-east-1:111111111111:stream/s": false,
		"arn:aws:kinesis:eu-west-1:000000000000:stream/s": false,
	} {
		_, err := client.DescribeStreamSummary(t.Context(), &sdk.DescribeStreamSummaryInput{StreamARN: &arn})
		if found != (err == nil) {
			t.Errorf("%s: %v", arn, err)
		}
	}
}

// It shows K25.
func TestOnDemandStreamHasFourShards(t *testing.T) {
	client := start(t, config, nil)
	_, err := client.CreateStream(t.Context(), &sdk.CreateStreamInput{
		StreamName: aws.String("s"), StreamModeDetails: &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.DescribeStream(t.Context(), &sdk.DescribeStreamInput{StreamName: aws.String("s")})
	if err != nil {
		t.Fatal(err)
	}
	if d := out.StreamDescription; len(d.Shards) != 4 || *d.HasMoreShards || d.StreamModeDetails.StreamMode != types.StreamModeOnDemand {
		t.Errorf("%+v", d)
	}
}

func TestShardsDivideTheHashKeysEvenlyAndWithoutGaps(t *testing.T) {
	client := start(t, config, nil)
	space := new(big.Int).Lsh(big.NewInt(1), 128)
	for _, n := range []int32{1, 3, 4, 24, 1000} {
		name := fmt.Sprint("s", n)
		create(t, client, name, n)
		out, err := client.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Shards) != int(n) || out.NextToken != nil {
			t.Fatalf("%d shards of %d, next %v", len(out.Shards), n, out.NextToken)
		}
		next := new(big.Int)
		least := new(big.Int).Div(space, big.NewInt(int64(n)))
		for i, shard := range out.Shards {
			first, last := bigInt(t, *shard.HashKeyRange.StartingHashKey), bigInt(t, *shard.HashKeyRange.EndingHashKey)
			if want := fmt.Sprintf("shardId-%012d", i); *shard.ShardId != want {
				t.Errorf("shard %s, want %s", *shard.ShardId, want)
			}
			if first.Cmp(next) != 0 {
				t.Errorf("%d shards: shard %d begins at %v, want %v", n, i, first, next)
			}
			next.Add(last, big.NewInt(1))
			size := new(big.Int).Sub(next, first)
			if over := size.Sub(size, least); over.Sign() < 0 || over.Cmp(big.NewInt(1)) > 0 {
				t.Errorf("%d shards: shard %d is %v keys off an even share", n, i, over)
			}
		}
		if next.Cmp(space) != 0 {
			t.Errorf("%d shards end before %v", n, next)
		}
	}
}

func bigInt(t *testing.T, text string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return n
}

func TestListsComeByThePage(t *testing.T) {
	client := start(t, config, nil)
	var names []string
	for i := range 5 {
		names = append(names, fmt.Sprint("s", i))
		create(t, client, names[i], 5)
	}
	var streams []string
	for page := sdk.NewListStreamsPaginator(client, &sdk.ListStreamsInput{Limit: aws.Int32(2)}); page.HasMorePages(); {
		out, err := page.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(out.StreamNames) > 2 || *out.HasMoreStreams != (out.NextToken != nil) {
			t.Errorf("page %+v", out)
		}
		streams = append(streams, out.StreamNames...)
	}
	if diff := cmp.Diff(names, streams); diff != "" {
		t.Error(diff)
	}
	ids := shardIDs(t, client, &sdk.ListShardsInput{StreamName: aws.String("s1"), MaxResults: aws.Int32(2)})
	if len(ids) != 5 || !slices.IsSorted(ids) || !strings.HasSuffix(ids[4], "4") {
		t.Errorf("shards %v", ids)
	}
}

func TestShardFilterAfterAShardHoldsForAllPages(t *testing.T) {
	client := create(t, start(t, config, nil), "s", 6)
	in := &sdk.ListShardsInput{
		StreamName: aws.String("s"), MaxResults: aws.Int32(2),
		ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAfterShardId, ShardId: aws.String("shardId-000000000002")},
	}
	ids := shardIDs(t, client, in)
	if diff := cmp.Diff([]string{"shardId-000000000003", "shardId-000000000004", "shardId-000000000005"}, ids); diff != "" {
		t.Error(diff)
	}
}

// shardIDs follows the pages of a list of shards.
func shardIDs(t *testing.T, client *sdk.Client, in *sdk.ListShardsInput) (ids []string) {
	t.Helper()
	for {
		out, err := client.ListShards(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Shards) > int(*in.MaxResults) {
			t.Errorf("%d shards in a page of %d", len(out.Shards), *in.MaxResults)
		}
		for _, shard := range out.Shards {
			ids = append(ids, *shard.ShardId)
		}
		if out.NextToken == nil {
			return ids
		}
		// A token brings all else along.
		in = &sdk.ListShardsInput{NextToken: out.NextToken, MaxResults: in.MaxResults}
	}
}

// It shows K19.
func TestTokensOfListShardsExpireAfterFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := create(t, startInBubble(t, config), "s", 2)
		out, err := client.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: aws.String("s"), MaxResults: aws.Int32(1)})
		if err != nil {
			t.Fatal(err)
		}
		more := func() error {
			_, err := client.ListShards(t.Context(), &sdk.ListShardsInput{NextToken: out.NextToken})
			return err
		}
		time.Sleep(5 * time.Minute)
		if err := more(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Millisecond)
		if _, expired := errors.AsType[*types.ExpiredNextTokenException](more()); !expired {
			t.Error("a token is taken after five minutes")
		}
	})
}
