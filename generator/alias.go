package generator

import (
	"math/bits"
	"slices"
)

// aliasTable draws one of n by weight in constant time (Vose, "A linear algorithm for generating random numbers with a given
// distribution", 1991): each of the n columns is as likely, and is shared by two at most.
type aliasTable []column

// column belongs to its own number in below/2^32 of all cases, and else to other.
type column struct{ below, other uint32 }

// newAliasTable takes weights of at least 0, not all of them 0.
func newAliasTable(weights []float64) aliasTable {
	n := len(weights)
	// Relative to the greatest, so that no sum overflows.
	greatest, sum := slices.Max(weights), 0.0
	for _, w := range weights {
		sum += w / greatest
	}
	share := make([]float64, n) // in columns
	order := make([]uint32, n)  // from the front those of less than a column, from the back the others
	little, much := 0, n
	for i, w := range weights {
		share[i] = w / greatest / sum * float64(n)
		if share[i] < 1 {
			order[little] = uint32(i)
			little++
		} else {
			much--
			order[much] = uint32(i)
		}
	}
	table := make(aliasTable, n)
	for done := range n {
		i := order[done]
		if done >= little || much == n {
			table[i].other = i // what is left has a whole column each, but for rounding
			continue
		}
		donor := order[much]
		table[i] = column{below: uint32(share[i] * (1 << 32)), other: donor}
		if share[donor] -= 1 - share[i]; share[donor] < 1 {
			// The donor is one of those with less than a column now, and comes next to them.
			little, much = little+1, much+1
		}
	}
	return table
}

func (t aliasTable) draw(r *random) int64 {
	high, low := bits.Mul64(r.Uint64(), uint64(len(t)))
	if c := t[high]; uint32(low>>32) >= c.below {
		return int64(c.other)
	}
	return int64(high)
}
