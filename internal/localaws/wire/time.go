package wire

import (
	"encoding/json"
	"math"
	"strconv"
)

// Time is an instant in milliseconds since the Unix epoch. JSON writes it in seconds with the milliseconds behind the point, as 1700000000.123.
type Time int64

// MarshalJSON writes t exactly: no float is between.
func (t Time) MarshalJSON() ([]byte, error) { return t.AppendJSON(nil), nil }

// AppendJSON writes t behind to.
func (t Time) AppendJSON(to []byte) []byte {
	ms := uint64(t)
	if t < 0 {
		to, ms = append(to, '-'), -ms
	}
	to = strconv.AppendUint(to, ms/1000, 10)
	ms %= 1000
	if ms == 0 {
		return to
	}
	fraction := []byte{'.', byte('0' + ms/100), byte('0' + ms/10%10), byte('0' + ms%10)}
	for fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	return append(to, fraction...)
}

// UnmarshalJSON reads seconds, rounded to the millisecond. A time that 64 bits do not hold is the last or the first that they do.
func (t *Time) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	var seconds float64
	if err := json.Unmarshal(text, &seconds); err != nil {
		return err
	}
	switch ms := math.Round(seconds * 1000); {
	case ms >= math.MaxInt64:
		*t = math.MaxInt64
	case ms <= math.MinInt64:
		*t = math.MinInt64
	default:
		*t = Time(ms)
	}
	return nil
}
