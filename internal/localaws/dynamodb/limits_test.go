package dynamodb_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"weir/internal/localaws/dynamodb"
	"weir/internal/localaws/wire"
	"weir/limits"
)

// refusal is the message of a ValidationException, empty for no error.
func refusal(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	refused, ok := errors.AsType[smithy.APIError](err)
	if !ok || refused.ErrorCode() != "ValidationException" {
		t.Fatalf("%v is no ValidationException", err)
	}
	return refused.ErrorMessage()
}

// It shows D13.
func TestItemsAndKeysAreBoundedInBytes(t *testing.T) {
	client := newTable(t, nil)
	long := func(n int) string { return strings.Repeat("x", n) }
	const rest = len("p"+"k"+"r"+"x") + 2 // the names, and the keys' values
	for _, test := range []struct {
		key, value int
		want       string
	}{
		{1, limits.ItemBytes - rest, ""},
		{1, limits.ItemBytes - rest + 1, "Item size has exceeded the maximum allowed size"},
		{limits.PartitionKeyBytes, 1, ""},
		{limits.PartitionKeyBytes + 1, 1, "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"},
	} {
		item := key(long(test.key), "1")
		item["x"] = text(long(test.value))
		_, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("tab"), Item: item})
		if got := refusal(t, err); got != test.want {
			t.Errorf("key of %d, value of %d bytes: %q, want %q", test.key, test.value, got, test.want)
		}
	}
	_, err := client.UpdateItem(t.Context(), &sdk.UpdateItemInput{
		TableName: aws.String("tab"), Key: key("x", "1"), UpdateExpression: aws.String("SET y = :y"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":y": text("y")},
	})
	if got, want := refusal(t, err), "Item size to update has exceeded the maximum allowed size"; got != want {
		t.Errorf("update of a full item: %q, want %q", got, want)
	}
}

func TestSortKeysAreBoundedInBytes(t *testing.T) {
	client := inProcess(config)
	in := tableInput("tab")
	in.AttributeDefinitions[1].AttributeType = types.ScalarAttributeTypeS
	if _, err := client.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	for bytes, want := range map[int]string{
		limits.SortKeyBytes:     "",
		limits.SortKeyBytes + 1: "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
	} {
		_, err := client.PutItem(t.Context(), &sdk.PutItemInput{
			TableName: aws.String("tab"), Item: map[string]types.AttributeValue{"p": text("p"), "r": text(strings.Repeat("x", bytes))},
		})
		if got := refusal(t, err); got != want {
			t.Errorf("%d bytes: %q, want %q", bytes, got, want)
		}
	}
}

// An answer of BatchGetItem ends before 16 MB, and tells which keys are left; a client asks for them again.
func TestABatchReadOfOverSixteenMegabytesLeavesKeysUnprocessed(t *testing.T) {
	client := inProcess(config)
	if _, err := client.CreateTable(t.Context(), tableInput("tab")); err != nil {
		t.Fatal(err)
	}
	const items, size, fit = 43, 390 << 10, 42 // 42 items are 15.99 MiB
	keys := make([]map[string]types.AttributeValue, items)
	for i := range keys {
		keys[i] = key("k", strconv.Itoa(i))
		item := key("k", strconv.Itoa(i))
		item["x"] = text(strings.Repeat("x", size))
		if _, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("tab"), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	ask := map[string]types.KeysAndAttributes{"tab": {Keys: keys}}
	for _, want := range []int{fit, items - fit} {
		out, err := client.BatchGetItem(t.Context(), &sdk.BatchGetItemInput{RequestItems: ask})
		if err != nil || len(out.Responses["tab"]) != want {
			t.Fatalf("%d items, want %d: %v", len(out.Responses["tab"]), want, err)
		}
		ask = out.UnprocessedKeys
	}
	if len(ask) != 0 {
		t.Errorf("%v are left", ask)
	}
}

// It shows D1.
func TestWritesCostByTheLargerImage(t *testing.T) {
	client := newTable(t, nil)
	for _, test := range []struct {
		bytes int
		want  float64
	}{{100, 1}, {3000, 3}, {100, 3}, {1018, 1}, {1019, 2}} { // 6 bytes of names and keys besides
		item := key("k", "1")
		item["x"] = text(strings.Repeat("x", test.bytes))
		out, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("tab"), Item: item, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
		if err != nil {
			t.Fatal(err)
		}
		if got := *out.ConsumedCapacity.CapacityUnits; got != test.want {
			t.Errorf("a put of %d bytes cost %v units, want %v", test.bytes, got, test.want)
		}
	}
}

func TestConditionFailuresReachTheSDKTyped(t *testing.T) {
	client := newTable(t, nil)
	put(t, client, []map[string]types.AttributeValue{key("k", "1")})
	_, err := client.PutItem(t.Context(), &sdk.PutItemInput{
		TableName: aws.String("tab"), Item: key("k", "1"), ConditionExpression: aws.String("attribute_not_exists(p)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	if !ok || failed.ErrorMessage() != "The conditional request failed" || len(failed.Item) != 2 {
		t.Errorf("%v", err)
	}
	_, err = client.GetItem(t.Context(), &sdk.GetItemInput{TableName: aws.String("nope"), Key: key("k", "1")})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("%v", err)
	}
	_, err = client.CreateTable(t.Context(), tableInput("tab"))
	if _, ok := errors.AsType[*types.ResourceInUseException](err); !ok {
		t.Errorf("%v", err)
	}
}

// TestADroppedAnswerIsStored: the fault hook is asked, and what it drops after serving is there.
func TestADroppedAnswerIsStored(t *testing.T) {
	actions := map[int64]wire.Action{1: {Kind: wire.DropAfter}, 2: {Kind: wire.DropBefore}}
	client := newTable(t, func(c wire.Call) wire.Action {
		if c.Service != "dynamodb" || c.Operation != "PutItem" {
			return wire.Action{}
		}
		return actions[c.Number]
	})
	for i, p := range []string{"dropped after", "dropped before"} {
		_, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("tab"), Item: key(p, "1")})
		if _, answered := errors.AsType[smithy.APIError](err); err == nil || answered {
			t.Errorf("%s: %v, want no answer", p, err)
		}
		out, err := client.GetItem(t.Context(), &sdk.GetItemInput{TableName: aws.String("tab"), Key: key(p, "1")})
		if err != nil || (out.Item != nil) != (i == 0) {
			t.Errorf("%s: %v, %v", p, out.Item, err)
		}
	}
}

// TestTablesBecomeActiveAndGoAfterTheirDelay runs in virtual time, on the server's handler without a network.
//
// It shows D16.
func TestTablesBecomeActiveAndGoAfterTheirDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const delay = 50 * time.Millisecond
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", TableDelay: delay})
		tab := aws.String("tab")
		status := func() string {
			out, err := client.DescribeTable(context.Background(), &sdk.DescribeTableInput{TableName: tab})
			if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
				return "gone"
			}
			if err != nil {
				t.Fatal(err)
			}
			return string(out.Table.TableStatus)
		}
		write := func() error {
			_, err := client.PutItem(context.Background(), &sdk.PutItemInput{TableName: tab, Item: key("k", "1")})
			return err
		}
		remove := func() error {
			_, err := client.DeleteTable(context.Background(), &sdk.DeleteTableInput{TableName: tab})
			return err
		}
		if _, err := client.CreateTable(context.Background(), tableInput("tab")); err != nil {
			t.Fatal(err)
		}
		if got := status(); got != "CREATING" || write() == nil || remove() == nil {
			t.Errorf("after creation: %s; a write or a deletion succeeds", got)
		}
		time.Sleep(delay)
		if got, err := status(), write(); got != "ACTIVE" || err != nil {
			t.Errorf("after the delay: %s, %v", got, err)
		}
		if err := remove(); err != nil {
			t.Fatal(err)
		}
		if got := status(); got != "DELETING" || write() == nil || remove() == nil {
			t.Errorf("after deletion: %s; a write or a deletion succeeds", got)
		}
		time.Sleep(delay)
		if got := status(); got != "gone" {
			t.Errorf("after the second delay: %s", got)
		}
		if _, err := client.CreateTable(context.Background(), tableInput("tab")); err != nil {
			t.Error(err)
		}
	})
}
