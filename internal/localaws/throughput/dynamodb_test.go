//go:build linux

package throughput

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var table = aws.String("rows")

// BenchmarkBatchWriteItem writes items as a pipeline's table has them, 25 a call.
func BenchmarkBatchWriteItem(b *testing.B) {
	s := weirAlone(b)
	b.Run("by=weir", func(b *testing.B) {
		s.measure(b, func() int {
			together(b, 100, func(ctx context.Context, call int) error {
				requests := make([]types.WriteRequest, 25)
				for i := range requests {
					requests[i].PutRequest = &types.PutRequest{Item: item(call*25 + i)}
				}
				out, err := s.DynamoDB.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{*table: requests}})
				if err == nil && len(out.UnprocessedItems) > 0 {
					err = fmt.Errorf("unprocessed: %v", out.UnprocessedItems)
				}
				return err
			})
			return 2500
		})
	})
}

// BenchmarkConditionalUpdateItem raises a counter where it is what it was last seen to be.
func BenchmarkConditionalUpdateItem(b *testing.B) {
	s, round := weirAlone(b), 0
	b.Run("by=weir", func(b *testing.B) {
		s.measure(b, func() int {
			together(b, 500, func(ctx context.Context, i int) error {
				key := item(i)
				_, err := s.DynamoDB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
					TableName: table, Key: map[string]types.AttributeValue{"pk": key["pk"], "window_start": key["window_start"]},
					UpdateExpression: aws.String("SET #c = :next"), ConditionExpression: aws.String("attribute_not_exists(#c) OR #c = :last"),
					ExpressionAttributeNames: map[string]string{"#c": "count"},
					ExpressionAttributeValues: map[string]types.AttributeValue{
						":next": &types.AttributeValueMemberN{Value: fmt.Sprint(round + 1)}, ":last": &types.AttributeValueMemberN{Value: fmt.Sprint(round)},
					},
				})
				return err
			})
			round++
			return 500
		})
	})
}

func weirAlone(b *testing.B) *server {
	s := programs(b)["weir"](b)
	if _, err := s.DynamoDB.CreateTable(b.Context(), &dynamodb.CreateTableInput{
		TableName: table, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("window_start"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("window_start"), KeyType: types.KeyTypeRange},
		},
	}); err != nil {
		b.Fatal(err)
	}
	waiter := dynamodb.NewTableExistsWaiter(s.DynamoDB, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 100 * time.Millisecond })
	if err := waiter.Wait(b.Context(), &dynamodb.DescribeTableInput{TableName: table}, time.Minute); err != nil {
		b.Fatal(err)
	}
	return s
}

// item is a row of 5,000 keys.
func item(i int) map[string]types.AttributeValue {
	text := func(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }
	number := func(value string) types.AttributeValue { return &types.AttributeValueMemberN{Value: value} }
	return map[string]types.AttributeValue{
		"pk": text(fmt.Sprint("order#key-", i%5000)), "window_start": text("2013-01-01T06:00:00Z"), "window_end": text("2013-01-01T07:00:00Z"),
		"kind": text("order"), "key": text(fmt.Sprint("key-", i%5000)), "sum": number("-13.5"), "min": number("-9"), "max": number("47"),
	}
}
