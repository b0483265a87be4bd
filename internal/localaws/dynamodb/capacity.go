package dynamodb

// Sizes of a capacity unit (developer guide, "DynamoDB read and write operations"): a write unit is 1 KB of an item, a
// read unit 4 KB, half of one where the read is eventually consistent.
const (
	writeUnitBytes = 1 << 10
	readUnitBytes  = 4 << 10
)

// writeUnits is what a write costs: by the larger one of the item before and after it, at least one unit.
//
// D1: A write costs a unit for each KB of the larger of the item before and after it (Developer Guide, "DynamoDB read and write operations")
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
	TableName              string
	CapacityUnits          float64
	Table                  *capacity           `json:",omitempty"`
	GlobalSecondaryIndexes map[string]capacity `json:",omitempty"`
	LocalSecondaryIndexes  map[string]capacity `json:",omitempty"`
}

type capacity struct{ CapacityUnits float64 }

// cost is what an operation takes of a table and of its indexes.
type cost struct {
	table   float64
	indexes map[*index]float64 // those that it takes something of
}

func (c *cost) add(other cost) {
	c.table += other.table
	for x, units := range other.indexes {
		c.addIndex(x, units)
	}
}

func (c *cost) addIndex(x *index, units float64) {
	if units == 0 {
		return
	}
	if c.indexes == nil {
		c.indexes = make(map[*index]float64)
	}
	c.indexes[x] += units
}

// throttleOf is what limits an index: a local one is part of its table.
func (t *table) throttleOf(x *index) *throttle {
	if x.global {
		return x.throttle.Load()
	}
	return t.throttle.Load()
}

// consume reports what an operation cost, as the request asks.
func (t *table) consume(c cost, report string) *consumedCapacity {
	if report != "TOTAL" && report != "INDEXES" {
		return nil
	}
	out := &consumedCapacity{TableName: t.name, CapacityUnits: c.table}
	for _, units := range c.indexes {
		out.CapacityUnits += units
	}
	if report == "TOTAL" {
		return out
	}
	out.Table = &capacity{c.table}
	for x, units := range c.indexes {
		of := &out.LocalSecondaryIndexes
		if x.global {
			of = &out.GlobalSecondaryIndexes
		}
		if *of == nil {
			*of = make(map[string]capacity)
		}
		(*of)[x.name] = capacity{units}
	}
	return out
}

func checkReturnConsumedCapacity(report string) error {
	return oneOf("returnConsumedCapacity", report, "INDEXES", "TOTAL", "NONE")
}
