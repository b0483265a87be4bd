package dynamodb

import (
	"time"

	"weir/limits"
)

// Sizes of a capacity unit (developer guide, "DynamoDB read and write operations"): a write unit is 1 KB of an item, a
// read unit 4 KB, half of one where the read is eventually consistent.
const (
	writeUnitBytes = 1 << 10
	readUnitBytes  = 4 << 10
)

// writeUnits is what a write costs: by the larger one of the item before and after it, at least one unit.
func writeUnits(old, now *stored) float64 {
	return float64(max(1, units(max(old.bytes(), now.bytes()), writeUnitBytes)))
}

// readUnits is what a read of so many bytes costs, at least one unit, halved where it is eventually consistent. A Query or
// Scan sums its items first.
func readUnits(bytes int, consistent bool) float64 {
	whole := float64(max(1, units(bytes, readUnitBytes)))
	if !consistent {
		return whole / 2
	}
	return whole
}

func units(bytes, unit int) int { return (bytes + unit - 1) / unit }

// consumedCapacity is what an operation cost, where ReturnConsumedCapacity asks for it.
type consumedCapacity struct {
	TableName     string
	CapacityUnits float64
	Table         *capacity `json:",omitempty"`
}

type capacity struct{ CapacityUnits float64 }

// newWrites is the bucket of a table's write units, and how many it can save up. A provisioned one begins with a second's worth, and saves up what it does not use; an
// on-demand one never has more than a second's worth. AWS states neither.
func newWrites(d *tableDescription) (writes *limits.Bucket, saved float64) {
	if d.BillingModeSummary != nil {
		return limits.NewBucket(limits.OnDemandWritesPerSecond, limits.OnDemandWritesPerSecond), limits.OnDemandWritesPerSecond
	}
	rate := float64(d.ProvisionedThroughput.WriteCapacityUnits)
	saved = limits.SavedCapacitySeconds * rate
	writes = limits.NewBucket(rate, saved)
	writes.Spend(0, saved-rate)
	return writes, saved
}

// admit takes the units of a write, and says whether they were there. A write beyond all that the table can save up goes when all is there,
// and the rest is owed: it would never go otherwise. The lock is held: what is refused has changed nothing.
func (t *table) admit(units float64) bool {
	if t.writes == nil {
		return true
	}
	now := time.Since(t.start)
	there := t.writes.Level(now) >= min(units, t.savedUp)
	if there {
		t.writes.Spend(now, units)
	}
	return there
}

// throttled is the error of a write that its table had no units for.
func throttled() error {
	return &failure{code: "ProvisionedThroughputExceededException", message: "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."}
}

// consume reports what an operation cost, as the request asks.
func (t *table) consume(units float64, report string) *consumedCapacity {
	switch report {
	case "TOTAL":
		return &consumedCapacity{TableName: t.description.TableName, CapacityUnits: units}
	case "INDEXES":
		return &consumedCapacity{TableName: t.description.TableName, CapacityUnits: units, Table: &capacity{units}}
	}
	return nil
}

func checkReturnConsumedCapacity(report string) error {
	return oneOf("returnConsumedCapacity", report, "INDEXES", "TOTAL", "NONE")
}
