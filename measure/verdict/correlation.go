package verdict

import (
	"math"
	"slices"
	"time"
)

const (
	// lookAfter is how many times as long as a backlog's noise resembles itself it has to be looked at: with six times, a healthy pipeline was called
	// unsustainable in one of twenty simulated runs, and with twenty times in none of 500.
	lookAfter = 20
	// swings is how many times as much as its noise swung a backlog may seem to grow by it, over a look that is too short: noise that is as long as the look is a
	// random walk, whose slope has a deviation of 1.2 times what it swings around its line.
	swings = 3
	// quarters of batches are what the correlation is measured between: long enough for what shakes single seconds to add up to nothing, and short
	// enough to tell a correlation of half a batch, which is a twentieth of the whole, from one that is longer.
	quarters = 4
	// rounds is how often line and quarters are taken out in turn: each leaves a hundredth of what the other one has put in.
	rounds = 5
	// rounding is the share of a backlog's size below which noise is that of the arithmetic.
	rounding = 1e-9
)

// noiseOf estimates, from means over stretches that are each that long, how long the noise around their line resembles itself, and by how much it swings.
// The former is the time after which the correlation of an Ornstein-Uhlenbeck process has fallen to 1/e, whose means are correlated from one to the
// next as these are. Zero is a time too short to be told.
//
// What comes round with the quarters of a batch is taken out with the line. What that leaves is less correlated than the noise was: by
// (2 + 4ρ)/n of n values, for the line (Kendall 1954; Marriott and Pope 1954).
func noiseOf(means []float64, each time.Duration) (correlation time.Duration, swing float64) {
	rest := means
	for range rounds {
		_, rest = residuals(rest)
		deseason(rest)
	}
	swing = slices.Max(rest) - slices.Min(rest)
	if swing <= rounding*slices.Max(means) {
		return 0, swing
	}
	var variance, next float64
	for i, d := range rest {
		variance += d * d
		if i > 0 {
			next += d * rest[i-1]
		}
	}
	n := float64(len(rest))
	rho := (n*next/variance + 2) / (n - 4)
	return min(time.Duration(len(means))*each, resembling(rho, each)), swing
}

// resembling is the correlation time of which means over stretches that are each that long are correlated by rho from one to the next.
func resembling(rho float64, each time.Duration) time.Duration {
	least, most := 1e-3, 1e3 // of the stretch, in correlation times
	if rho <= 0 {
		return 0
	}
	for range 60 {
		if middle := math.Sqrt(least * most); alike(middle) > rho {
			least = middle
		} else {
			most = middle
		}
	}
	return time.Duration(float64(each) / least)
}

// alike is how the means of an Ornstein-Uhlenbeck process over two stretches next to each other are correlated, of a stretch's length in correlation
// times.
func alike(x float64) float64 {
	decay := math.Exp(-x)
	return (1 - decay) * (1 - decay) / (2 * (x - 1 + decay))
}

// deseason takes the mean of each quarter out of it.
func deseason(rest []float64) {
	for q := range quarters {
		sum, n := 0.0, 0.0
		for i := q; i < len(rest); i += quarters {
			sum += rest[i]
			n++
		}
		for i := q; i < len(rest); i += quarters {
			rest[i] -= sum / n
		}
	}
}
