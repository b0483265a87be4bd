package regression

import (
	"math"
	"sort"
)

// evidence is what the runs say of one metric, as logarithms of B over A.
type evidence struct {
	estimate float64
	// low and high are the interval, infinite where there are too few runs for one; confidence is what it really has, for ranks go in steps.
	low, high, confidence float64
	// p is two-sided, and least is the least that so many runs can give.
	p, least float64
	// spread is the standard deviation of a pair, or of a run; unsure is that of a mean of so many, and freedom its degrees of freedom.
	spread, unsure float64
	freedom        int
}

// noise is what the estimate of two equal things exceeds, in any of so many metrics, in one comparison of a hundred.
func (e *evidence) noise(metrics int) float64 {
	if e.unsure == 0 {
		return 0
	}
	return noiseOf(e.unsure, e.freedom, metrics)
}

func noiseOf(unsure float64, freedom, metrics int) float64 {
	return studentQuantile(falseAlarms/2/float64(metrics), freedom) * unsure
}

// MinPairs is the least number of pairs of which a regression can be said, with so many gated metrics: 6 with one, for with 5 pairs even all of them in one
// direction have a p of 1/16, and Holm asks the more of each the more there are.
func MinPairs(metrics int) int {
	n := 1
	for 2*math.Exp2(-float64(n))*float64(max(1, metrics)) > level {
		n++
	}
	return n
}

// MinRuns is the least number of runs of B of which a regression against so many of A can be said, pairs or not; over [mostNeeded] where there is none.
func MinRuns(a, metrics int) int {
	return 1 + sort.Search(mostNeeded, func(more int) bool {
		return 2*float64(max(1, metrics))/binomial(a+more+1, a) <= level
	})
}

// binomial is in how many ways k of n can be chosen: as many as two samples can be mixed.
func binomial(n, k int) float64 {
	ways := 1.0
	for i := 1; i <= k; i++ {
		ways *= float64(n-k+i) / float64(i)
	}
	return ways
}

// minRuns is the same where both sides have as many.
func minRuns(metrics int) int {
	n := 1
	for MinRuns(n, metrics) > n {
		n++
	}
	return n
}

// mostNeeded is from where on more runs are no advice.
const mostNeeded = 1000

// needed is about how many pairs, or runs of each side, would give a verdict if estimate and spread stayed as they are; 0 if over [mostNeeded].
func (e *evidence) needed(margin float64, metrics, have, least int, paired bool) int {
	size, variance, lost := math.Abs(e.estimate), 1.0, 1
	if !paired {
		variance, lost = 2.0, 2
	}
	first := max(have+1, least)
	n := first + sort.Search(mostNeeded+1-first, func(more int) bool {
		n := first + more
		unsure, freedom := e.spread*math.Sqrt(variance/float64(n)), lost*(n-1)
		if size > margin {
			return noiseOf(unsure, freedom, metrics) < size
		}
		// The interval of ranks is wider than that of the mean by the root of pi/3 (their relative efficiency), where the values are normal.
		return studentQuantile(level/2, freedom)*unsure*math.Sqrt(math.Pi/3) <= margin-size
	})
	if n > mostNeeded {
		return 0
	}
	return n
}
