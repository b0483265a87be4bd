package table_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

type item = map[string]types.AttributeValue

// fake is a DynamoDB of one table that refuses what DynamoDB refuses, and whatever else a test asks for. A call takes a
// millisecond.
type fake struct {
	// fault fails the n-th call of an operation, counted from 0, before it does anything.
	fault func(operation string, n int) error
	// silent lets the n-th call of an operation wait for its context's end.
	silent func(operation string, n int) bool
	// dropAnswer loses the answer of the n-th BatchWriteItem after it has stored its items.
	dropAnswer func(n int) bool
	// process is how many items of the n-th BatchWriteItem are stored; nil is all.
	process func(n, items int) int
	// invisible is how many DescribeTable calls do not know the table yet; creating, how many find it being made after that.
	invisible, creating int
	page                int // items a Scan answers with, 0 for all

	mu        sync.Mutex
	exists    bool
	items     map[string]item
	calls     map[string]int
	under     int
	mostUnder int
}

func newFake() *fake {
	return &fake{exists: true, items: map[string]item{}, calls: map[string]int{}}
}

func (f *fake) begin(ctx context.Context, operation string) (n int, err error) {
	f.mu.Lock()
	n = f.calls[operation]
	f.calls[operation]++
	f.under++
	f.mostUnder = max(f.mostUnder, f.under)
	f.mu.Unlock()
	time.Sleep(time.Millisecond)
	if f.silent != nil && f.silent(operation, n) {
		<-ctx.Done()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.under--
	if err := ctx.Err(); err != nil {
		return n, err
	}
	if f.fault != nil {
		if err := f.fault(operation, n); err != nil {
			return n, err
		}
	}
	if !f.exists && operation != "CreateTable" {
		return n, &types.ResourceNotFoundException{Message: aws.String("no table")}
	}
	return n, nil
}

func (f *fake) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	if _, err := f.begin(ctx, "CreateTable"); err != nil {
		return nil, err
	}
	if f.exists {
		return nil, &types.ResourceInUseException{Message: aws.String("there is one")}
	}
	f.exists = true
	return &dynamodb.CreateTableOutput{}, nil
}

func (f *fake) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	n, err := f.begin(ctx, "DescribeTable")
	if err != nil {
		return nil, err
	}
	status := types.TableStatusActive
	switch {
	case n < f.invisible:
		return nil, &types.ResourceNotFoundException{Message: aws.String("not known yet")}
	case n < f.invisible+f.creating:
		status = types.TableStatusCreating
	}
	return &dynamodb.DescribeTableOutput{Table: &types.TableDescription{TableStatus: status}}, nil
}

func (f *fake) DeleteTable(ctx context.Context, in *dynamodb.DeleteTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error) {
	if _, err := f.begin(ctx, "DeleteTable"); err != nil {
		return nil, err
	}
	f.exists = false
	return &dynamodb.DeleteTableOutput{}, nil
}

func (f *fake) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	n, err := f.begin(ctx, "BatchWriteItem")
	if err != nil {
		return nil, err
	}
	requests := in.RequestItems["rows"]
	if len(requests) == 0 || len(requests) > 25 {
		return nil, invalid("%d items", len(requests))
	}
	processed := len(requests)
	if f.process != nil {
		processed = f.process(n, len(requests))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := map[string]bool{}
	for _, request := range requests {
		key := keyText(request.PutRequest.Item)
		if seen[key] {
			return nil, invalid("provided list of item keys contains duplicates")
		}
		seen[key] = true
	}
	for _, request := range requests[:processed] {
		f.items[keyText(request.PutRequest.Item)] = request.PutRequest.Item
	}
	if f.dropAnswer != nil && f.dropAnswer(n) {
		return nil, fmt.Errorf("connection reset")
	}
	output := &dynamodb.BatchWriteItemOutput{}
	if processed < len(requests) {
		output.UnprocessedItems = map[string][]types.WriteRequest{"rows": requests[processed:]}
	}
	return output, nil
}

// PutItem knows one condition, that of a row that counts less.
func (f *fake) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if _, err := f.begin(ctx, "PutItem"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	count := func(value types.AttributeValue) int {
		n, _ := strconv.Atoi(value.(*types.AttributeValueMemberN).Value)
		return n
	}
	if there, ok := f.items[keyText(in.Item)]; ok && count(there["count"]) > count(in.ExpressionAttributeValues[":count"]) {
		return nil, &types.ConditionalCheckFailedException{Message: aws.String("The conditional request failed")}
	}
	f.items[keyText(in.Item)] = in.Item
	return &dynamodb.PutItemOutput{}, nil
}

func (f *fake) Scan(ctx context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	if _, err := f.begin(ctx, "Scan"); err != nil {
		return nil, err
	}
	if !aws.ToBool(in.ConsistentRead) {
		return nil, invalid("the test wants consistent reads")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	output := &dynamodb.ScanOutput{}
	after := ""
	if len(in.ExclusiveStartKey) > 0 {
		after = keyText(in.ExclusiveStartKey)
	}
	for _, key := range slices.Sorted(maps.Keys(f.items)) {
		h := fnv.New32()
		_, _ = h.Write([]byte(key))
		if key <= after || int32(h.Sum32()%uint32(*in.TotalSegments)) != *in.Segment {
			continue
		}
		output.Items = append(output.Items, f.items[key])
		if len(output.Items) == f.page {
			output.LastEvaluatedKey = item{"pk": f.items[key]["pk"], "window_start": f.items[key]["window_start"]}
			break
		}
	}
	return output, nil
}

// put stores an item as somebody else would.
func (f *fake) put(it item) { f.items[keyText(it)] = it }

func keyText(it item) string {
	return it["pk"].(*types.AttributeValueMemberS).Value + "\x00" + it["window_start"].(*types.AttributeValueMemberS).Value
}

func invalid(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

func throttle() error {
	return &types.ProvisionedThroughputExceededException{Message: aws.String("slow down")}
}
