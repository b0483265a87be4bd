// Package regression says whether B is slower than A, from runs of both: an effect with its interval for each gated metric, and a verdict. It is pure.
//
// # What is compared
//
// The unit is the run: whatever a run measured a million times is one number of it. Runs go on in pairs, A B B A, so that what the machine does in the course of
// an hour strikes both alike, and each pair gives ln(B/A). A value below its metric's absolute floor counts as that floor, so that a ratio of two values that
// nobody would tell apart is 1, and one with zero in it is a number.
//
// The effect is the Hodges-Lehmann estimate: the median of the means of all pairs of those logarithms, each with itself too (Walsh averages). Its interval is made
// of the same averages by the exact distribution of Wilcoxon's signed ranks. Of runs that are no pairs it is the median of all differences, by the exact
// distribution of the rank sum. Neither needs a distribution of the values, and ties only make both more careful. (Hollander, Wolfe, Chicken: Nonparametric
// Statistical Methods, 3rd edition, sections 3.1 to 3.3 and 4.1 to 4.3.)
//
// # What it says
//
// Regressed, if the interval excludes zero, by Holm's procedure over all gated metrics, and the estimate is beyond the floor. The floor is the greatest of a
// relative one, an absolute one, and the noise: what the estimate of two equal things of this spread exceeds, in any of the metrics, in one comparison of a hundred.
// Improved is the same in the other direction. Same, if the interval is within the relative or absolute floor on both sides (equivalence): noise
// makes nothing the same. Else it is inconclusive, with how many runs would tell.
package regression

import (
	"weir/measure/verdict"
	"weir/result"
)

// The verdicts of a metric, and of a comparison: that has those of a run for void, error and interrupted, too.
const (
	Same         = "same"
	Improved     = "improved"
	Regressed    = verdict.Regressed
	Inconclusive = verdict.Inconclusive
	// NotMeasured is a metric that neither side measured and nobody asked for: it decides nothing.
	NotMeasured = "not_measured"
)

const (
	// level is what an interval is allowed to miss, and what all metrics together are allowed to find in nothing before the floor.
	level = 0.05
	// falseAlarms is the share of comparisons of equal things whose estimate may exceed the noise in any metric.
	falseAlarms = 0.01
)

// Run is a run that counts.
type Run struct {
	Folder string
	Result *result.Result
	// CPUPerRecord is in microseconds, nil where it was not measured; see [CPUPerRecord].
	CPUPerRecord *float64
}

// Pair is a run of each side, one right after the other.
type Pair struct{ A, B Run }
