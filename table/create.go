package table

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// statusPoll is about the time between two looks at a table that is being made.
const statusPoll = 100 * time.Millisecond

// Create makes the table, on-demand where no write capacity is configured, and waits until it is active. A table of that name that is already there is an error.
func (t *Table) Create(ctx context.Context) error {
	input := &dynamodb.CreateTableInput{
		TableName:   &t.config.Name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(attributePK), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(attributeWindowStart), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(attributePK), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(attributeWindowStart), KeyType: types.KeyTypeRange},
		},
	}
	if units := t.config.WriteCapacity; units > 0 {
		input.BillingMode = types.BillingModeProvisioned
		input.ProvisionedThroughput = &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(units), WriteCapacityUnits: &units}
	}
	for key, value := range t.config.Tags {
		input.Tags = append(input.Tags, types.Tag{Key: &key, Value: &value})
	}
	// Only a refusal is tried again: after a call without an answer nobody could tell this table from one that was there before.
	err := retry(ctx, throttled, func(ctx context.Context) error {
		_, err := t.config.Client.CreateTable(ctx, input)
		return err
	})
	if err == nil {
		err = t.waitActive(ctx)
	}
	if err != nil {
		return fmt.Errorf("create table %s: %w", t.config.Name, err)
	}
	return nil
}

func (t *Table) waitActive(ctx context.Context) error {
	for {
		status, err := t.status(ctx)
		if err != nil {
			return err
		}
		switch status {
		case types.TableStatusActive:
			return nil
		case types.TableStatusCreating:
		default:
			return fmt.Errorf("it is %s", status)
		}
		if err := sleep(ctx, statusPoll/2+rand.N(statusPoll)); err != nil {
			return err
		}
	}
}

// status takes a table that is not found for one that is being made: DescribeTable is eventually consistent and may not know a
// table right after CreateTable (DynamoDB API reference, DescribeTable).
func (t *Table) status(ctx context.Context) (types.TableStatus, error) {
	status := types.TableStatusCreating
	err := retry(ctx, transient, func(ctx context.Context) error {
		output, err := t.config.Client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.config.Name})
		if err == nil && output.Table != nil {
			status = output.Table.TableStatus
		}
		return err
	})
	if notFound(err) {
		return types.TableStatusCreating, nil
	}
	return status, err
}

// Delete removes the table, and does not wait until it is gone. A table that does not exist is fine; one that is still being made is
// removed once it is active, for DynamoDB refuses to do so before.
func (t *Table) Delete(ctx context.Context) error {
	err := retry(ctx, deletable, func(ctx context.Context) error {
		_, err := t.config.Client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &t.config.Name})
		return err
	})
	if err != nil && !notFound(err) {
		return fmt.Errorf("delete table %s: %w", t.config.Name, err)
	}
	return nil
}

// deletable says that a table that could not be deleted may be deletable later.
func deletable(err error) bool {
	_, inUse := errors.AsType[*types.ResourceInUseException](err)
	return inUse || transient(err)
}

func notFound(err error) bool {
	_, ok := errors.AsType[*types.ResourceNotFoundException](err)
	return ok
}
