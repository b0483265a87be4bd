package dynamodb_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"
)

// put puts items by BatchWriteItem.
func put(t testing.TB, client *sdk.Client, items []map[string]types.AttributeValue) {
	t.Helper()
	for batch := range slices.Chunk(items, 25) {
		requests := make([]types.WriteRequest, len(batch))
		for i, item := range batch {
			requests[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: item}}
		}
		in := &sdk.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"tab": requests}}
		if out, err := client.BatchWriteItem(context.Background(), in); err != nil || len(out.UnprocessedItems) > 0 {
			t.Fatal(out, err)
		}
	}
}

// mostPages bounds a test's reading, so that pages without end fail it.
const mostPages = 1000

// scan reads a segment to its end, page by page, and counts each item.
func scan(client *sdk.Client, in *sdk.ScanInput) (map[string]int, error) {
	seen := map[string]int{}
	in.TableName = aws.String("tab")
	for range mostPages {
		out, err := client.Scan(context.Background(), in)
		if err != nil {
			return nil, err
		}
		for _, item := range out.Items {
			seen[item["p"].(*types.AttributeValueMemberS).Value+" "+item["r"].(*types.AttributeValueMemberN).Value]++
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(out.LastEvaluatedKey) == 0 {
			return seen, nil
		}
	}
	return nil, errors.New("the pages do not end")
}

// It shows D15.
func TestScanMeetsEveryItemOnceWhateverTheLimitAndTheSegments(t *testing.T) {
	client := newTable(t, nil)
	want := map[string]int{}
	var items []map[string]types.AttributeValue
	for i := range 300 {
		p, r := fmt.Sprint("key ", i%37), fmt.Sprint(i-50)
		items = append(items, key(p, r))
		want[p+" "+r] = 1
	}
	put(t, client, items)
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int32Range(1, 320).Draw(t, "limit")
		segments := rapid.Int32Range(1, 12).Draw(t, "segments")
		if segments > 3 {
			limit = max(limit, 20) // keeps the number of calls low
		}
		seen := map[string]int{}
		for segment := range segments {
			part, err := scan(client, &sdk.ScanInput{Limit: &limit, Segment: &segment, TotalSegments: &segments})
			if err != nil {
				t.Fatal(err)
			}
			for item, times := range part {
				seen[item] += times
			}
		}
		if !maps.Equal(seen, want) {
			t.Fatalf("met %d items: %v", len(seen), seen)
		}
	})
}

func TestQueryPagesTheSameItemsEitherWay(t *testing.T) {
	client := newTable(t, nil)
	var items []map[string]types.AttributeValue
	for i := range 60 {
		items = append(items, key("k", fmt.Sprint((i-30)*(i-30)*(i-30))), key("other", fmt.Sprint(i)))
	}
	put(t, client, items)
	for _, limit := range []int32{1, 7, 59, 60, 61} {
		forward, backward := queried(t, client, limit, true), queried(t, client, limit, false)
		slices.Reverse(backward)
		if len(forward) != 60 || !slices.Equal(forward, backward) {
			t.Errorf("limit %d: %d items forward %v\n%d backward %v", limit, len(forward), forward, len(backward), backward)
		}
	}
}

func queried(t *testing.T, client *sdk.Client, limit int32, forward bool) (keys []string) {
	pages := sdk.NewQueryPaginator(client, &sdk.QueryInput{
		TableName: aws.String("tab"), Limit: &limit, ScanIndexForward: &forward,
		KeyConditionExpression:    aws.String("p = :p"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": text("k")},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil || len(keys) > mostPages {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, item := range page.Items {
			keys = append(keys, item["r"].(*types.AttributeValueMemberN).Value)
		}
	}
	return keys
}

// It shows D14.
func TestAPageEndsAtOneMegabyte(t *testing.T) {
	client := newTable(t, nil)
	var items []map[string]types.AttributeValue
	const kilobytes100 = 100<<10 - len("p"+"k"+"r"+"x") - 2
	for i := range 25 {
		item := key("k", fmt.Sprint(i+1))
		item["x"] = text(strings.Repeat("x", kilobytes100))
		items = append(items, item)
	}
	put(t, client, items)
	out, err := client.Scan(t.Context(), &sdk.ScanInput{TableName: aws.String("tab"), Select: types.SelectCount, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
	if err != nil {
		t.Fatal(err)
	}
	if out.Count != 11 || *out.ConsumedCapacity.CapacityUnits != 137.5 { // as DynamoDB Local
		t.Errorf("%d items for %v units", out.Count, *out.ConsumedCapacity.CapacityUnits)
	}
	seen, err := scan(client, &sdk.ScanInput{})
	if err != nil || len(seen) != 25 {
		t.Errorf("%d items, %v", len(seen), err)
	}
}

// TestScansStandWhileWritersWrite: items that are there all the while are met once by every scan; a conditional counter
// under many writers loses nothing.
func TestScansStandWhileWritersWrite(t *testing.T) {
	client := newTable(t, nil)
	var items []map[string]types.AttributeValue
	for i := range 100 {
		items = append(items, key(fmt.Sprint("stays ", i), "1"))
	}
	put(t, client, items)
	const writers, writes = 4, 40
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { churn(t, client, w, writes) })
	}
	for range 5 {
		seen, err := scan(client, &sdk.ScanInput{Limit: aws.Int32(7)})
		if err != nil {
			t.Error(err)
			break
		}
		for i := range 100 {
			if n := seen[fmt.Sprintf("stays %d 1", i)]; n != 1 {
				t.Errorf("item %d was met %d times", i, n)
			}
		}
	}
	wg.Wait()
	out, err := client.GetItem(t.Context(), &sdk.GetItemInput{TableName: aws.String("tab"), Key: key("counter", "0")})
	if err != nil {
		t.Fatal(err)
	}
	if got := out.Item["n"].(*types.AttributeValueMemberN).Value; got != fmt.Sprint(writers*writes) {
		t.Errorf("counter is %s, want %d", got, writers*writes)
	}
	table, err := client.DescribeTable(t.Context(), &sdk.DescribeTableInput{TableName: aws.String("tab")})
	if err != nil || *table.Table.ItemCount != 101 {
		t.Errorf("%d items are left, %v; want 101", *table.Table.ItemCount, err)
	}
}

// churn counts up one item, and makes and deletes others.
func churn(t *testing.T, client *sdk.Client, writer, writes int) {
	ctx := context.Background()
	tab := aws.String("tab")
	for i := range writes {
		_, err := client.UpdateItem(ctx, &sdk.UpdateItemInput{
			TableName: tab, Key: key("counter", "0"), UpdateExpression: aws.String("ADD n :one"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":one": number("1")},
		})
		passing := key(fmt.Sprintf("passing %d", writer*writes+i), "1")
		if err == nil {
			_, err = client.PutItem(ctx, &sdk.PutItemInput{TableName: tab, Item: passing, ConditionExpression: aws.String("attribute_not_exists(p)")})
		}
		if err == nil {
			_, err = client.DeleteItem(ctx, &sdk.DeleteItemInput{TableName: tab, Key: passing, ConditionExpression: aws.String("attribute_exists(p)")})
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
}
