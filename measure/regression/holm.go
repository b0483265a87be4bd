package regression

import (
	"cmp"
	"slices"
)

// holm are p values adjusted so that the chance of finding anything where there is nothing is at most the level, over all of them together and however they
// hang together: the least is multiplied by their number, the next by one less, and none is less than the one before (Holm 1979, "A simple sequentially
// rejective multiple test procedure").
func holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	adjusted, before := make([]float64, len(p)), 0.0
	for rank, i := range order {
		before = max(before, min(1, float64(len(p)-rank)*p[i]))
		adjusted[i] = before
	}
	return adjusted
}
