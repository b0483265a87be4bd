package generator

import (
	"math/bits"
	"slices"
)

// numberBytes is the most that a whole number or a decimal of 64 bits takes, with a sign, a point and two quotes.
const numberBytes = 24

// pairs are the numbers below 100 in two digits each: to write two at once takes half the divisions.
const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869" +
	"707172737475767778798081828384858687888990919293949596979899"

// powers are those of ten.
var powers = [...]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// digitsOf is how many digits a number has, at least one.
func digitsOf(n uint64) int {
	n |= 1
	// A number of b bits has ⌊b·log10 2⌋ digits, or one more; 1233/4096 is log10 2 closely enough for 64 bits.
	digits := bits.Len64(n) * 1233 >> 12
	if n >= powers[digits] {
		digits++
	}
	return digits
}

// appendPadded appends a number, with zeros before it up to a width. It writes where the digits will stay: to write them elsewhere
// and copy them would wait for the bytes to arrive in memory.
func appendPadded(to []byte, n uint64, width int) []byte {
	start := len(to)
	end := start + max(width, digitsOf(n))
	to = slices.Grow(to, end-start)[:end]
	at := end
	for n >= 100 {
		pair := n % 100 * 2
		n /= 100
		at -= 2
		to[at], to[at+1] = pairs[pair], pairs[pair+1]
	}
	for at > start {
		at--
		to[at] = byte('0' + n%10)
		n /= 10
	}
	return to
}

// appendDecimal appends n/10^decimals, with that many decimals.
func appendDecimal(to []byte, n int64, decimals int) []byte {
	u := uint64(n)
	if n < 0 {
		to, u = append(to, '-'), -u
	}
	to = appendPadded(to, u, decimals+1)
	if decimals == 0 {
		return to
	}
	to = append(to, '0')
	point := len(to) - 1 - decimals
	for at := len(to) - 1; at > point; at-- {
		to[at] = to[at-1]
	}
	to[point] = '.'
	return to
}
