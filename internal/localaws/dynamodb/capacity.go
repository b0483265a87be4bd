package dynamodb

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

// consume books what an operation cost on a table, and reports it as the request asks. It books nothing yet: tables do not
// throttle. When they do, the units go through here into the table's bucket.
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
