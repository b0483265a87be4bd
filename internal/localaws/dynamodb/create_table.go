package dynamodb

import (
	"context"
	"fmt"
	"time"

	"weir/internal/localaws/dynamodb/attribute"
)

// CreateTable makes a table with a hash key and perhaps a sort key, in either billing mode. It is CREATING for the
// configured delay, then ACTIVE, without anything running in between.
//
// It deviates: secondary indexes, streams and every setting of how AWS runs a table are refused; the read
// throughput is kept and described, and does not throttle; item counts are exact and up to date, where AWS renews them every six hours.

type createTableInput struct {
	TableName                 string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keySchemaElement
	BillingMode               string
	ProvisionedThroughput     *throughput
	Tags                      []tag
	DeletionProtectionEnabled bool

	GlobalSecondaryIndexes, LocalSecondaryIndexes, StreamSpecification, SSESpecification               unserved
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
	t := &table{description: s.newDescription(in, now), schema: keys, tags: in.Tags, active: now.Add(s.config.TableDelay), start: now}
	if s.config.Limits {
		t.writes, t.savedUp = newWrites(&t.description)
	}
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
	}
	if in.ProvisionedThroughput != nil {
		d.ProvisionedThroughput.throughput = *in.ProvisionedThroughput
	}
	if in.BillingMode == "PAY_PER_REQUEST" {
		d.BillingModeSummary = &billingModeSummary{in.BillingMode, seconds}
	}
	return d
}

func (in *createTableInput) check() (schema, error) {
	name, err := tableName(in.TableName)
	if err != nil {
		return schema{}, err
	}
	in.TableName = name
	err = refuse(
		parameter{"GlobalSecondaryIndexes", in.GlobalSecondaryIndexes}, parameter{"LocalSecondaryIndexes", in.LocalSecondaryIndexes},
		parameter{"StreamSpecification", in.StreamSpecification}, parameter{"SSESpecification", in.SSESpecification},
		parameter{"TableClass", in.TableClass}, parameter{"WarmThroughput", in.WarmThroughput},
		parameter{"OnDemandThroughput", in.OnDemandThroughput}, parameter{"ResourcePolicy", in.ResourcePolicy},
		parameter{"GlobalTableSettingsReplicationMode", in.GlobalTableSettingsReplicationMode},
		parameter{"DeletionProtectionEnabled", unserved(in.DeletionProtectionEnabled)},
	)
	if err != nil {
		return schema{}, err
	}
	if err := in.checkBilling(); err != nil {
		return schema{}, err
	}
	return in.keys()
}

func (in *createTableInput) checkBilling() error {
	if err := oneOf("billingMode", in.BillingMode, "PROVISIONED", "PAY_PER_REQUEST"); err != nil {
		return err
	}
	t := in.ProvisionedThroughput
	switch {
	case in.BillingMode == "PAY_PER_REQUEST" && t != nil:
		return invalid("One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case in.BillingMode == "PAY_PER_REQUEST":
		return nil
	case t == nil:
		return invalid("One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	case t.ReadCapacityUnits < 1:
		return atLeastOne("provisionedThroughput.readCapacityUnits", t.ReadCapacityUnits)
	case t.WriteCapacityUnits < 1:
		return atLeastOne("provisionedThroughput.writeCapacityUnits", t.WriteCapacityUnits)
	}
	return nil
}

// keys checks the key schema against the attribute definitions.
func (in *createTableInput) keys() (schema, error) {
	types := map[string]attribute.Type{}
	for _, d := range in.AttributeDefinitions {
		if d.AttributeType == "" {
			return schema{}, invalid("1 validation error detected: Value null at 'attributeDefinitions.member.attributeType' failed to satisfy constraint: Member must not be null")
		}
		if err := oneOf("attributeDefinitions.member.attributeType", string(d.AttributeType), "B", "N", "S"); err != nil {
			return schema{}, err
		}
		if _, twice := types[d.AttributeName]; twice {
			return schema{}, invalid("Cannot have two attributes with the same name")
		}
		types[d.AttributeName] = d.AttributeType
	}
	var keys []keyAttribute
	for i, k := range in.KeySchema {
		if want := [...]string{"HASH", "RANGE"}[min(i, 1)]; k.KeyType != want {
			return schema{}, invalid("Invalid KeySchema: The %s KeySchemaElement is not a %s key type", [...]string{"first", "second"}[min(i, 1)], want)
		}
		kind, ok := types[k.AttributeName]
		if !ok {
			return schema{}, invalid("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [%s]", k.AttributeName)
		}
		keys = append(keys, keyAttribute{k.AttributeName, kind})
	}
	switch {
	case len(keys) == 0 || len(keys) > 2:
		return schema{}, invalid("1 validation error detected: Value at 'keySchema' failed to satisfy constraint: Member must have length between 1 and 2")
	case len(keys) == 2 && keys[0].name == keys[1].name:
		return schema{}, invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	case len(keys) != len(types):
		return schema{}, invalid("One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	case len(keys) == 1:
		return schema{hash: keys[0]}, nil
	}
	return schema{keys[0], keys[1]}, nil
}
