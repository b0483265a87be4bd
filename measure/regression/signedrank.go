package regression

import (
	"math"
	"slices"
)

// signedRanks is what paired differences say.
func signedRanks(differences []float64) evidence {
	n := len(differences)
	averages := make([]float64, 0, n*(n+1)/2)
	for i, x := range differences {
		for _, y := range differences[i:] {
			averages = append(averages, (x+y)/2)
		}
	}
	e := inverted(averages, signedRankTail(n))
	e.spread, e.freedom = deviation(differences), n-1
	e.unsure = e.spread / math.Sqrt(float64(n))
	return e
}

// inverted makes the estimate, the interval and p of the averages or differences whose signs a rank test counts: as many of them are
// positive as its statistic says (Hollander, Wolfe, Chicken, 3.2 and 4.2). tail is the chance of at most so many, where there is no effect.
func inverted(values []float64, tail []float64) evidence {
	slices.Sort(values)
	e := evidence{estimate: median(values), low: math.Inf(-1), high: math.Inf(1), least: min(1, 2*tail[0])}
	cut := 0
	for cut < len(tail) && 2*tail[cut] <= level {
		cut++
	}
	if cut > 0 {
		e.low, e.high, e.confidence = values[cut-1], values[len(values)-cut], 1-2*tail[cut-1]
	}
	// A zero speaks against an effect in either direction.
	atMost, _ := slices.BinarySearchFunc(values, 0, func(v, zero float64) int {
		if v <= zero {
			return -1
		}
		return 1
	})
	below, _ := slices.BinarySearch(values, 0)
	against := min(atMost, len(values)-below)
	e.p = min(1, 2*tail[min(against, len(tail)-1)])
	return e
}

// signedRankTail is, at w, the chance that the ranks of n differences with a positive sign add up to at most w, where each sign is the throw of a coin.
func signedRankTail(n int) []float64 {
	chance := make([]float64, n*(n+1)/2+1)
	chance[0] = 1
	for rank := 1; rank <= n; rank++ {
		for sum := len(chance) - 1; sum >= 0; sum-- {
			chance[sum] /= 2
			if sum >= rank {
				chance[sum] += chance[sum-rank] / 2
			}
		}
	}
	return summed(chance)
}

// summed are the partial sums.
func summed(values []float64) []float64 {
	for i := 1; i < len(values); i++ {
		values[i] += values[i-1]
	}
	return values
}

// median of sorted values; NaN of none.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// deviation is the standard deviation of a sample; NaN of one value.
func deviation(values []float64) float64 { return math.Sqrt(squares(values) / float64(len(values)-1)) }

// squares is the sum of the squared distances from the mean.
func squares(values []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	return sum
}
