package localaws_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	rows "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	records "github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/localaws"
)

// half lets half of the entries of each operation's second call fail.
func half(code string, operations ...string) localaws.Fault {
	return func(call localaws.Call) localaws.Action {
		for _, operation := range operations {
			if call.Operation == operation && call.Number == 2 {
				return localaws.Action{Kind: localaws.Partial, Code: code, Share: 0.5, Seed: 11}
			}
		}
		return localaws.Serve
	}
}

func TestAPartialFaultFailsTheShareOfABatchAndStoresTheRest(t *testing.T) {
	c, _, _ := start(t, localaws.Config{SettleDelay: -1, Fault: half("InternalFailure", "PutRecords")})
	stream := aws.String("s")
	if _, err := c.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: stream, ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	entries := make([]records.PutRecordsRequestEntry, 400)
	for i := range entries {
		entries[i] = records.PutRecordsRequestEntry{PartitionKey: aws.String("k"), Data: fmt.Append(nil, i)}
	}
	for call, failing := range []bool{false, true, false} {
		out, err := c.Kinesis.PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: stream, Records: entries})
		if err != nil {
			t.Fatal(err)
		}
		failed := int32(0)
		for i, r := range out.Records {
			if r.ErrorCode != nil {
				failed++
			}
			if (r.ErrorCode == nil) == (r.SequenceNumber == nil) || r.ErrorCode != nil && *r.ErrorCode != "InternalFailure" {
				t.Fatalf("call %d, record %d: %+v", call, i, r)
			}
		}
		if failed != *out.FailedRecordCount || failing != (failed > 150 && failed < 250) || !failing && failed > 0 {
			t.Errorf("call %d: %d failed, of which the answer counts %d", call, failed, *out.FailedRecordCount)
		}
	}
}

func TestAPartialFaultLeavesTheShareOfATablesBatchUnprocessed(t *testing.T) {
	c, _, _ := start(t, localaws.Config{SettleDelay: -1, Fault: half("", "BatchWriteItem", "BatchGetItem")})
	if _, err := c.DynamoDB.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("rows"), BillingMode: rows.BillingModePayPerRequest,
		AttributeDefinitions: []rows.AttributeDefinition{{AttributeName: aws.String("k"), AttributeType: rows.ScalarAttributeTypeS}},
		KeySchema:            []rows.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: rows.KeyTypeHash}},
	}); err != nil {
		t.Fatal(err)
	}
	put := func(from int) (unprocessed int) {
		var requests []rows.WriteRequest
		for i := range 25 {
			item := map[string]rows.AttributeValue{"k": &rows.AttributeValueMemberS{Value: fmt.Sprint(from + i)}}
			requests = append(requests, rows.WriteRequest{PutRequest: &rows.PutRequest{Item: item}})
		}
		out, err := c.DynamoDB.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]rows.WriteRequest{"rows": requests}})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.UnprocessedItems["rows"])
	}
	first, second := put(0), put(25)
	all, err := c.DynamoDB.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("rows")})
	if err != nil {
		t.Fatal(err)
	}
	if first != 0 || second < 5 || second > 20 || len(all.Items) != 50-second {
		t.Errorf("%d and %d unprocessed, and %d rows stored", first, second, len(all.Items))
	}
}
