package record

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"weir/limits"
)

// CanonicalNumber is a JSON number in its one plain form: no exponent, no leading plus or zeros, no trailing zeros after
// the point, and zero as "0". It refuses what DynamoDB's number type cannot hold: more than 38 significant digits, 1E+126
// and above, or, if not zero, below 1E-130 (DynamoDB developer guide, "Naming rules and data types").
func CanonicalNumber(text string) (string, error) {
	negative, digits, exponent, ok := splitNumber(text)
	if !ok {
		return "", fmt.Errorf("%w: %.60q is not a number", ErrBadValue, text)
	}
	if digits == "" {
		return "0", nil
	}
	top := len(digits) + exponent - 1 // the exponent of the first digit
	if len(digits) > limits.NumberDigits || top > limits.NumberMaxExponent || top < limits.NumberMinExponent {
		return "", fmt.Errorf("%w: %.60s does not fit a number of 38 digits between 1E-130 and 1E+126", ErrBadValue, text)
	}
	return plainNumber(negative, digits, exponent), nil
}

// hugeExponent is beyond every number that a table holds, and leaves room for arithmetic.
const hugeExponent = 1 << 40

// splitNumber reads a JSON number (RFC 8259, section 6) as digits × 10^exponent, the digits without zeros at either end.
func splitNumber(text string) (negative bool, digits string, exponent int, ok bool) {
	rest := text
	if rest != "" && rest[0] == '-' {
		negative, rest = true, rest[1:]
	}
	whole := leadingDigits(rest)
	if whole == "" || (len(whole) > 1 && whole[0] == '0') {
		return false, "", 0, false
	}
	rest = rest[len(whole):]
	fraction := ""
	if rest != "" && rest[0] == '.' {
		if fraction = leadingDigits(rest[1:]); fraction == "" {
			return false, "", 0, false
		}
		rest = rest[1+len(fraction):]
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		signed := strings.TrimPrefix(rest[1:], "+")
		if signed != "" && signed[0] == '-' && signed != rest[1:] {
			return false, "", 0, false
		}
		if leadingDigits(strings.TrimPrefix(signed, "-")) != strings.TrimPrefix(signed, "-") {
			return false, "", 0, false
		}
		n, err := strconv.Atoi(signed)
		switch {
		case errors.Is(err, strconv.ErrRange):
			// Far beyond every bound, and zero times it is still zero: n is the nearest int.
		case err != nil:
			return false, "", 0, false
		}
		exponent, rest = max(-hugeExponent, min(n, hugeExponent)), ""
	}
	if rest != "" {
		return false, "", 0, false
	}
	exponent -= len(fraction)
	digits = strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	return negative, trimmed, exponent + len(digits) - len(trimmed), true
}

func leadingDigits(s string) string {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return s[:i]
}

func plainNumber(negative bool, digits string, exponent int) string {
	sign := ""
	if negative {
		sign = "-"
	}
	switch point := len(digits) + exponent; {
	case exponent >= 0:
		return sign + digits + strings.Repeat("0", exponent)
	case point > 0:
		return sign + digits[:point] + "." + digits[point:]
	default:
		return sign + "0." + strings.Repeat("0", -point) + digits
	}
}
