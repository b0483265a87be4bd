package window

import (
	"encoding/binary"
	"errors"
	"fmt"

	"weir/record"
)

// Accumulator is count, sum, min and max of one row's records so far. Sums are exact, so that the order of the records never
// matters. The zero value has no records. A copy is a second one.
//
// There is one for each key of each pane, so it is small: nearly always three int64 of one scale hold the values.
type Accumulator struct {
	count, values int64 // of records, and of those that had a value
	// sum, min and max are coefficient × 10^-scale; wide takes their place where an int64 is too short for one of them.
	sum, min, max int64
	scale         int
	wide          *wide
}

// wide is the three as decimals. It is never changed, so that copies may share it.
type wide struct{ sum, min, max decimal }

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
	one := Accumulator{count: 1, values: 1, sum: d.coefficient, min: d.coefficient, max: d.coefficient, scale: d.scale}
	if d.long != nil {
		one.wide = &wide{d, d, d}
	}
	return a.Merge(&one)
}

// Merge takes the records of another accumulator. The error leaves this one as it was.
func (a *Accumulator) Merge(other *Accumulator) error {
	switch {
	case other.values == 0:
	case a.values == 0:
		a.sum, a.min, a.max, a.scale, a.wide = other.sum, other.min, other.max, other.scale, other.wide
	case !a.mergeShort(other):
		if err := a.mergeWide(other); err != nil {
			return fmt.Errorf("sum: %w", err)
		}
	}
	a.count += other.count
	a.values += other.values
	return nil
}

// mergeShort merges in int64, if all fits there at one scale.
func (a *Accumulator) mergeShort(other *Accumulator) bool {
	if a.wide != nil || other.wide != nil {
		return false
	}
	was, with := *a, *other
	if was.scale != with.scale {
		scale := max(was.scale, with.scale)
		if !was.rescale(scale) || !with.rescale(scale) {
			return false
		}
	}
	sum := was.sum + with.sum
	if (sum > was.sum) != (with.sum > 0) {
		return false
	}
	a.sum, a.min, a.max, a.scale = sum, min(was.min, with.min), max(was.max, with.max), was.scale
	return true
}

// rescale brings sum, min and max to a scale that is not below theirs, if they fit.
func (a *Accumulator) rescale(scale int) bool {
	by := scale - a.scale
	sum, ok1 := rescale(a.sum, by)
	low, ok2 := rescale(a.min, by)
	high, ok3 := rescale(a.max, by)
	a.sum, a.min, a.max, a.scale = sum, low, high, scale
	return ok1 && ok2 && ok3
}

func (a *Accumulator) mergeWide(other *Accumulator) error {
	is, with := a.decimals(), other.decimals()
	sum, err := is.sum.plus(with.sum)
	if err != nil {
		return err
	}
	is.sum = sum
	if with.min.compare(is.min) < 0 {
		is.min = with.min
	}
	if with.max.compare(is.max) > 0 {
		is.max = with.max
	}
	a.wide = &is
	return nil
}

// decimals are sum, min and max, of an accumulator that has values.
func (a *Accumulator) decimals() wide {
	if a.wide != nil {
		return *a.wide
	}
	return wide{
		sum: decimal{coefficient: a.sum, scale: a.scale}, min: decimal{coefficient: a.min, scale: a.scale}, max: decimal{coefficient: a.max, scale: a.scale},
	}
}

// Fill sets the row's count, sum, min and max; the latter three are empty where no record had a value. So is a sum that a number of 38
// digits cannot hold, as that of 1E+30 and 1E-30: it is exact or it is absent, whatever the order of the records.
func (a *Accumulator) Fill(row *record.Row) {
	row.Count = a.count
	row.Sum, row.Min, row.Max = "", "", ""
	if a.values == 0 {
		return
	}
	d := a.decimals()
	row.Sum, row.Min, row.Max = number(d.sum), number(d.min), number(d.max)
}

// FillMean sets the row's mean: the sum of the values by their number (records without a value do not count), rounded to that many
// decimals, a half away from zero, as Flink SQL's AVG of a DECIMAL is. It is empty where there is no value, or where it needs more than 38
// digits.
func (a *Accumulator) FillMean(row *record.Row, decimals int) {
	row.Mean = ""
	if a.values > 0 {
		row.Mean = number(a.decimals().sum.over(a.values, decimals))
	}
}

// number is the decimal as the table holds it, empty where it cannot.
func number(d decimal) string {
	text, err := record.CanonicalNumber(d.String())
	if err != nil {
		return ""
	}
	return text
}

// Append appends the accumulator's state to b, for [Accumulator.Read].
func (a *Accumulator) Append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(a.count))
	b = binary.AppendUvarint(b, uint64(a.values))
	if a.values == 0 {
		return b
	}
	if a.wide == nil {
		b = binary.AppendUvarint(b, uint64(a.scale)<<1)
		return binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(b, a.sum), a.min), a.max)
	}
	b = binary.AppendUvarint(b, 1)
	for _, d := range []decimal{a.wide.sum, a.wide.min, a.wide.max} {
		text := d.String()
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	return b
}

// errState says that bytes are no accumulator's state.
var errState = errors.New("not the state of an accumulator")

// Read takes the state that [Accumulator.Append] wrote from the front of b, and returns what follows it.
func (a *Accumulator) Read(b []byte) (rest []byte, err error) {
	*a = Accumulator{}
	in := reader{rest: b}
	a.count, a.values = in.count(), in.count()
	if a.values > a.count {
		return nil, errState
	}
	if a.values > 0 {
		form := in.count()
		if form == 1 {
			a.wide = &wide{in.decimal(), in.decimal(), in.decimal()}
		} else if a.scale = int(form >> 1); form&1 != 0 || a.scale > shortDigits {
			return nil, errState
		} else {
			a.sum, a.min, a.max = in.number(), in.number(), in.number()
		}
	}
	if in.bad {
		return nil, errState
	}
	return in.rest, nil
}

// reader takes numbers off bytes, and notes that they were none.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) skip(n int) {
	if n <= 0 {
		r.bad = true
		return
	}
	r.rest = r.rest[n:]
}

func (r *reader) count() int64 {
	n, size := binary.Uvarint(r.rest)
	r.skip(size)
	if n > 1<<62 {
		r.bad = true
	}
	return int64(n)
}

func (r *reader) number() int64 {
	n, size := binary.Varint(r.rest)
	r.skip(size)
	return n
}

func (r *reader) decimal() decimal {
	size := r.count()
	if r.bad || size > int64(len(r.rest)) {
		r.bad = true
		return decimal{}
	}
	d, err := parseAny(string(r.rest[:size]))
	if err != nil {
		r.bad = true
	}
	r.rest = r.rest[size:]
	return d
}
