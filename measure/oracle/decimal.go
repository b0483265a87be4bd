package oracle

import (
	"cmp"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// decimal is the exact number coefficient × 10^-scale, with a scale of at least zero. The coefficient is large where it is set,
// else small. A decimal is never changed, so that copies may share large.
type decimal struct {
	small int64
	large *big.Int
	scale int
}

// maxExponent bounds the exponent of a number that is read; record.CanonicalNumber refuses far smaller ones.
const maxExponent = 1000

// parseDecimal reads a JSON number.
func parseDecimal(text string) (decimal, bool) {
	if d, ok := parseShort(text); ok {
		return d, true
	}
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil || n < -maxExponent || n > maxExponent {
			return decimal{}, false
		}
		mantissa, exponent = text[:i], n
	}
	whole, fraction, pointed := strings.Cut(mantissa, ".")
	if strings.ContainsAny(mantissa, "_+") || pointed && fraction == "" || strings.TrimPrefix(whole, "-") == "" || strings.Contains(fraction, "-") {
		return decimal{}, false
	}
	large, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return decimal{}, false
	}
	scale := len(fraction) - exponent
	if scale < 0 {
		large.Mul(large, pow10(-scale))
		scale = 0
	}
	return decimal{large: large, scale: scale}, true
}

// parseShort reads a number of at most 18 digits without an exponent.
func parseShort(text string) (decimal, bool) {
	digits := text
	negative := strings.HasPrefix(text, "-")
	if negative {
		digits = text[1:]
	}
	if len(digits) == 0 || len(digits) > 19 {
		return decimal{}, false
	}
	var d decimal
	point := -1
	for i := range len(digits) {
		switch c := digits[i]; {
		case '0' <= c && c <= '9':
			d.small = d.small*10 + int64(c-'0')
		case c == '.' && point < 0 && i > 0:
			point = i
		default:
			return decimal{}, false
		}
	}
	switch {
	case point < 0 && len(digits) > 18, point == len(digits)-1:
		return decimal{}, false
	case point >= 0:
		d.scale = len(digits) - point - 1
	}
	if negative {
		d.small = -d.small
	}
	return d, true
}

func (d decimal) plus(other decimal) decimal {
	if d.large == nil && other.large == nil {
		if a, b, scale, ok := alignSmall(d, other); ok {
			if sum := a + b; (sum > a) == (b > 0) {
				return decimal{small: sum, scale: scale}
			}
		}
	}
	a, b, scale := align(d, other)
	return decimal{large: new(big.Int).Add(a, b), scale: scale}
}

func (d decimal) compare(other decimal) int {
	if d.large == nil && other.large == nil {
		if a, b, _, ok := alignSmall(d, other); ok {
			return cmp.Compare(a, b)
		}
	}
	a, b, _ := align(d, other)
	return a.Cmp(b)
}

// alignSmall is both coefficients at the greater of the two scales, if they fit.
func alignSmall(d, other decimal) (a, b int64, scale int, ok bool) {
	scale = max(d.scale, other.scale)
	a, okA := shift(d.small, scale-d.scale)
	b, okB := shift(other.small, scale-other.scale)
	return a, b, scale, okA && okB
}

// shift is n × 10^by, if it fits.
func shift(n int64, by int) (int64, bool) {
	if by == 0 {
		return n, true
	}
	if by > 18 {
		return 0, n == 0
	}
	factor := uint64(1)
	for range by {
		factor *= 10
	}
	magnitude := uint64(n)
	if n < 0 {
		magnitude = -magnitude
	}
	high, low := bits.Mul64(magnitude, factor)
	if high != 0 || low > 1<<62 {
		return 0, false
	}
	if n < 0 {
		return -int64(low), true
	}
	return int64(low), true
}

func align(d, other decimal) (a, b *big.Int, scale int) {
	scale = max(d.scale, other.scale)
	return d.coefficient(scale), other.coefficient(scale), scale
}

// coefficient is the number's coefficient at a scale that is not below its own.
func (d decimal) coefficient(scale int) *big.Int {
	c := d.large
	if c == nil {
		c = big.NewInt(d.small)
	}
	if scale == d.scale {
		return c
	}
	return new(big.Int).Mul(c, pow10(scale-d.scale))
}

// meanOf is the number divided by n, as text: rounded to so many decimals, a half away from zero.
func (d decimal) meanOf(n int64, decimals int) string {
	exact := new(big.Rat).SetFrac(d.coefficient(d.scale), new(big.Int).Mul(pow10(d.scale), big.NewInt(n)))
	text := exact.FloatString(decimals) // which rounds so
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	if strings.Trim(text, "-0.") == "" {
		return "0"
	}
	return text
}

func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// String is the number in its one plain form: no exponent, no zeros that say nothing, and zero as "0".
func (d decimal) String() string {
	text := d.coefficient(d.scale).String()
	if text == "0" {
		return text
	}
	digits, negative := strings.CutPrefix(text, "-")
	if missing := d.scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if point := len(digits) - d.scale; d.scale > 0 {
		digits = strings.TrimRight(digits[:point]+"."+digits[point:], "0")
		digits = strings.TrimSuffix(digits, ".")
	}
	if negative {
		return "-" + digits
	}
	return digits
}
