package dynamodb

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"weir/internal/localaws/dynamodb/attribute"
)

// CreateTable makes a table with a hash key and perhaps a sort key, in either billing mode. It is CREATING for the
// configured delay, then ACTIVE, without anything running in between.
//
// It deviates: streams and most settings of how AWS runs a table are refused; item counts are exact and up to date, where AWS renews them every six
// hours.

// D16: A table is CREATING and then ACTIVE, and DELETING before it is gone (API reference, CreateTable, DeleteTable)
type createTableInput struct {
	TableName                 string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keySchemaElement
	BillingMode               string
	ProvisionedThroughput     *throughput
	Tags                      []tag
	DeletionProtectionEnabled bool
	GlobalSecondaryIndexes    []indexInput
	LocalSecondaryIndexes     []indexInput

	StreamSpecification, SSESpecification                                                              unserved
	TableClass, WarmThroughput, OnDemandThroughput, ResourcePolicy, GlobalTableSettingsReplicationMode unserved
}

type createTableOutput struct{ TableDescription *tableDescription }

type attributeDefinition struct {
	AttributeName string
	AttributeType attribute.Type
}

type keySchemaElement struct{ AttributeName, KeyType string }

type throughput struct{ ReadCapacityUnits, WriteCapacityUnits int64 }

type tag struct{ Key, Value string }

// tableDescription is a table as the operations on tables show it.
type tableDescription struct {
	TableName                 string
	TableArn                  string
	TableStatus               string
	CreationDateTime          float64 // seconds since the Unix epoch
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keySchemaElement
	ProvisionedThroughput     describedThroughput
	BillingModeSummary        *billingModeSummary `json:",omitempty"`
	ItemCount                 int64
	TableSizeBytes            int64
	DeletionProtectionEnabled bool
	GlobalSecondaryIndexes    []describedIndex `json:",omitempty"`
	LocalSecondaryIndexes     []describedIndex `json:",omitempty"`
}

type describedThroughput struct {
	throughput
	NumberOfDecreasesToday int64
}

type billingModeSummary struct {
	BillingMode                       string
	LastUpdateToPayPerRequestDateTime float64 // seconds since the Unix epoch
}

func (s *Service) createTable(_ context.Context, in *createTableInput) (*createTableOutput, error) {
	keys, err := in.check()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	t := &table{name: in.TableName, description: s.newDescription(in, now), schema: keys.table, tags: in.Tags, active: now.Add(s.config.TableDelay)}
	for i := range in.LocalSecondaryIndexes {
		t.indexes = append(t.indexes, t.newIndex(&in.LocalSecondaryIndexes[i], false, keys.local[i], t.active))
	}
	for i := range in.GlobalSecondaryIndexes {
		t.indexes = append(t.indexes, t.newIndex(&in.GlobalSecondaryIndexes[i], true, keys.global[i], t.active))
	}
	s.limit(t, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.tables[in.TableName]; old != nil && !old.gone(now) {
		return nil, inUse("Table already exists: " + in.TableName)
	}
	s.tables[in.TableName] = t
	created := t.describe(now)
	created.TableStatus = "CREATING" // as AWS answers, however soon the table is active
	return &createTableOutput{created}, nil
}

func (s *Service) newDescription(in *createTableInput, now time.Time) tableDescription {
	seconds := float64(now.UnixMilli()) / 1000
	d := tableDescription{
		TableName:            in.TableName,
		TableArn:             fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", s.config.Region, s.config.Account, in.TableName),
		CreationDateTime:     seconds,
		AttributeDefinitions: in.AttributeDefinitions,
		KeySchema:            in.KeySchema,

		DeletionProtectionEnabled: in.DeletionProtectionEnabled,
	}
	if in.ProvisionedThroughput != nil {
		d.ProvisionedThroughput.throughput = *in.ProvisionedThroughput
	}
	if in.BillingMode == "PAY_PER_REQUEST" {
		d.BillingModeSummary = &billingModeSummary{in.BillingMode, seconds}
	}
	return d
}

// limit gives a table and its global indexes the throttles of their capacity, where that is another than before. The table's lock is held, or nobody
// else has it yet.
func (s *Service) limit(t *table, now time.Time) {
	if !s.config.Limits {
		return
	}
	onDemand := t.description.onDemand()
	set := func(to *atomic.Pointer[throttle], what, arn string, given throughput) {
		if before := to.Load(); before == nil || before.given != given || before.onDemand != onDemand {
			to.Store(newThrottle(what, arn, given, onDemand, now))
		}
	}
	set(&t.throttle, "Table", t.description.TableArn, t.description.ProvisionedThroughput.throughput)
	for _, x := range t.indexes {
		if x.global {
			set(&x.throttle, "Index", x.arn, x.throughput)
		}
	}
}

func (d *tableDescription) onDemand() bool {
	return d.BillingModeSummary != nil && d.BillingModeSummary.BillingMode == payPerRequest
}

const payPerRequest = "PAY_PER_REQUEST"

// tableKeys are the keys of a table and of its indexes.
type tableKeys struct {
	table         schema
	local, global []schema
}

func (in *createTableInput) check() (tableKeys, error) {
	name, err := tableName(in.TableName)
	if err != nil {
		return tableKeys{}, err
	}
	in.TableName = name
	err = refuse(
		parameter{"StreamSpecification", in.StreamSpecification}, parameter{"SSESpecification", in.SSESpecification},
		parameter{"TableClass", in.TableClass}, parameter{"WarmThroughput", in.WarmThroughput},
		parameter{"OnDemandThroughput", in.OnDemandThroughput}, parameter{"ResourcePolicy", in.ResourcePolicy},
		parameter{"GlobalTableSettingsReplicationMode", in.GlobalTableSettingsReplicationMode},
	)
	if err != nil {
		return tableKeys{}, err
	}
	if err := checkBilling(in.BillingMode, in.ProvisionedThroughput); err != nil {
		return tableKeys{}, err
	}
	return in.keys()
}

func checkBilling(mode string, t *throughput) error {
	if err := oneOf("billingMode", mode, "PROVISIONED", payPerRequest); err != nil {
		return err
	}
	switch {
	case mode == payPerRequest && t != nil:
		return invalid("One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case mode == payPerRequest:
		return nil
	case t == nil:
		return invalid("One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	return t.check("")
}

func (t *throughput) check(prefix string) error {
	switch {
	case t.ReadCapacityUnits < 1:
		return atLeastOne(prefix+"provisionedThroughput.readCapacityUnits", t.ReadCapacityUnits)
	case t.WriteCapacityUnits < 1:
		return atLeastOne(prefix+"provisionedThroughput.writeCapacityUnits", t.WriteCapacityUnits)
	}
	return nil
}

// keys checks the key schemas of the table and of its indexes against the attribute definitions.
func (in *createTableInput) keys() (keys tableKeys, err error) {
	types, err := attributeTypes(in.AttributeDefinitions)
	if err != nil {
		return keys, err
	}
	if keys.table, err = types.schema(in.KeySchema); err != nil {
		return keys, err
	}
	if keys.local, err = in.indexKeys(in.LocalSecondaryIndexes, types, false, keys.table); err != nil {
		return keys, err
	}
	if keys.global, err = in.indexKeys(in.GlobalSecondaryIndexes, types, true, keys.table); err != nil {
		return keys, err
	}
	return keys, types.allUsed(append(append([]schema{keys.table}, keys.local...), keys.global...))
}

func (in *createTableInput) indexKeys(indexes []indexInput, types definedTypes, global bool, of schema) (keys []schema, err error) {
	kind, most := "LocalSecondaryIndex", mostLocalIndexes
	if global {
		kind, most = "GlobalSecondaryIndex", mostGlobalIndexes
	}
	if len(indexes) > most {
		return nil, invalid("One or more parameter values were invalid: %s count exceeds the per-table limit of %d", kind, most)
	}
	names := make(map[string]bool)
	for i := range indexes {
		x := &indexes[i]
		if err := x.check(in.BillingMode == payPerRequest, global); err != nil {
			return nil, err
		}
		if names[x.IndexName] {
			return nil, invalid("One or more parameter values were invalid: Duplicate index name: %s", x.IndexName)
		}
		names[x.IndexName] = true
		key, err := types.schema(x.KeySchema)
		if err != nil {
			return nil, err
		}
		if !global && (of.sort.name == "" || key.hash != of.hash || key.sort.name == "") {
			return nil, invalid("One or more parameter values were invalid: Index KeySchema does not have a range key, or its hash key is not that of the table, for index: %s", x.IndexName)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
