package oracle

import "weir/record"

// aggregate is count, sum, min and max of the records of one row, or of a part of them.
type aggregate struct {
	count, values int64 // records, and those among them that have a value
	sum, min, max decimal
}

// add counts a record, and its value if it has one.
func (a *aggregate) add(value decimal, has bool) {
	a.count++
	if !has {
		return
	}
	if a.values++; a.values == 1 {
		a.sum, a.min, a.max = value, value, value
		return
	}
	a.sum = a.sum.plus(value)
	a.extend(value, value)
}

// merge adds the records of another one.
func (a *aggregate) merge(other *aggregate) {
	switch {
	case other.values == 0:
	case a.values == 0:
		a.sum, a.min, a.max = other.sum, other.min, other.max
	default:
		a.sum = a.sum.plus(other.sum)
		a.extend(other.min, other.max)
	}
	a.count += other.count
	a.values += other.values
}

// extend has the least and the greatest value span others.
func (a *aggregate) extend(least, greatest decimal) {
	if least.compare(a.min) < 0 {
		a.min = least
	}
	if greatest.compare(a.max) > 0 {
		a.max = greatest
	}
}

// row is the row of the aggregate. Sum, min and max are canonical numbers, empty where there was no value. A sum that no number of the table can hold is
// absent, and so is such a mean.
func (a *aggregate) row(id record.RowID, end int64, mean *int) record.Row {
	row := record.Row{RowID: id, WindowEnd: end, Count: a.count}
	if a.values == 0 {
		return row
	}
	row.Sum, row.Min, row.Max = fitting(a.sum.String()), a.min.String(), a.max.String()
	if mean != nil {
		row.Mean = fitting(a.sum.meanOf(a.values, *mean))
	}
	return row
}

// fitting is a number as it is, or nothing where the table cannot hold it.
func fitting(number string) string {
	if _, err := record.CanonicalNumber(number); err != nil {
		return ""
	}
	return number
}

// readValue reads an event's value: has says that there is one, ok that it can be used.
func readValue(text string) (value decimal, has, ok bool) {
	if text == "" {
		return decimal{}, false, true
	}
	value, ok = parseDecimal(text)
	return value, ok, ok
}
