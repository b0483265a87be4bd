package kinesis

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/internal/localaws/wire"
	"weir/limits"
)

var epoch = time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC)

var operations = []string{
	"CreateStream", "DeleteStream", "DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards", "ListStreams",
	"PutRecord", "PutRecords", "NoSuchOperation", "SplitShard", "MergeShards", "UpdateShardCount", "IncreaseStreamRetentionPeriod",
	"DecreaseStreamRetentionPeriod", "DescribeLimits", "EnableEnhancedMonitoring", "DisableEnhancedMonitoring", "UpdateMaxRecordSize", "UpdateStreamMode",
	"AddTagsToStream", "ListTagsForStream", "RemoveTagsFromStream",
}

// Whatever a body holds, the answer is JSON, and what is wrong is the caller's fault.
func FuzzRequest(f *testing.F) {
	for op, body := range map[string]string{
		"CreateStream":          `{"StreamName":"x","ShardCount":2,"StreamModeDetails":{"StreamMode":"PROVISIONED"}}`,
		"DeleteStream":          `{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s"}`,
		"DescribeStream":        `{"StreamName":"s","Limit":1,"ExclusiveStartShardId":"shardId-000000000000"}`,
		"DescribeStreamSummary": `{"StreamName":null}`,
		"GetRecords":            `{"ShardIterator":"AAAA","Limit":5}`,
		"GetShardIterator":      `{"StreamName":"s","ShardId":"shardId-000000000001","ShardIteratorType":"AT_TIMESTAMP","Timestamp":-1e-300}`,
		"ListShards":            `{"StreamName":"s","MaxResults":1,"ShardFilter":{"Type":"AFTER_SHARD_ID","ShardId":"shardId-000000000000"}}`,
		"ListStreams":           `{"Limit":1,"ExclusiveStartStreamName":"a"}`,
		"PutRecord":             `{"StreamName":"s","PartitionKey":"\ud800","Data":"AAECAw==","ExplicitHashKey":"7"}`,
		"PutRecords":            `{"StreamName":"s","Records":[{"PartitionKey":"k","Data":""},{"PartitionKey":"k","Data":"eA==","ExplicitHashKey":"340282366920938463463374607431768211455"}]}`,
		"SplitShard":            `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"17"}`,
		"MergeShards":           `{"StreamName":"s","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"}`,
		"UpdateShardCount":      `{"StreamName":"s","TargetShardCount":3,"ScalingType":"UNIFORM_SCALING"}`,
		"UpdateMaxRecordSize":   `{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s","MaxRecordSizeInKiB":2048}`,
		"UpdateStreamMode":      `{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`,

		"IncreaseStreamRetentionPeriod": `{"StreamName":"s","RetentionPeriodHours":48}`,
		"EnableEnhancedMonitoring":      `{"StreamName":"s","ShardLevelMetrics":["ALL"]}`,
	} {
		for i, name := range operations {
			if name == op {
				f.Add(uint8(i), body)
			}
		}
	}
	f.Add(uint8(10), "null")
	f.Fuzz(func(t *testing.T, op uint8, body string) {
		name := operations[int(op)%len(operations)]
		if name == "CreateStream" && len(body) > 0 && strings.Contains(body, "000") {
			t.Skip("thousands of shards are slow to make and teach nothing")
		}
		s := New(Config{Region: "us-east-1", Account: "000000000000", Limits: true, MemoryBytes: 1 << 20})
		s.streams["s"] = s.newStream("s", provisioned, 2, limits.RecordBytes, 0)
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		request.Header.Set("X-Amz-Target", "Kinesis_20131202."+name)
		answer := httptest.NewRecorder()
		s.Wire(wire.Options{}).ServeHTTP(answer, request)
		var shape struct {
			Type string `json:"__type"`
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &shape); err != nil {
			t.Fatalf("%s answered %q: %v", name, answer.Body, err)
		}
		if answer.Code != http.StatusOK && (answer.Code != http.StatusBadRequest || shape.Type == "") {
			t.Errorf("%s answered %d %s", name, answer.Code, answer.Body)
		}
	})
}

// A token is either one that the service made, or refused.
func FuzzIterator(f *testing.F) {
	s := New(Config{})
	s.secret = [32]byte{1} // the same in every run, so that a seed stays valid
	st := s.newStream("s", provisioned, 3, limits.RecordBytes, 0)
	issued := iterator{stream: st.id, shard: 2, chain: 3, index: 4, issued: time.Now().UnixMilli()}
	f.Add(s.token(issued))
	f.Add("")
	f.Add(strings.Repeat("A", len(s.token(issued))))
	f.Fuzz(func(t *testing.T, token string) {
		it, err := s.parseIterator(token)
		it.issued = issued.issued // other processes of a fuzz run issue at other times
		if err == nil && it != issued {
			t.Errorf("%q is taken for %+v", token, it)
		}
	})
}
