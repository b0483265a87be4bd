package wire

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/fxamacker/cbor/v2"
)

// Time is an instant in milliseconds since the Unix epoch. JSON writes it in seconds with the milliseconds behind the point, as 1700000000.123, and
// CBOR in whole milliseconds behind tag 1.
type Time int64

// epochTag marks a time in CBOR (RFC 8949, section 3.4.2; AWS's is in milliseconds).
const epochTag = 1

// MarshalCBOR writes t as AWS's clients for Java read it.
func (t Time) MarshalCBOR() ([]byte, error) {
	return cbor.Marshal(cbor.RawTag{Number: epochTag, Content: cborInteger(int64(t))})
}

func cborInteger(n int64) cbor.RawMessage {
	text, _ := cbor.Marshal(n) // an integer always can be
	return text
}

// UnmarshalCBOR reads milliseconds, behind tag 1 or bare, whole or not.
func (t *Time) UnmarshalCBOR(text []byte) error {
	var tag cbor.RawTag
	if cbor.Unmarshal(text, &tag) == nil && tag.Number == epochTag {
		text = tag.Content
	}
	var ms float64
	if err := cbor.Unmarshal(text, (*int64)(t)); err == nil {
		return nil
	}
	if err := cbor.Unmarshal(text, &ms); err != nil {
		return err
	}
	t.round(ms)
	return nil
}

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
	t.round(seconds * 1000)
	return nil
}

func (t *Time) round(ms float64) {
	switch ms = math.Round(ms); {
	case ms >= math.MaxInt64:
		*t = math.MaxInt64
	case ms <= math.MinInt64:
		*t = math.MinInt64
	default:
		*t = Time(ms)
	}
}
