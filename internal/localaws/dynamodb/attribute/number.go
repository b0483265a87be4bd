package attribute

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"weir/limits"
)

// Why a text is no number that DynamoDB holds.
const (
	errDigits    = Invalid("Attempting to store more than 38 significant digits in a Number")
	errOverflow  = Invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	errUnderflow = Invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
)

// exact is the arithmetic of expressions: far more digits than a number may keep, so that a result is exact and then
// judged by the same bounds as a number that was given.
var exact = apd.Context{Precision: 300, MaxExponent: 1000, MinExponent: -1000, Traps: apd.DefaultTraps}

// ParseNumber reads a number and gives it its canonical form, the one in which DynamoDB returns it: plain decimal digits,
// no exponent, no leading or trailing zeros, zero as "0". It refuses more than 38 significant digits and a magnitude
// outside 1E-130 to 9.99…E+125 (developer guide, "Supported data types and naming rules", Number).
func ParseNumber(text string) (Number, error) {
	if isCanonical(text) {
		return Number(text), nil
	}
	if !isDecimal(text) {
		return "", notNumeric(text)
	}
	n := split(text)
	if n.digits == "" {
		return "0", nil
	}
	if err := n.check(); err != nil {
		return "", err
	}
	decimal, _, err := apd.NewFromString(n.sign + n.digits + "E" + strconv.FormatInt(n.exponent, 10))
	if err != nil {
		return "", notNumeric(text)
	}
	return Number(decimal.Text('f')), nil
}

// decimal is a number as sign, digits without zeros before or behind them, and the power of ten that these are multiplied with. It comes from
// a text by cutting alone: arithmetic on a text of a million digits takes seconds.
type decimal struct {
	sign, digits string
	exponent     int64
}

// split cuts up what isDecimal has let through.
func split(text string) decimal {
	mantissa, exponent := text, "0"
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent = text[:i], text[i+1:]
	}
	n := decimal{exponent: clamped(exponent)}
	if mantissa[0] == '-' {
		n.sign = "-"
	}
	whole, fraction, _ := strings.Cut(unsigned(mantissa), ".")
	n.exponent -= int64(len(fraction))
	digits := strings.TrimLeft(whole+fraction, "0")
	n.digits = strings.TrimRight(digits, "0")
	n.exponent += int64(len(digits) - len(n.digits))
	return n
}

// clamped is an exponent, or one that no number of digits in a request makes up for.
func clamped(exponent string) int64 {
	const beyond = 1 << 40
	n, err := strconv.ParseInt(exponent, 10, 64)
	if err != nil || n < -beyond || beyond < n { // only for its range, since it is known to be digits
		n = beyond
		if exponent[0] == '-' {
			n = -beyond
		}
	}
	return n
}

func (n decimal) check() error {
	return checkBounds(int64(n.exponent)+int64(len(n.digits))-1, int64(len(n.digits)))
}

// Add is a + b.
func Add(a, b Number) (Number, error) { return calculate(exact.Add, a, b) }

// Subtract is a - b.
func Subtract(a, b Number) (Number, error) { return calculate(exact.Sub, a, b) }

func calculate(do func(d, x, y *apd.Decimal) (apd.Condition, error), a, b Number) (Number, error) {
	x, _, err := apd.NewFromString(string(a))
	if err != nil {
		return "", notNumeric(string(a))
	}
	y, _, err := apd.NewFromString(string(b))
	if err != nil {
		return "", notNumeric(string(b))
	}
	var result apd.Decimal
	if _, err := do(&result, x, y); err != nil {
		return "", fmt.Errorf("%s and %s: %w", a, b, err)
	}
	return canonical(&result)
}

func canonical(d *apd.Decimal) (Number, error) {
	d.Reduce(d)
	if d.IsZero() {
		return "0", nil
	}
	digits := d.NumDigits()
	if err := checkBounds(int64(d.Exponent)+digits-1, digits); err != nil {
		return "", err
	}
	return Number(d.Text('f')), nil
}

// checkBounds judges a number by the power of ten of its first digit and by how many digits it has.
func checkBounds(top, digits int64) error {
	switch {
	case top > limits.NumberMaxExponent:
		return errOverflow
	case top < limits.NumberMinExponent:
		return errUnderflow
	case digits > limits.NumberDigits:
		return errDigits
	}
	return nil
}

// isCanonical tells the numbers that most items hold, short and already in canonical form, without any arithmetic.
func isCanonical(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	if len(digits) == 0 || len(digits) > limits.NumberDigits || text == "-0" {
		return false
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if !allDigits(whole) || (len(whole) > 1 && whole[0] == '0') {
		return false
	}
	return !point || (allDigits(fraction) && fraction[len(fraction)-1] != '0')
}

// isDecimal says whether a text is [sign] digits [. digits] [e [sign] digits], with a digit before or after the point.
func isDecimal(text string) bool {
	mantissa, exponent := text, ""
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent = text[:i], unsigned(text[i+1:])
		if !allDigits(exponent) {
			return false
		}
	}
	whole, fraction, _ := strings.Cut(unsigned(mantissa), ".")
	return allDigits(whole + fraction)
}

func notNumeric(text string) error {
	if text == "" {
		return Invalid("The parameter cannot be converted to a numeric value")
	}
	return Invalid(fmt.Sprintf("The parameter cannot be converted to a numeric value: %s", text))
}

func unsigned(text string) string {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}

func allDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || '9' < text[i] {
			return false
		}
	}
	return text != ""
}
