package attribute

import (
	"fmt"
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
	decimal, _, err := apd.NewFromString(text)
	if err != nil {
		return outOfRange(text)
	}
	return canonical(decimal)
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
	top := int64(d.Exponent) + digits - 1
	switch {
	case top > limits.NumberMaxExponent:
		return "", errOverflow
	case top < limits.NumberMinExponent:
		return "", errUnderflow
	case digits > limits.NumberDigits:
		return "", errDigits
	}
	return Number(d.Text('f')), nil
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

// outOfRange is for an exponent that even the arithmetic refuses.
func outOfRange(text string) (Number, error) {
	i := strings.IndexAny(text, "eE")
	switch {
	case i >= 0 && strings.Trim(text[:i], "+-.0") == "":
		return "0", nil
	case i >= 0 && strings.HasPrefix(text[i+1:], "-"):
		return "", errUnderflow
	}
	return "", errOverflow
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
