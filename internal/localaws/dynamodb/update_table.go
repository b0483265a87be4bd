package dynamodb

import (
	"context"
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
	if err := t.busy(now); err != nil {
		return nil, err
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
	return in.checkIndexUpdates()
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
	plan, err := in.plan(t, &description, now.Add(s.config.TableDelay))
	if err != nil {
		return err
	}
	t.description = description
	plan.carryOut(t)
	s.limit(t, now)
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
	if mode == "" && t.description.onDemand() {
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
	case mode == payPerRequest && !t.description.onDemand():
		d.BillingModeSummary = &billingModeSummary{mode, seconds}
	case mode != payPerRequest && t.description.onDemand():
		d.BillingModeSummary = &billingModeSummary{"PROVISIONED", t.description.BillingModeSummary.LastUpdateToPayPerRequestDateTime}
	}
	return d, nil
}
