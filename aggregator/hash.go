package aggregator

import "math/bits"

// hashOf is a hash of a (kind, key): the same in every run and every process, since one that is seeded anew would make runs differ.
func hashOf(kind, key string) uint64 {
	return hashText(hashText(hashSeed, kind), key)
}

// The constants are the fractions of the golden ratio, and of the square roots of 2 and 3, made odd.
const (
	hashSeed  = 0x9E3779B97F4A7C15
	hashWord  = 0x6A09E667F3BCC909
	hashTails = 0xBB67AE8584CAA73B
)

// hashText goes on with a text, eight bytes at a time; the length goes in last, so that where a text ends matters.
func hashText(h uint64, text string) uint64 {
	n := uint64(len(text))
	for len(text) >= 8 {
		h = mix(h^word(text), hashWord)
		text = text[8:]
	}
	tail := uint64(0)
	for i := range len(text) {
		tail = tail<<8 | uint64(text[i])
	}
	return mix(h^tail^n<<56, hashTails^n)
}

func word(t string) uint64 {
	_ = t[7]
	return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 | uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
}

// mix multiplies, and folds the product, so that each bit of either is in each half of what comes out.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
