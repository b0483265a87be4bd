package window

import (
	"fmt"

	"weir/record"
)

// Accumulator is count, sum, min and max of one row's records so far. Sums are exact, so that the order of the records never
// matters. The zero value has no records.
type Accumulator struct {
	count         int64
	hasValue      bool
	sum, min, max decimal
}

// Add takes a record: its value is a JSON number, or empty where it has none. The error leaves the accumulator as it was.
func (a *Accumulator) Add(value string) error {
	if value == "" {
		a.count++
		return nil
	}
	d, err := parseDecimal(value)
	if err != nil {
		return fmt.Errorf("value: %w", err)
	}
	if !a.hasValue {
		a.count++
		a.sum, a.min, a.max, a.hasValue = d, d, d, true
		return nil
	}
	sum, err := a.sum.plus(d)
	if err != nil {
		return fmt.Errorf("sum: %w", err)
	}
	a.count++
	a.sum = sum
	if d.compare(a.min) < 0 {
		a.min = d
	}
	if d.compare(a.max) > 0 {
		a.max = d
	}
	return nil
}

// Fill sets the row's count, sum, min and max; the latter three are empty where no record had a value. So is a sum that a number of 38
// digits cannot hold, as that of 1E+30 and 1E-30: it is exact or it is absent, whatever the order of the records.
func (a *Accumulator) Fill(row *record.Row) {
	row.Count = a.count
	row.Sum, row.Min, row.Max = "", "", ""
	if !a.hasValue {
		return
	}
	row.Sum, row.Min, row.Max = number(a.sum), number(a.min), number(a.max)
}

// number is the decimal as the table holds it, empty where it cannot.
func number(d decimal) string {
	text, err := record.CanonicalNumber(d.String())
	if err != nil {
		return ""
	}
	return text
}
