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
		capacityTable(t, client, 10)
		stored := 0
		for i := range 30 { // one unit each; a new table has a second's worth
			if store(t, client, fmt.Sprint(i), 10) {
				stored++
			}
		}
		if stored != 10 {
			t.Errorf("%d of 30 writes were let through, want 10", stored)
		}
		time.Sleep(time.Second)
		if !store(t, client, "large", 9*1024) || store(t, client, "one more", 10) {
			t.Error("an item of 9.01 KiB costs 10 units: all that there are")
		}
		got, err := client.Scan(t.Context(), &sdk.ScanInput{TableName: aws.String("rows"), Select: types.SelectCount})
		if err != nil || got.Count != 11 {
			t.Errorf("%d items are there, want 11: %v", got.Count, err)
		}
		time.Sleep(time.Hour) // 300 seconds' worth is saved up, and no more
		stored = 0
		for i := range 4000 {
			if store(t, client, fmt.Sprint("later", i), 10) {
				stored++
			}
		}
		if stored != 3000 {
			t.Errorf("%d writes were let through after an hour, want 3,000", stored)
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
		for i := range 4100 {
			if store(t, client, fmt.Sprint(i), 10) {
				stored++
			}
		}
		if stored != 4000 {
			t.Errorf("%d, want 4,000", stored)
		}
	})
}
