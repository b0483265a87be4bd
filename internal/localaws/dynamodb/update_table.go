package dynamodb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// UpdateTable changes a table's throughput, its billing mode and its protection from deletion, and makes, changes and deletes global secondary indexes:
// of these, one is made or deleted in a call, as in AWS. Table and index are UPDATING and CREATING for the configured delay; the items that are there are
// put into a new index at once, and can be read in it when it is ACTIVE.
//
// It deviates: throughput is changed as often as one likes; streams, replicas and most settings of how AWS runs a table are refused.

type updateTableInput struct {
	TableName                   string
	AttributeDefinitions        []attributeDefinition
	BillingMode                 string
	ProvisionedThroughput       *throughput
	DeletionProtectionEnabled   *bool
	GlobalSecondaryIndexUpdates []indexUpdate

	StreamSpecification, SSESpecification, ReplicaUpdates, TableClass                                                         unserved
	WarmThroughput, OnDemandThroughput, GlobalTableWitnessUpdates, MultiRegionConsistency, GlobalTableSettingsReplicationMode unserved
}

func (in *updateTableInput) Resource() string { return tableNamed(in.TableName) }

// indexUpdate has one member.
type indexUpdate struct {
	Create *indexInput
	Update *struct {
		IndexName             string
		ProvisionedThroughput *throughput

		OnDemandThroughput, WarmThroughput unserved
	}
	Delete *struct{ IndexName string }
}

type updateTableOutput struct{ TableDescription *tableDescription }

func (s *Service) updateTable(_ context.Context, in *updateTableInput) (*updateTableOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	t, err := s.existing(in.TableName)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if status := t.status(now); status != "ACTIVE" {
		return nil, inUse(fmt.Sprintf("Attempt to change a resource which is still in use: Table is being %s: %s", strings.ToLower(strings.TrimSuffix(status, "ING"))+"ed", t.description.TableName))
	}
	if err := s.change(t, in, now); err != nil {
		return nil, err
	}
	t.settled = now.Add(s.config.TableDelay)
	d := t.describe(now)
	d.TableStatus = "UPDATING" // as AWS answers, however soon the table is active
	return &updateTableOutput{d}, nil
}

func (in *updateTableInput) check() error {
	if err := refuse(
		parameter{"StreamSpecification", in.StreamSpecification}, parameter{"SSESpecification", in.SSESpecification}, parameter{"ReplicaUpdates", in.ReplicaUpdates},
		parameter{"TableClass", in.TableClass}, parameter{"WarmThroughput", in.WarmThroughput}, parameter{"OnDemandThroughput", in.OnDemandThroughput},
		parameter{"GlobalTableWitnessUpdates", in.GlobalTableWitnessUpdates}, parameter{"MultiRegionConsistency", in.MultiRegionConsistency},
		parameter{"GlobalTableSettingsReplicationMode", in.GlobalTableSettingsReplicationMode},
	); err != nil {
		return err
	}
	if in.BillingMode == "" && in.ProvisionedThroughput == nil && in.DeletionProtectionEnabled == nil && len(in.GlobalSecondaryIndexUpdates) == 0 {
		return invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	structural := 0
	for _, u := range in.GlobalSecondaryIndexUpdates {
		switch {
		case u.Create == nil && u.Update == nil && u.Delete == nil:
			return invalid("One or more parameter values were invalid: One of GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Delete must not be null")
		case u.Create != nil || u.Delete != nil:
			structural++
		}
	}
	if structural > 1 {
		return &failure{code: "LimitExceededException", message: "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"}
	}
	return nil
}

// change carries a request out, or nothing of it. The service's lock is held.
func (s *Service) change(t *table, in *updateTableInput, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(now)
	description, err := in.newDescription(t, now)
	if err != nil {
		return err
	}
	indexes, err := in.newIndexes(t, &description, now.Add(s.config.TableDelay))
	if err != nil {
		return err
	}
	capacity := in.BillingMode != "" || in.ProvisionedThroughput != nil
	t.description, t.indexes = description, indexes
	for _, x := range indexes {
		if x.global && s.config.Limits && (x.throttle.Load() == nil || capacity) {
			x.throttle.Store(newThrottle("Index", x.arn, x.throughput, t.onDemand(), now))
		}
	}
	if capacity && s.config.Limits {
		t.throttle.Store(newThrottle("Table", t.description.TableArn, t.description.ProvisionedThroughput.throughput, t.onDemand(), now))
	}
	return nil
}

// newDescription is the table's, with its billing and protection as the request has them.
func (in *updateTableInput) newDescription(t *table, now time.Time) (tableDescription, error) {
	d := t.description
	if in.DeletionProtectionEnabled != nil {
		d.DeletionProtectionEnabled = *in.DeletionProtectionEnabled
	}
	if in.BillingMode == "" && in.ProvisionedThroughput == nil {
		return d, nil
	}
	mode := in.BillingMode
	if mode == "" && t.onDemand() {
		mode = payPerRequest
	}
	if err := checkBilling(mode, in.ProvisionedThroughput); err != nil {
		return d, err
	}
	d.ProvisionedThroughput.throughput = throughput{}
	if in.ProvisionedThroughput != nil {
		d.ProvisionedThroughput.throughput = *in.ProvisionedThroughput
	}
	seconds := float64(now.UnixMilli()) / 1000
	switch {
	case mode == payPerRequest && !t.onDemand():
		d.BillingModeSummary = &billingModeSummary{mode, seconds}
	case mode != payPerRequest && t.onDemand():
		d.BillingModeSummary = &billingModeSummary{"PROVISIONED", t.description.BillingModeSummary.LastUpdateToPayPerRequestDateTime}
	}
	return d, nil
}

// newIndexes is the table's indexes as the request has them; a new one holds what the table does.
func (in *updateTableInput) newIndexes(t *table, d *tableDescription, settled time.Time) ([]*index, error) {
	indexes := slices.Clone(t.indexes)
	find := func(name string) (*index, error) {
		for _, x := range indexes {
			if x.name == name && x.global {
				return x, nil
			}
		}
		return nil, notFound("Requested resource not found")
	}
	var apply []func() // once nothing can be refused any more
	for _, u := range in.GlobalSecondaryIndexUpdates {
		switch {
		case u.Create != nil:
			x, err := in.create(t, d, u.Create, settled)
			if err != nil {
				return nil, err
			}
			indexes = append(indexes, x)
		case u.Delete != nil:
			x, err := find(u.Delete.IndexName)
			if err != nil {
				return nil, err
			}
			apply = append(apply, func() { x.deleted = settled })
		case u.Update.ProvisionedThroughput != nil:
			x, err := find(u.Update.IndexName)
			if err != nil {
				return nil, err
			}
			if err := u.Update.ProvisionedThroughput.check("globalSecondaryIndexUpdates."); err != nil {
				return nil, err
			}
			apply = append(apply, func() {
				x.throughput = *u.Update.ProvisionedThroughput
				x.throttle.Store(nil) // and made anew
			})
		}
	}
	for _, change := range apply {
		change()
	}
	return indexes, nil
}

func (in *updateTableInput) create(t *table, d *tableDescription, asked *indexInput, settled time.Time) (*index, error) {
	if err := asked.check(d.BillingModeSummary != nil && d.BillingModeSummary.BillingMode == payPerRequest, true); err != nil {
		return nil, err
	}
	global := 0
	for _, x := range t.indexes {
		if x.name == asked.IndexName {
			return nil, invalid("One or more parameter values were invalid: Attempting to create an index which already exists: %s", x.name)
		}
		if x.global {
			global++
		}
	}
	if global >= mostGlobalIndexes {
		return nil, &failure{code: "LimitExceededException", message: fmt.Sprintf("One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of %d", mostGlobalIndexes)}
	}
	types, err := in.mergedTypes(t, d)
	if err != nil {
		return nil, err
	}
	keys, err := types.schema(asked.KeySchema)
	if err != nil {
		return nil, err
	}
	x := t.newIndex(asked, true, keys, settled)
	t.fill(x)
	return x, nil
}

// mergedTypes are the types of the table's keys, with those that the request defines, which become the description's.
func (in *updateTableInput) mergedTypes(t *table, d *tableDescription) (definedTypes, error) {
	types, err := attributeTypes(t.description.AttributeDefinitions)
	if err != nil {
		return nil, err
	}
	given, err := attributeTypes(in.AttributeDefinitions)
	if err != nil {
		return nil, err
	}
	definitions := slices.Clone(t.description.AttributeDefinitions)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if kind, known := types[name]; known && kind != given[name] {
			return nil, invalid("One or more parameter values were invalid: The attribute %s is defined as %s, and is %s", name, given[name], kind)
		}
		if _, known := types[name]; !known {
			definitions = append(definitions, attributeDefinition{name, given[name]})
		}
		types[name] = given[name]
	}
	d.AttributeDefinitions = definitions
	return types, nil
}
