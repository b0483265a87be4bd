package dynamodb_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"weir/internal/localaws/dynamodb"
)

func TestATableIsReadAndWrittenWhileItIsChanged(t *testing.T) {
	client := inProcess(dynamodb.Config{Region: "us-east-1", Account: "000000000000", Limits: true})
	capacityTable(t, client, 0)
	const writers, each = 4, 300
	var group errgroup.Group
	for w := range writers {
		group.Go(func() error {
			for i := range each {
				if _, err := client.PutItem(t.Context(), &sdk.PutItemInput{
					TableName: aws.String("rows"), Item: item(fmt.Sprintf("%d-%d", w, i), 1+i%5), ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
				}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		for i := range 20 {
			create := []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
				IndexName: aws.String("by-v"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("v"), KeyType: "HASH"}},
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
			}}}
			if i%2 == 1 {
				create = []types.GlobalSecondaryIndexUpdate{{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("by-v")}}}
			}
			if _, err := client.UpdateTable(t.Context(), &sdk.UpdateTableInput{
				TableName: aws.String("rows"), GlobalSecondaryIndexUpdates: create,
				AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("v"), AttributeType: "S"}},
			}); err != nil {
				return err
			}
			if _, err := client.Scan(t.Context(), &sdk.ScanInput{TableName: aws.String("rows"), Limit: aws.Int32(100)}); err != nil {
				return err
			}
		}
		_, err := client.UpdateTable(t.Context(), &sdk.UpdateTableInput{
			TableName: aws.String("rows"), AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("v"), AttributeType: "S"}},
			GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
				IndexName: aws.String("by-v"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("v"), KeyType: "HASH"}},
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			}}},
		})
		return err
	})
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for index, want := range map[string]int32{"": writers * each, "by-v": writers * each} {
		in := &sdk.ScanInput{TableName: aws.String("rows"), Select: types.SelectCount}
		if index != "" {
			in.IndexName = &index
		}
		out, err := client.Scan(t.Context(), in)
		if err != nil || out.Count != want {
			t.Errorf("index %q: %v items, want %d: %v", index, out, want, err)
		}
	}
}
