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

// savedSeconds is for how long a table saves up what it does not use of its write capacity, at most (developer guide, "Burst and adaptive
// capacity"): a new one has saved nothing. An on-demand table saves up one second's worth here; AWS does not state it.
const savedSeconds = 300

// newWrites is the bucket of a table's write units.
func newWrites(d *tableDescription) *limits.Bucket {
	if d.BillingModeSummary != nil {
		return limits.NewBucket(limits.OnDemandWritesPerSecond, limits.OnDemandWritesPerSecond)
	}
	rate := float64(d.ProvisionedThroughput.WriteCapacityUnits)
	bucket := limits.NewBucket(rate, savedSeconds*rate)
	bucket.Spend(0, (savedSeconds-1)*rate)
	return bucket
}

// admit takes the units of a write, and says whether they were there. The lock is held: what is refused has changed nothing.
func (t *table) admit(units float64) bool {
	return t.writes == nil || t.writes.Take(time.Since(t.start), units)
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
