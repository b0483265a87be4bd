package interop

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
)

// probe is a question, put to a stream of its own.
type probe struct {
	question string
	shards   int32
	ask      func(p *asking) string
}

// asking is the putting of a question.
type asking struct {
	ctx    context.Context
	client *kinesis.Client
	stream *string
	arn    *string
}

// code is that of an error, "ok" for none.
func code(err error) string {
	if err == nil {
		return "ok"
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return "no answer"
}

func (p *asking) put(entries ...types.PutRecordsRequestEntry) *kinesis.PutRecordsOutput {
	out, err := p.client.PutRecords(p.ctx, &kinesis.PutRecordsInput{StreamName: p.stream, Records: entries})
	if err != nil {
		return &kinesis.PutRecordsOutput{FailedRecordCount: aws.Int32(-1)}
	}
	return out
}

func (p *asking) iterator(shard int, at kinesis.GetShardIteratorInput) (*string, error) {
	at.StreamName, at.ShardId = p.stream, aws.String(fmt.Sprintf("shardId-%012d", shard))
	out, err := p.client.GetShardIterator(p.ctx, &at)
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}

// get reads once.
func (p *asking) get(shard int, at kinesis.GetShardIteratorInput, limit *int32) *kinesis.GetRecordsOutput {
	iterator, err := p.iterator(shard, at)
	if err != nil {
		return &kinesis.GetRecordsOutput{MillisBehindLatest: aws.Int64(-1)}
	}
	out, err := p.client.GetRecords(p.ctx, &kinesis.GetRecordsInput{ShardIterator: iterator, Limit: limit})
	if err != nil {
		return &kinesis.GetRecordsOutput{MillisBehindLatest: aws.Int64(-1)}
	}
	return out
}

func (p *asking) split() error {
	_, err := p.client.SplitShard(p.ctx, &kinesis.SplitShardInput{StreamName: p.stream, ShardToSplit: aws.String("shardId-000000000000"), NewStartingHashKey: aws.String("1000")})
	p.settle()
	return err
}

// settle waits until the stream is ACTIVE.
func (p *asking) settle() {
	for range 100 {
		time.Sleep(100 * time.Millisecond)
		out, err := p.client.DescribeStreamSummary(p.ctx, &kinesis.DescribeStreamSummaryInput{StreamName: p.stream})
		if err == nil && out.StreamDescriptionSummary.StreamStatus == types.StreamStatusActive {
			return
		}
	}
}

func (p *asking) scale(to int32) string {
	_, err := p.client.UpdateShardCount(p.ctx, &kinesis.UpdateShardCountInput{StreamName: p.stream, TargetShardCount: &to, ScalingType: types.ScalingTypeUniformScaling})
	return code(err)
}

func (p *asking) list(filter types.ShardFilterType) string {
	in := &kinesis.ListShardsInput{StreamName: p.stream}
	if filter != "" {
		in.ShardFilter = &types.ShardFilter{Type: filter}
	}
	if filter == types.ShardFilterTypeAfterShardId {
		in.ShardFilter.ShardId = aws.String("shardId-000000000000")
	}
	out, err := p.client.ListShards(p.ctx, in)
	if err != nil {
		return code(err)
	}
	return fmt.Sprint(len(out.Shards), " shards")
}

func (p *asking) register() *string {
	out, err := p.client.RegisterStreamConsumer(p.ctx, &kinesis.RegisterStreamConsumerInput{StreamARN: p.arn, ConsumerName: aws.String("c")})
	if err != nil {
		return aws.String("none")
	}
	for range 50 {
		described, err := p.client.DescribeStreamConsumer(p.ctx, &kinesis.DescribeStreamConsumerInput{ConsumerARN: out.Consumer.ConsumerARN})
		if err == nil && described.ConsumerDescription.ConsumerStatus == types.ConsumerStatusActive {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return out.Consumer.ConsumerARN
}

func (p *asking) subscribe(consumer *string) (*kinesis.SubscribeToShardEventStream, error) {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	time.AfterFunc(5*time.Second, cancel)
	options := p.client.Options()
	options.Protocol = nil // a client of its own, see docs/interop.md
	out, err := kinesis.New(options).SubscribeToShard(ctx, &kinesis.SubscribeToShardInput{
		ConsumerARN: consumer, ShardId: aws.String("shardId-000000000000"), StartingPosition: &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon},
	})
	if err != nil {
		return nil, err
	}
	return out.GetStream(), nil
}

func many(n, size int) (entries []types.PutRecordsRequestEntry) {
	for i := range n {
		entries = append(entries, entry(fmt.Sprint("k", i), strings.Repeat("x", size)))
	}
	return entries
}

func horizon() kinesis.GetShardIteratorInput {
	return kinesis.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
}

func some(there bool) string {
	if there {
		return "some"
	}
	return "none"
}

var kinesisProbes = []probe{
	{"501 records in a call", 1, func(p *asking) string {
		_, err := p.client.PutRecords(p.ctx, &kinesis.PutRecordsInput{StreamName: p.stream, Records: many(501, 1)})
		return code(err)
	}},
	{"a record of 1 MiB and a byte", 1, func(p *asking) string {
		_, err := p.client.PutRecord(p.ctx, &kinesis.PutRecordInput{StreamName: p.stream, PartitionKey: aws.String("k"), Data: make([]byte, 1<<20)})
		return code(err)
	}},
	{"an empty partition key", 1, func(p *asking) string {
		_, err := p.client.PutRecord(p.ctx, &kinesis.PutRecordInput{StreamName: p.stream, PartitionKey: aws.String(""), Data: []byte("d")})
		return code(err)
	}},
	{"a partition key of 257 characters", 1, func(p *asking) string {
		_, err := p.client.PutRecord(p.ctx, &kinesis.PutRecordInput{StreamName: p.stream, PartitionKey: aws.String(strings.Repeat("ü", 257)), Data: []byte("d")})
		return code(err)
	}},
	{"an explicit hash key of 2^128", 1, func(p *asking) string {
		_, err := p.client.PutRecord(p.ctx, &kinesis.PutRecordInput{StreamName: p.stream, PartitionKey: aws.String("k"), Data: []byte("d"), ExplicitHashKey: aws.String("340282366920938463463374607431768211456")})
		return code(err)
	}},
	{"a put to a stream that is not there", 1, func(p *asking) string {
		_, err := p.client.PutRecord(p.ctx, &kinesis.PutRecordInput{StreamName: aws.String("absent"), PartitionKey: aws.String("k"), Data: []byte("d")})
		return code(err)
	}},
	{"3,000 records to a shard at once: failed in their place", 1, func(p *asking) string {
		failed := int32(0)
		for range 6 {
			failed += *p.put(many(500, 1)...).FailedRecordCount
		}
		return some(failed > 0)
	}},
	{"ten reads of a shard at once: throttled", 1, func(p *asking) string {
		iterator, err := p.iterator(0, horizon())
		if err != nil {
			return code(err)
		}
		throttled := false
		for range 10 {
			_, err := p.client.GetRecords(p.ctx, &kinesis.GetRecordsInput{ShardIterator: iterator})
			throttled = throttled || code(err) == "ProvisionedThroughputExceededException"
		}
		return some(throttled)
	}},
	{"MillisBehindLatest above 0 where records are left", 1, func(p *asking) string {
		p.put(many(3, 1)...)
		time.Sleep(20 * time.Millisecond)
		return some(*p.get(0, horizon(), aws.Int32(1)).MillisBehindLatest > 0)
	}},
	{"MillisBehindLatest at the tip", 1, func(p *asking) string {
		p.put(many(3, 1)...)
		return fmt.Sprint(*p.get(0, horizon(), nil).MillisBehindLatest)
	}},
	{"records from AT_TIMESTAMP between two puts of one second", 1, func(p *asking) string {
		time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
		p.put(entry("a", "1"))
		time.Sleep(40 * time.Millisecond)
		between := time.Now()
		time.Sleep(40 * time.Millisecond)
		p.put(entry("b", "2"))
		return fmt.Sprint(len(p.get(0, kinesis.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: &between}, nil).Records))
	}},
	{"an iterator AT_TIMESTAMP of tomorrow", 1, func(p *asking) string {
		_, err := p.iterator(0, kinesis.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: aws.Time(time.Now().Add(24 * time.Hour))})
		return code(err)
	}},
	{"records from LATEST of an earlier put", 1, func(p *asking) string {
		p.put(entry("a", "1"))
		return fmt.Sprint(len(p.get(0, kinesis.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeLatest}, nil).Records))
	}},
	{"records AFTER_SEQUENCE_NUMBER of the first of two", 1, func(p *asking) string {
		first := p.put(entry("a", "1"), entry("a", "2")).Records[0].SequenceNumber
		return fmt.Sprint(len(p.get(0, kinesis.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: first}, nil).Records))
	}},
	{"a token that is none", 1, func(p *asking) string {
		_, err := p.client.GetRecords(p.ctx, &kinesis.GetRecordsInput{ShardIterator: aws.String("AAAA")})
		return code(err)
	}},
	{"10,001 records asked for", 1, func(p *asking) string {
		iterator, err := p.iterator(0, horizon())
		if err != nil {
			return code(err)
		}
		_, err = p.client.GetRecords(p.ctx, &kinesis.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(10_001)})
		return code(err)
	}},
	{"an iterator of a shard that is not there", 1, func(p *asking) string {
		_, err := p.iterator(7, horizon())
		return code(err)
	}},
	{"the next iterator at the tip of an open shard", 1, func(p *asking) string { return some(p.get(0, horizon(), nil).NextShardIterator != nil) }},
	{"the next iterator at the end of a closed shard", 1, func(p *asking) string {
		p.put(entry("a", "1"))
		if err := p.split(); err != nil {
			return code(err)
		}
		return some(p.get(0, horizon(), nil).NextShardIterator != nil)
	}},
	{"children told at the end of a closed shard", 1, func(p *asking) string {
		if err := p.split(); err != nil {
			return code(err)
		}
		return fmt.Sprint(len(p.get(0, horizon(), nil).ChildShards))
	}},
	{"LATEST of a closed shard", 1, func(p *asking) string {
		if err := p.split(); err != nil {
			return code(err)
		}
		_, err := p.iterator(0, kinesis.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeLatest})
		return code(err)
	}},
	{"a split at the shard's first key", 1, func(p *asking) string {
		_, err := p.client.SplitShard(p.ctx, &kinesis.SplitShardInput{StreamName: p.stream, ShardToSplit: aws.String("shardId-000000000000"), NewStartingHashKey: aws.String("0")})
		return code(err)
	}},
	{"a split of a shard that was split", 1, func(p *asking) string {
		if err := p.split(); err != nil {
			return code(err)
		}
		return code(p.split())
	}},
	{"a merge of shards that are not adjacent", 3, func(p *asking) string {
		_, err := p.client.MergeShards(p.ctx, &kinesis.MergeShardsInput{StreamName: p.stream, ShardToMerge: aws.String("shardId-000000000000"), AdjacentShardToMerge: aws.String("shardId-000000000002")})
		return code(err)
	}},
	{"UpdateShardCount to thrice as many", 2, func(p *asking) string { return p.scale(6) }},
	{"UpdateShardCount to less than half", 4, func(p *asking) string { return p.scale(1) }},
	{"shards open after UpdateShardCount from 2 to 3", 2, func(p *asking) string {
		if answer := p.scale(3); answer != "ok" {
			return answer
		}
		p.settle()
		return p.list(types.ShardFilterTypeAtLatest)
	}},
	{"shards after a split", 1, func(p *asking) string { return fmt.Sprint(code(p.split()), ", ", p.list("")) }},
	{"shards AT_LATEST after a split", 1, func(p *asking) string {
		return fmt.Sprint(code(p.split()), ", ", p.list(types.ShardFilterTypeAtLatest))
	}},
	{"shards AT_TRIM_HORIZON after a split", 1, func(p *asking) string {
		return fmt.Sprint(code(p.split()), ", ", p.list(types.ShardFilterTypeAtTrimHorizon))
	}},
	{"shards FROM_TRIM_HORIZON after a split", 1, func(p *asking) string {
		return fmt.Sprint(code(p.split()), ", ", p.list(types.ShardFilterTypeFromTrimHorizon))
	}},
	{"shards AFTER_SHARD_ID 0", 3, func(p *asking) string { return p.list(types.ShardFilterTypeAfterShardId) }},
	{"a stream that is there already", 1, func(p *asking) string {
		_, err := p.client.CreateStream(p.ctx, &kinesis.CreateStreamInput{StreamName: p.stream, ShardCount: aws.Int32(1)})
		return code(err)
	}},
	{"a retention of 12 hours", 1, func(p *asking) string {
		_, err := p.client.DecreaseStreamRetentionPeriod(p.ctx, &kinesis.DecreaseStreamRetentionPeriodInput{StreamName: p.stream, RetentionPeriodHours: aws.Int32(12)})
		return code(err)
	}},
	{"a consumer that is there already", 1, func(p *asking) string {
		p.register()
		_, err := p.client.RegisterStreamConsumer(p.ctx, &kinesis.RegisterStreamConsumerInput{StreamARN: p.arn, ConsumerName: aws.String("c")})
		return code(err)
	}},
	{"the first event of a subscription", 1, func(p *asking) string {
		p.put(entry("a", "1"))
		events, err := p.subscribe(p.register())
		if err != nil {
			return code(err)
		}
		defer events.Close()
		event, ok := (<-events.Events()).(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent)
		if !ok {
			return "none"
		}
		return fmt.Sprint(len(event.Value.Records), " records")
	}},
	{"a second subscription at once", 1, func(p *asking) string {
		consumer := p.register()
		first, err := p.subscribe(consumer)
		if err != nil {
			return code(err)
		}
		defer first.Close()
		second, err := p.subscribe(consumer)
		if err == nil {
			_ = second.Close()
		}
		return code(err)
	}},
	{"the deletion of a stream with a consumer", 1, func(p *asking) string {
		p.register()
		_, err := p.client.DeleteStream(p.ctx, &kinesis.DeleteStreamInput{StreamName: p.stream})
		return code(err)
	}},
	{"50 tags, and one more", 1, func(p *asking) string {
		var last error
		for i := range 51 {
			_, last = p.client.AddTagsToStream(p.ctx, &kinesis.AddTagsToStreamInput{StreamName: p.stream, Tags: map[string]string{fmt.Sprint("t", i): "v"}})
		}
		return code(last)
	}},
}

// askKinesis puts all probes to a server.
func askKinesis(t *testing.T, endpoint string) map[string]string {
	t.Helper()
	client := kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("weir", "weir", ""), Retryer: aws.NopRetryer{},
	})
	answers := make(map[string]string)
	for i, probe := range kinesisProbes {
		name := fmt.Sprint("probe-", i)
		p := &asking{t.Context(), client, &name, aws.String("arn:aws:kinesis:us-east-1:000000000000:stream/" + name)}
		if _, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: &name, ShardCount: &probe.shards}); err != nil {
			t.Fatalf("%s: %v", endpoint, err)
		}
		p.settle()
		answers[probe.question] = probe.ask(p)
		if _, err := client.DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: &name, EnforceConsumerDeletion: aws.Bool(true)}); err != nil {
			t.Logf("%s, %s: %v", endpoint, probe.question, err)
		}
	}
	return answers
}

// kinesisReasons say who is right where kinesis-mock answers something else, and by which page of AWS.
var kinesisReasons = map[string]string{
	"501 records in a call":                                   "weir: up to 500 (API reference, PutRecords)",
	"a record of 1 MiB and a byte":                            "weir: 1 MiB with its key, unless the stream allows more (API reference, PutRecord)",
	"an empty partition key":                                  "weir: a member that breaks the model's length is a ValidationException, as kinesalite's tests saw in AWS",
	"a partition key of 257 characters":                       "weir: the same",
	"3,000 records to a shard at once: failed in their place": "weir: 1,000 a second and shard (Developer Guide, \"Quotas and limits\")",
	"ten reads of a shard at once: throttled":                 "weir: five a second and shard (Developer Guide, \"Quotas and limits\")",
	"MillisBehindLatest above 0 where records are left":       "weir: how far the answer is from the tip of the stream (API reference, GetRecords); the mock does not count what its own limit leaves",
	"an iterator AT_TIMESTAMP of tomorrow":                    "weir: kinesalite's tests saw AWS refuse it; the API reference says nothing of it",
	"a token that is none":                                    "weir: InvalidArgumentException (API reference, GetRecords, Errors)",
	"10,001 records asked for":                                "weir: the model's bound, a ValidationException as above; the API reference has InvalidArgumentException: not certain",
	"a split at the shard's first key":                        "weir: one of the children would have no key (API reference, SplitShard)",
	"a split of a shard that was split":                       "weir: InvalidArgumentException, as kinesalite's tests saw in AWS",
	"UpdateShardCount to thrice as many":                      "weir: LimitExceededException, as kinesalite's tests saw in AWS",
	"UpdateShardCount to less than half":                      "weir: the same",
	"shards AT_TRIM_HORIZON after a split":                    "weir: those that were open at the trim horizon (API reference, ShardFilter)",
	"the first event of a subscription":                       "weir: the mock sends no initial-response, which aws-sdk-go-v2 waits for",
	"a second subscription at once":                           "weir: the same; within five seconds it is a ResourceInUseException (API reference, SubscribeToShard)",
}

// TestKinesisAndItsMockDifferOnlyWhereThePageSays puts the same questions to weir local and to kinesis-mock.
func TestKinesisAndItsMockDifferOnlyWhereThePageSays(t *testing.T) {
	compareKinesis(t, "kinesis-mock 0.6.2", askKinesis(t, kinesisMock(t)), kinesisReasons)
}

// compareKinesis puts the questions to weir local, and compares the answers with a peer's, of which the page has a table.
func compareKinesis(t *testing.T, peer string, answers, reasons map[string]string) {
	t.Helper()
	ours := askKinesis(t, serve(t).endpoint)
	var table strings.Builder
	fmt.Fprintf(&table, "| of %d questions | weir | %s | who is right |\n|---|---|---|---|\n", len(kinesisProbes), peer)
	for _, probe := range kinesisProbes {
		a, b := ours[probe.question], answers[probe.question]
		reason, explained := reasons[probe.question]
		switch {
		case a != b && !explained:
			t.Errorf("%s: weir %s, %s %s, and nobody says why", probe.question, a, peer, b)
		case a == b && explained:
			t.Errorf("%s: both answer %s, and a reason says why they differ", probe.question, a)
		case a != b:
			fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", probe.question, a, b, reason)
		}
	}
	checkPage(t, strings.Fields(peer)[0], table.String())
}
