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
	var throttled *types.ProvisionedThroughputExceededException
	if err != nil && !errors.As(err, &throttled) {
		t.Fatal(err)
	}
	return err == nil
}

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
