package window

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"weir/record"
)

// decimal is the exact number coefficient × 10^-scale, or long where that is set: nearly every value fits an int64, and the rest
// must be exact too. A decimal is never changed, so that copies may share long.
type decimal struct {
	coefficient int64
	scale       int
	long        *apd.Decimal
}

// shortDigits is how many decimal digits always fit an int64.
const shortDigits = 18

// exact adds without rounding: a precision of zero stands for as many digits as it takes.
var exact = apd.BaseContext

// parseDecimal reads a JSON number that a row can hold.
func parseDecimal(text string) (decimal, error) {
	if d, ok := parseShort(text); ok {
		return d, nil
	}
	plain, err := record.CanonicalNumber(text)
	if err != nil {
		return decimal{}, err
	}
	long, _, err := apd.NewFromString(plain)
	if err != nil {
		return decimal{}, fmt.Errorf("%.60q: %w", text, err)
	}
	return decimal{long: long}, nil
}

// parseAny reads what [decimal.String] wrote, of however many digits.
func parseAny(text string) (decimal, error) {
	if d, ok := parseShort(text); ok {
		return d, nil
	}
	long, _, err := apd.NewFromString(text)
	if err != nil || long.Form != apd.Finite {
		return decimal{}, fmt.Errorf("%.60q is not a number", text)
	}
	return decimal{long: long}, nil
}

// parseShort reads a plain number of at most 18 digits.
func parseShort(text string) (d decimal, ok bool) {
	digits := strings.TrimPrefix(text, "-")
	point := -1
	for i := range len(digits) {
		switch c := digits[i]; {
		case '0' <= c && c <= '9':
			d.coefficient = d.coefficient*10 + int64(c-'0')
		case c == '.' && point < 0 && i > 0:
			point = i
		default:
			return decimal{}, false
		}
		if i > shortDigits {
			return decimal{}, false
		}
	}
	count := len(digits)
	if point >= 0 {
		count--
		d.scale = count - point
	}
	if count == 0 || count > shortDigits || point == count {
		return decimal{}, false
	}
	if len(digits) < len(text) {
		d.coefficient = -d.coefficient
	}
	return d, true
}

// plus is d + other, exactly.
func (d decimal) plus(other decimal) (decimal, error) {
	if a, b, scale, ok := align(d, other); ok {
		if sum := a + b; (sum > a) == (b > 0) {
			return decimal{coefficient: sum, scale: scale}, nil
		}
	}
	sum := new(apd.Decimal)
	if _, err := exact.Add(sum, d.apd(), other.apd()); err != nil {
		return decimal{}, err
	}
	return decimal{long: sum}, nil
}

// compare orders two decimals by their value.
func (d decimal) compare(other decimal) int {
	if a, b, _, ok := align(d, other); ok {
		return cmp.Compare(a, b)
	}
	return d.apd().Cmp(other.apd())
}

// over is d divided by n, rounded to that many decimals, a half away from zero.
func (d decimal) over(n int64, decimals int) decimal {
	long := d.apd()
	dividend, divisor := new(apd.BigInt).Set(&long.Coeff), apd.NewBigInt(n)
	if by := decimals + int(long.Exponent); by >= 0 {
		dividend.Mul(dividend, pow10(by))
	} else {
		divisor.Mul(divisor, pow10(-by))
	}
	// floor((2 × dividend + divisor) / (2 × divisor)) is the quotient with its half rounded up.
	dividend.Lsh(dividend, 1).Add(dividend, divisor)
	quotient := &apd.Decimal{Negative: long.Negative, Exponent: -int32(decimals)}
	quotient.Coeff.Quo(dividend, divisor.Lsh(divisor, 1))
	return decimal{long: quotient}
}

func pow10(n int) *apd.BigInt {
	return new(apd.BigInt).Exp(apd.NewBigInt(10), apd.NewBigInt(int64(n)), nil)
}

// String is the decimal without an exponent.
func (d decimal) String() string {
	if d.long == nil && d.scale == 0 {
		return strconv.FormatInt(d.coefficient, 10)
	}
	return d.apd().Text('f')
}

func (d decimal) apd() *apd.Decimal {
	if d.long != nil {
		return d.long
	}
	return apd.New(d.coefficient, -int32(d.scale))
}

// align brings two short decimals to one scale; ok is false where one is long, or would become so.
func align(d, other decimal) (a, b int64, scale int, ok bool) {
	if d.long != nil || other.long != nil {
		return 0, 0, 0, false
	}
	scale = max(d.scale, other.scale)
	a, fits := rescale(d.coefficient, scale-d.scale)
	b, ok = rescale(other.coefficient, scale-other.scale)
	return a, b, scale, ok && fits
}

// rescale is n × 10^by, where that fits.
func rescale(n int64, by int) (int64, bool) {
	if by == 0 || n == 0 {
		return n, true
	}
	if by > shortDigits || n == math.MinInt64 {
		return 0, false
	}
	factor := uint64(1)
	for range by {
		factor *= 10
	}
	high, low := bits.Mul64(uint64(max(n, -n)), factor)
	switch {
	case high != 0 || low > math.MaxInt64:
		return 0, false
	case n < 0:
		return -int64(low), true
	}
	return int64(low), true
}
