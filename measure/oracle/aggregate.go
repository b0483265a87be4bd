package oracle

import "weir/record"

// aggregate is count, sum, min and max of the records of one row.
type aggregate struct {
	count         int64
	hasValue      bool
	sum, min, max decimal
}

// add counts a record, and its value if it has one.
func (a *aggregate) add(value decimal, has bool) {
	a.count++
	switch {
	case !has:
	case !a.hasValue:
		a.sum, a.min, a.max, a.hasValue = value, value, value, true
	default:
		a.sum = a.sum.plus(value)
		if value.compare(a.min) < 0 {
			a.min = value
		}
		if value.compare(a.max) > 0 {
			a.max = value
		}
	}
}

// text is sum, min and max as canonical numbers, empty where there was no value. A sum that no number of the table can hold is absent.
func (a *aggregate) text() (sum, low, high string) {
	if !a.hasValue {
		return "", "", ""
	}
	sum = a.sum.String()
	if _, err := record.CanonicalNumber(sum); err != nil {
		sum = ""
	}
	return sum, a.min.String(), a.max.String()
}

// readValue reads an event's value: has says that there is one, ok that it can be used.
func readValue(text string) (value decimal, has, ok bool) {
	if text == "" {
		return decimal{}, false, true
	}
	value, ok = parseDecimal(text)
	return value, ok, ok
}
