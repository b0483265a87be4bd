package attribute

import (
	"strings"

	"weir/limits"
)

// Compare orders two values of one scalar type: strings and binaries by bytes, numbers by value. It is false for values
// that DynamoDB does not order.
func Compare(a, b Value) (int, bool) {
	x, ok := scalarText(a)
	y, ok2 := scalarText(b)
	if !ok || !ok2 || a.Type() != b.Type() {
		return 0, false
	}
	return memberOrder(a.Type())(x, y), true
}

// SortKey is a text whose order by bytes is the order of values of one scalar type, so that keys of every type are kept
// and sought alike. Nothing lies between a sort key and the same with a zero byte after it.
func SortKey(v Value) (string, bool) {
	if n, ok := v.(Number); ok {
		return numberSortKey(n), true
	}
	return scalarText(v)
}

func memberOrder(of Type) func(a, b string) int {
	if of == TypeNumber {
		return func(a, b string) int { return strings.Compare(numberSortKey(Number(a)), numberSortKey(Number(b))) }
	}
	return strings.Compare
}

// numberSortKey writes a number so that it sorts by bytes:
//
//	negative   0  255 - e   9's complement of the digits   255
//	zero       1
//	positive   2        e   the digits
//
// where the first digit stands for d × 10^(e-130) and zeros at the end are left out. The last byte puts a negative number
// after one with further digits, which is the lower one.
func numberSortKey(n Number) string {
	text, negative := strings.CutPrefix(string(n), "-")
	whole, fraction, _ := strings.Cut(text, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "\x01"
	}
	exponent := len(whole) - 1 - (len(whole) + len(fraction) - len(digits))
	digits = strings.TrimRight(digits, "0")
	key := make([]byte, 2, 3+len(digits))
	key[0], key[1] = 2, byte(exponent-limits.NumberMinExponent)
	key = append(key, digits...)
	if !negative {
		return string(key)
	}
	key[0], key[1] = 0, 255-key[1]
	for i := 2; i < len(key); i++ {
		key[i] = '0' + '9' - key[i]
	}
	return string(append(key, 255))
}
