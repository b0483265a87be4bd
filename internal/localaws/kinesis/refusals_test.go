package kinesis_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weir/internal/localaws/kinesis"
	"weir/internal/localaws/wire"
)

// post is what a handler answers to an operation with a body as it stands.
func post(handler http.Handler, operation, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	request.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

// It shows K13, K23.
func TestRequestsAreRefusedAsInAWS(t *testing.T) {
	handler := kinesis.New(config).Wire(wire.Options{})
	if answer := post(handler, "CreateStream", `{"StreamName":"s","ShardCount":2}`); answer.Code != http.StatusOK {
		t.Fatal(answer.Body)
	}
	records := func(record string, n int) string {
		return `{"StreamName":"s","Records":[` + strings.Repeat(record+",", n-1) + record + `]}`
	}
	data := func(bytes int) string { return base64.StdEncoding.EncodeToString(make([]byte, bytes)) }
	putRecord := func(members string) string { return `{"StreamName":"s",` + members + `}` }
	const validation = "1 validation error detected: "
	for name, c := range map[string]struct{ operation, body, code, message string }{
		"a stream that is there":        {"CreateStream", `{"StreamName":"s","ShardCount":1}`, "ResourceInUseException", "Stream s under account 000000000000 already exists."},
		"a stream without a name":       {"CreateStream", `{"ShardCount":1}`, "ValidationException", validation + "Value null at 'streamName' failed to satisfy constraint: Member must not be null"},
		"a stream's name":               {"CreateStream", `{"StreamName":"a b","ShardCount":1}`, "ValidationException", validation + "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
		"no shard":                      {"CreateStream", `{"StreamName":"x","ShardCount":0}`, "ValidationException", validation + "Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		"shards left out":               {"CreateStream", `{"StreamName":"x"}`, "ValidationException", ""},
		"too many shards":               {"CreateStream", `{"StreamName":"x","ShardCount":20001}`, "LimitExceededException", ""},
		"shards of an on-demand one":    {"CreateStream", `{"StreamName":"x","ShardCount":1,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`, "ValidationException", ""},
		"an unknown mode":               {"CreateStream", `{"StreamName":"x","ShardCount":1,"StreamModeDetails":{"StreamMode":"FREE"}}`, "ValidationException", ""},
		"no stream named":               {"DescribeStreamSummary", `{}`, "InvalidArgumentException", "Either StreamName or StreamARN must be specified."},
		"a stream that is not there":    {"DescribeStreamSummary", `{"StreamName":"x"}`, "ResourceNotFoundException", "Stream x under account 000000000000 not found."},
		"deleting none":                 {"DeleteStream", `{"StreamName":"x"}`, "ResourceNotFoundException", "Stream x under account 000000000000 not found."},
		"describing none":               {"DescribeStream", `{"StreamName":"x"}`, "ResourceNotFoundException", "Stream x under account 000000000000 not found."},
		"a page of no shards":           {"DescribeStream", `{"StreamName":"s","Limit":0}`, "ValidationException", ""},
		"a page of no streams":          {"ListStreams", `{"Limit":0}`, "ValidationException", validation + "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		"listing the shards of none":    {"ListShards", `{"StreamName":"x"}`, "ResourceNotFoundException", "Stream x under account 000000000000 not found."},
		"a token and a name":            {"ListShards", `{"StreamName":"s","NextToken":"AAAA"}`, "InvalidArgumentException", "NextToken and StreamName cannot be provided together."},
		"a token that was not issued":   {"ListShards", `{"NextToken":"AAAA"}`, "InvalidArgumentException", "Invalid NextToken."},
		"an unknown filter":             {"ListShards", `{"StreamName":"s","ShardFilter":{"Type":"ALL"}}`, "ValidationException", ""},
		"a filter without its shard":    {"ListShards", `{"StreamName":"s","ShardFilter":{"Type":"AFTER_SHARD_ID"}}`, "InvalidArgumentException", ""},
		"a record without data":         {"PutRecord", putRecord(`"PartitionKey":"k"`), "ValidationException", validation + "Value null at 'data' failed to satisfy constraint: Member must not be null"},
		"a record without a key":        {"PutRecord", putRecord(`"Data":""`), "ValidationException", validation + "Value null at 'partitionKey' failed to satisfy constraint: Member must not be null"},
		"an empty key":                  {"PutRecord", putRecord(`"Data":"","PartitionKey":""`), "ValidationException", validation + "Value '' at 'partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"a key of 257":                  {"PutRecord", putRecord(`"Data":"","PartitionKey":"` + strings.Repeat("ä", 257) + `"`), "ValidationException", ""},
		"a record over 1 MiB":           {"PutRecord", putRecord(`"PartitionKey":"k","Data":"` + data(1<<20) + `"`), "ValidationException", ""},
		"a record for no stream":        {"PutRecord", `{"StreamName":"x","PartitionKey":"k","Data":""}`, "ResourceNotFoundException", "Stream x under account 000000000000 not found."},
		"a hash key of 2^128":           {"PutRecord", putRecord(`"PartitionKey":"k","Data":"","ExplicitHashKey":"340282366920938463463374607431768211456"`), "InvalidArgumentException", "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456"},
		"a hash key with a zero":        {"PutRecord", putRecord(`"PartitionKey":"k","Data":"","ExplicitHashKey":"01"`), "ValidationException", validation + `Value '01' at 'explicitHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})`},
		"a hash key of 2^128 of a call": {"PutRecords", records(`{"PartitionKey":"k","Data":"","ExplicitHashKey":"340282366920938463463374607431768211456"}`, 1), "InvalidArgumentException", ""},
		"a hash key of a call":          {"PutRecords", records(`{"PartitionKey":"k","Data":"","ExplicitHashKey":"abc"}`, 1), "ValidationException", validation + `Value 'abc' at 'records.1.member.explicitHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})`},
		"records over 10 MiB":           {"CreateStream", `{"StreamName":"x","ShardCount":1,"MaxRecordSizeInKiB":10241}`, "ValidationException", "1 validation error detected: Value '10241' at 'maxRecordSizeInKiB' failed to satisfy constraint: Member must have value less than or equal to 10240"},
		"a page of 51 tags":             {"ListTagsForStream", `{"StreamName":"s","Limit":51}`, "ValidationException", validation + "Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50"},
		"no tags":                       {"AddTagsToStream", `{"StreamName":"s"}`, "ValidationException", validation + "Value null at 'tags' failed to satisfy constraint: Member must not be null"},
		"tags of no stream":             {"ListTagsForStream", `{"StreamName":"x"}`, "ResourceNotFoundException", ""},
		"no records":                    {"PutRecords", `{"StreamName":"s","Records":[]}`, "ValidationException", ""},
		"501 records":                   {"PutRecords", records(`{"PartitionKey":"k","Data":""}`, 501), "ValidationException", ""},
		"over 10 MiB":                   {"PutRecords", records(`{"PartitionKey":"k","Data":"`+data(1<<20-1)+`"}`, 11), "InvalidArgumentException", "Records size exceeds 10 MB limit"},
		"one bad record of a call":      {"PutRecords", records(`{"PartitionKey":"k"}`, 1), "ValidationException", validation + "Value null at 'records.1.member.data' failed to satisfy constraint: Member must not be null"},
		"an iterator of no shard":       {"GetShardIterator", `{"StreamName":"s","ShardIteratorType":"LATEST"}`, "ValidationException", ""},
		"an iterator of no type":        {"GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000"}`, "ValidationException", ""},
		"an unknown iterator":           {"GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"FIRST"}`, "ValidationException", ""},
		"an iterator without sequence":  {"GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"AT_SEQUENCE_NUMBER"}`, "InvalidArgumentException", ""},
		"an iterator without time":      {"GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"AT_TIMESTAMP"}`, "InvalidArgumentException", ""},
		"a time past all time":          {"GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"AT_TIMESTAMP","Timestamp":1e300}`, "InvalidArgumentException", ""},
		"a sequence that is none":       {"GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"7"}`, "InvalidArgumentException", ""},
		"a shard that is not there":     {"GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000002","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException", "Shard shardId-000000000002 in stream s under account 000000000000 does not exist"},
		"records of no iterator":        {"GetRecords", `{}`, "ValidationException", ""},
		"a limit of 10,001":             {"GetRecords", `{"ShardIterator":"AAAA","Limit":10001}`, "ValidationException", validation + "Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"},
		"a member of another type":      {"PutRecord", `{"StreamName":7}`, "SerializationException", "NUMBER_VALUE can not be converted to a String"},
		"a limit in words":              {"ListStreams", `{"Limit":"7"}`, "SerializationException", "STRING_VALUE can not be converted to an Integer"},
		"a list for a name":             {"PutRecord", `{"StreamName":[]}`, "SerializationException", "Start of list found where not expected"},
		"a structure for a name":        {"PutRecord", `{"StreamName":{}}`, "SerializationException", "Start of structure or map found where not expected."},
		"a number for records":          {"PutRecords", `{"Records":7}`, "SerializationException", "Expected list or null"},
		"a number for a record":         {"PutRecords", `{"Records":[7]}`, "SerializationException", "Expected null"},
		"a number for tags":             {"AddTagsToStream", `{"Tags":7}`, "SerializationException", "Expected map or null"},
		"data that is no base64":        {"PutRecord", putRecord(`"PartitionKey":"k","Data":"%"`), "SerializationException", ""},
		"no JSON":                       {"PutRecord", `{"StreamName"`, "SerializationException", ""},
		"a split at the first key":      {"SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1"}`, "InvalidArgumentException", "NewStartingHashKey 1 used in SplitShard() on shard shardId-000000000000 in stream s under account 000000000000 is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey 170141183460469231731687303715884105727."},
		"a split at the last key":       {"SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"170141183460469231731687303715884105727"}`, "InvalidArgumentException", ""},
		"a split of no shard":           {"SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000007","NewStartingHashKey":"17"}`, "ResourceNotFoundException", "Could not find shard shardId-000000000007 in stream s under account 000000000000."},
		"a split at no key":             {"SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"-1"}`, "ValidationException", ""},
		"a merge with itself":           {"MergeShards", `{"StreamName":"s","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000000"}`, "InvalidArgumentException", "Shards shardId-000000000000 and shardId-000000000000 in stream s under account 000000000000 are not an adjacent pair of shards eligible for merging"},
		"a scaling of another type":     {"UpdateShardCount", `{"StreamName":"s","TargetShardCount":3,"ScalingType":"LINEAR"}`, "ValidationException", ""},
		"a consumer of no stream":       {"RegisterStreamConsumer", `{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/x","ConsumerName":"c"}`, "ResourceNotFoundException", ""},
		"a subscription of nobody":      {"SubscribeToShard", `{"ConsumerARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1","ShardId":"shardId-000000000000","StartingPosition":{"Type":"LATEST"}}`, "ResourceNotFoundException", ""},
		"a stream of no ARN":            {"PutRecord", `{"StreamARN":"stream/s","PartitionKey":"k","Data":""}`, "ValidationException", `1 validation error detected: Value 'stream/s' at 'streamARN' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:stream/\S+`},
		"a metric that is none":         {"EnableEnhancedMonitoring", `{"StreamName":"s","ShardLevelMetrics":["Speed"]}`, "ValidationException", ""},
		"an unknown operation":          {"FlattenShards", `{}`, "UnknownOperationException", "weir: the embedded Kinesis does not serve FlattenShards"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := post(handler, c.operation, c.body)
			var got struct {
				Type    string `json:"__type"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if answer.Code != http.StatusBadRequest || got.Type != c.code || answer.Header().Get("X-Amzn-Errortype") != c.code {
				t.Errorf("%d %s, want %s", answer.Code, answer.Body, c.code)
			}
			if c.message != "" && got.Message != c.message {
				t.Errorf("message %q, want %q", got.Message, c.message)
			}
		})
	}
}

// It shows K23.
func TestTheLargestRequestsAreTaken(t *testing.T) {
	handler := kinesis.New(config).Wire(wire.Options{})
	post(handler, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
	mib := base64.StdEncoding.EncodeToString(make([]byte, 1<<20-1))
	ten := strings.Repeat(fmt.Sprintf(`{"PartitionKey":"k","Data":"%s"},`, mib), 10)
	for name, body := range map[string]string{
		"10 MiB":       `{"StreamName":"s","Records":[` + strings.TrimSuffix(ten, ",") + `]}`,
		"500 records":  `{"StreamName":"s","Records":[` + strings.Repeat(`{"PartitionKey":"k","Data":""},`, 499) + `{"PartitionKey":"k","Data":""}]}`,
		"a key of 256": `{"StreamName":"s","Records":[{"PartitionKey":"` + strings.Repeat("ä", 256) + `","Data":""}]}`,
	} {
		if answer := post(handler, "PutRecords", body); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `"FailedRecordCount":0`) {
			t.Errorf("%s: %d %.200s", name, answer.Code, answer.Body)
		}
	}
}
