package dynamodb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"weir/internal/localaws/dynamodb"
)

func capacityTable(t *testing.T, client *sdk.Client, units int64) {
	t.Helper()
	input := &sdk.CreateTableInput{
		TableName: aws.String("rows"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}},
	}
	if units > 0 {
		input.BillingMode = types.BillingModeProvisioned
		input.ProvisionedThroughput = &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(1), WriteCapacityUnits: &units}
	}
	if _, err := client.CreateTable(t.Context(), input); err != nil {
		t.Fatal(err)
	}
}

func item(key string, size int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: key}, "v": &types.AttributeValueMemberS{Value: strings.Repeat("x", size)}}
}

// store says whether an item was stored.
func store(t *testing.T, client *sdk.Client, key string, size int) bool {
	t.Helper()
	_, err := client.PutItem(context.Background(), &sdk.PutItemInput{TableName: aws.String("rows"), Item: item(key, size)})
	_, throttled := errors.AsType[*types.ProvisionedThroughputExceededException](err)
	_, onDemand := errors.AsType[*types.ThrottlingException](err)
	if err != nil && !throttled && !onDemand {
		t.Fatal(err)
	}
	return err == nil
}

// It shows D2, D3.
func TestWritesBeyondTheCapacityAreThrottledAndChangeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", Limits: true})
		capacityTable(t, client, 2)
		many := func(n int, key string) (stored int) {
			for i := range n {
				if store(t, client, fmt.Sprint(key, i), 10) {
					stored++
				}
			}
			return stored
		}
		if stored := many(10, "first"); stored != 2 {
			t.Errorf("%d of 10 writes were let through; a new table has a second's worth, 2", stored)
		}
		time.Sleep(time.Second)
		if !store(t, client, "large", 1024) || store(t, client, "one more", 10) {
			t.Error("an item of 1.01 KiB costs 2 units: all that there are")
		}
		got, err := client.Scan(t.Context(), &sdk.ScanInput{TableName: aws.String("rows"), Select: types.SelectCount})
		if err != nil || got.Count != 3 {
			t.Errorf("%d items are there, want 3: %v", got.Count, err)
		}
		time.Sleep(time.Hour) // 300 seconds' worth is saved up, and no more
		if stored := many(700, "later"); stored != 600 {
			t.Errorf("%d writes were let through after an hour, want 600", stored)
		}
	})
}

// An item of 400 KB is more than a table of one unit can ever save up. It goes when all is saved up, and the table pays for it afterwards.
func TestAnItemBeyondAllThatATableCanSaveUpIsOwed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", Limits: true})
		capacityTable(t, client, 1)
		const size = 399 << 10 // and its key: 400 units
		time.Sleep(298 * time.Second)
		if store(t, client, "large", size) {
			t.Error("299 units are saved up, and not 300")
		}
		time.Sleep(time.Second)
		if !store(t, client, "large", size) {
			t.Error("refused, though all is saved up")
		}
		time.Sleep(100 * time.Second)
		if store(t, client, "small", 10) {
			t.Error("100 units are owed, and one is wanted")
		}
		time.Sleep(time.Second)
		if !store(t, client, "small", 10) {
			t.Error("refused, though all is paid")
		}
	})
}

// It shows D9.
func TestWhatABatchHasNoUnitsForIsUnprocessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", Limits: true})
		capacityTable(t, client, 10)
		var requests []types.WriteRequest
		for i := range 25 {
			requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: item(fmt.Sprint(i), 10)}})
		}
		batch := func(requests []types.WriteRequest) (left []types.WriteRequest, err error) {
			out, err := client.BatchWriteItem(t.Context(), &sdk.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"rows": requests}})
			if err != nil {
				return nil, err
			}
			return out.UnprocessedItems["rows"], nil
		}
		left, err := batch(requests)
		if err != nil || len(left) != 15 || left[0].PutRequest.Item["pk"].(*types.AttributeValueMemberS).Value != "10" {
			t.Fatalf("%d are left: %v", len(left), err)
		}
		var throttled *types.ProvisionedThroughputExceededException
		if _, err := batch(left); !errors.As(err, &throttled) {
			t.Errorf("a batch of which nothing is done: %v", err)
		}
		time.Sleep(2 * time.Second)
		if left, err = batch(left); err != nil || len(left) != 0 {
			t.Errorf("%d are left: %v", len(left), err)
		}
	})
}

// It shows D4.
func TestAnOnDemandTableTakesFourThousandWritesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", Limits: true})
		capacityTable(t, client, 0)
		stored := 0
		for i := range 10 {
			if store(t, client, fmt.Sprint(i), 399<<10) {
				stored++
			}
		}
		if stored != 10 {
			t.Errorf("%d items of 400 units, want 10", stored)
		}
		if store(t, client, "one more", 10) {
			t.Error("4,001 units in a second")
		}
		time.Sleep(time.Second)
		if !store(t, client, "one more", 10) {
			t.Error("refused in the next second")
		}
	})
}

// reasonOf is why a call was throttled, empty if it was not.
func reasonOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var reasons []types.ThrottlingReason
	if e, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err); ok {
		reasons = e.ThrottlingReasons
	} else if e, ok := errors.AsType[*types.ThrottlingException](err); ok {
		reasons = e.ThrottlingReasons
	}
	if len(reasons) != 1 || reasons[0].Resource == nil {
		t.Fatalf("%v: %+v", err, reasons)
	}
	return *reasons[0].Reason + " " + (*reasons[0].Resource)[len("arn:aws:dynamodb:us-east-1:000000000000:"):]
}

// It shows D6.
func TestReadsBeyondTheCapacityAreThrottledWithTheirReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", Limits: true})
		capacityTable(t, client, 5) // one read unit a second
		store(t, client, "a", 10)
		get := func() error {
			_, err := client.GetItem(t.Context(), &sdk.GetItemInput{TableName: aws.String("rows"), Key: byPK("a")})
			return err
		}
		for i, want := range []string{"", "", "TableReadProvisionedThroughputExceeded table/rows"} {
			if got := reasonOf(t, get()); got != want {
				t.Errorf("read %d: %q, want %q", i, got, want)
			}
		}
		_, err := client.Scan(t.Context(), &sdk.ScanInput{TableName: aws.String("rows")})
		if got := reasonOf(t, err); got != "TableReadProvisionedThroughputExceeded table/rows" {
			t.Errorf("a scan: %q", got)
		}
		_, err = client.BatchGetItem(t.Context(), &sdk.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"rows": {Keys: []map[string]types.AttributeValue{byPK("a")}}}})
		if err == nil {
			t.Error("a batch was read of which nothing could be")
		}
		time.Sleep(time.Second)
		if err := get(); err != nil {
			t.Error(err)
		}
	})
}

// It shows D5.
func TestOneKeyGetsWhatAPartitionHasHoweverMuchItsTableHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", Limits: true})
		capacityTable(t, client, 3000)
		stored, reason := 0, ""
		for i := range 1500 {
			_, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("rows"), Item: item("hot", i%7)})
			if err == nil {
				stored++
			} else {
				reason = reasonOf(t, err)
			}
		}
		if stored != 1000 || reason != "TableWriteKeyRangeThroughputExceeded table/rows" {
			t.Errorf("%d writes of the hot key were let through, then %q", stored, reason)
		}
		if !store(t, client, "cold", 10) {
			t.Error("another key has to wait for the hot one")
		}
	})
}

// indexedTable has a global index, by-v.
func indexedTable(t *testing.T, client *sdk.Client, units, indexUnits int64) {
	t.Helper()
	throughput := func(n int64) *types.ProvisionedThroughput {
		return &types.ProvisionedThroughput{ReadCapacityUnits: &n, WriteCapacityUnits: &n}
	}
	_, err := client.CreateTable(t.Context(), &sdk.CreateTableInput{
		TableName: aws.String("rows"), ProvisionedThroughput: throughput(units), BillingMode: types.BillingModeProvisioned,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("v"), AttributeType: "S"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-v"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("v"), KeyType: "HASH"}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}, ProvisionedThroughput: throughput(indexUnits),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// It shows D6, D7, D11.
func TestAWriteWaitsForTheIndexThatHasNoUnits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", Limits: true})
		indexedTable(t, client, 4, 3)
		put := func(key string, size int) string {
			_, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("rows"), Item: item(key, size)})
			return reasonOf(t, err)
		}
		for i := range 3 {
			if got := put(fmt.Sprint(i), 1); got != "" {
				t.Errorf("write %d: %q", i, got)
			}
		}
		if got := put("fourth", 1); got != "IndexWriteProvisionedThroughputExceeded table/rows/index/by-v" {
			t.Errorf("the fourth: %q", got)
		}
		// What does not change the index costs it nothing; and the table has its fourth unit still, which the write that was refused gave back.
		if _, err := client.UpdateItem(t.Context(), &sdk.UpdateItemInput{
			TableName: aws.String("rows"), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "0"}}, UpdateExpression: aws.String("SET extra = :o"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":o": &types.AttributeValueMemberS{Value: "x"}},
		}); err != nil {
			t.Error(err)
		}
	})
}

// It shows D5.
func TestAHotKeyOfAnIndexIsTheIndexs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", Limits: true})
		indexedTable(t, client, 5000, 5000)
		stored, reason := 0, ""
		for i := range 1500 { // each has a key of its own in the table, and all have one in the index
			_, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("rows"), Item: item(fmt.Sprint(i), 1)})
			if err == nil {
				stored++
			} else {
				reason = reasonOf(t, err)
			}
		}
		if stored != 1000 || reason != "IndexWriteKeyRangeThroughputExceeded table/rows/index/by-v" {
			t.Errorf("%d writes of the index's hot key were let through, then %q", stored, reason)
		}
	})
}

// It shows D8.
func TestAWriteWhoseConditionFailsIsChargedAndOneThatIsInvalidIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", Limits: true})
		capacityTable(t, client, 10)
		if !store(t, client, "a", 10) {
			t.Fatal("the first write is throttled")
		}
		_, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("rows"), Item: item("a", 4000), ConditionExpression: aws.String("attribute_not_exists(pk)")})
		if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); !ok {
			t.Fatal(err)
		}
		for range 20 {
			_, err := client.UpdateItem(t.Context(), &sdk.UpdateItemInput{
				TableName: aws.String("rows"), Key: byPK("a"), UpdateExpression: aws.String("SET v = v + :one"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
			})
			if err == nil || isThrottled(err) {
				t.Fatalf("a number was added to a text: %v", err)
			}
		}
		stored := 0
		for i := range 10 {
			if store(t, client, fmt.Sprint(i), 10) {
				stored++
			}
		}
		if stored != 5 { // of ten, one went to the first, and four to the item that was not put
			t.Errorf("%d units were left, want 5", stored)
		}
	})
}

func isThrottled(err error) bool {
	_, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err)
	return ok
}

func TestAKeyThatABatchHasNoRoomForCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000"})
		capacityTable(t, client, 0)
		const size, many = 399 << 10, 50
		keys := make([]map[string]types.AttributeValue, many)
		for i := range keys {
			keys[i] = byPK(fmt.Sprint(i))
			store(t, client, fmt.Sprint(i), size)
		}
		out, err := client.BatchGetItem(t.Context(), &sdk.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{"rows": {Keys: keys, ConsistentRead: aws.Bool(true)}}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			t.Fatal(err)
		}
		got := len(out.Responses["rows"])
		if left := len(out.UnprocessedKeys["rows"].Keys); got == many || got+left != many {
			t.Errorf("%d items came and %d keys are left, of %d", got, left, many)
		}
		if units := *out.ConsumedCapacity[0].CapacityUnits; units != float64(100*got) {
			t.Errorf("%v units for %d items of 100", units, got)
		}
	})
}

func byPK(pk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}}
}
