package verdict

import (
	"math"
	"time"
)

// Whether a backlog grows is judged by the slope of ten batch means over a hold, and by how sure that slope is (one-sided 95 % intervals of
// Student's t with eight degrees of freedom): on single seconds, one healthy pipeline in four would be called unsustainable, for a backlog
// is correlated from one second to the next.
const (
	trendBatches = 10
	trendT       = 1.860
	// trendBound is the growth, in percent of the load offered, from which on a load is not sustainable.
	trendBound = 1.0
	// shortestBatch is the least that a batch spans: batches must be longer than what shakes a pipeline, as a checkpoint or a collection.
	shortestBatch = 30 * time.Second
)

// ShortestHold is how long a hold has to be for a verdict on its trend: ten batches that span whole windows.
func ShortestHold(window time.Duration) time.Duration { return trendBatches * batch(window) }

// batch is the least multiple of the window that is long enough.
func batch(window time.Duration) time.Duration {
	window = max(window, time.Second)
	return (shortestBatch + window - 1) / window * window
}

// Trend takes samples of one backlog over one hold, and says how fast it grows. It keeps ten sums, however long the hold.
type Trend struct {
	// settling is what is left over at the start of the hold, and each is how long a batch is.
	settling, each time.Duration
	sums           [trendBatches]float64
	samples        [trendBatches]int64
}

// NewTrend makes the trend of a hold; nil where the hold is shorter than [ShortestHold].
func NewTrend(hold, window time.Duration) *Trend {
	if hold < ShortestHold(window) {
		return nil
	}
	window = max(window, time.Second)
	each := hold / trendBatches / window * window
	return &Trend{settling: hold - trendBatches*each, each: each}
}

// Add takes the backlog in records at a time since the start of the hold.
func (t *Trend) Add(at time.Duration, backlog int64) {
	// A sample at the end of a second stands for that second: one at the end of the hold is in its last batch.
	i := (at - t.settling - 1) / t.each
	if at <= t.settling || i >= trendBatches {
		return
	}
	t.sums[i] += float64(backlog)
	t.samples[i]++
}

// Growth is how fast a backlog grows, in percent of the load offered: with 95 % confidence by at most Percent + Margin, and with the same
// confidence by at least Percent - Margin.
type Growth struct{ Percent, Margin float64 }

// Growth is what the samples say; ok is false where the hold did not come to its end, or nothing was offered.
func (t *Trend) Growth(offeredPerSecond float64) (g Growth, ok bool) {
	if offeredPerSecond <= 0 {
		return Growth{}, false
	}
	var means [trendBatches]float64
	for i := range means {
		if t.samples[i] == 0 {
			return Growth{}, false
		}
		means[i] = t.sums[i] / float64(t.samples[i])
	}
	slope, deviation := fit(means[:])
	perSecond := 100 / (t.each.Seconds() * offeredPerSecond)
	return Growth{Percent: slope * perSecond, Margin: trendT * deviation * perSecond}, true
}

// Verdict says whether a load with this growth is sustainable: pass if it is surely at most 1 %, fail if it is surely more, else
// inconclusive.
func (g Growth) Verdict() string { return g.against("<=", trendBound) }

// against judges the growth by a comparison: what holds, or does not, wherever in its margins the growth is.
func (g Growth) against(operator string, bound float64) string {
	holds := operators[operator]
	low, high := holds(g.Percent-g.Margin, bound), holds(g.Percent+g.Margin, bound)
	if low != high {
		return Inconclusive
	}
	return passIf(low)
}

// Worse says that g speaks more against the load than another: fail before inconclusive before pass, and of equals the steeper one.
func (g Growth) Worse(than Growth) bool {
	rank := map[string]int{Pass: 1, Inconclusive: 2, Fail: 3}
	if a, b := rank[g.Verdict()], rank[than.Verdict()]; a != b {
		return a > b
	}
	return g.Percent > than.Percent
}

// fit is the slope of the line of least squares through values at 0, 1, 2, …, and its standard error.
func fit(values []float64) (slope, deviation float64) {
	n := float64(len(values))
	middle, mean := (n-1)/2, 0.0
	for _, v := range values {
		mean += v / n
	}
	var xx, xy float64
	for i, v := range values {
		x := float64(i) - middle
		xx += x * x
		xy += x * (v - mean)
	}
	slope = xy / xx
	var rest float64
	for i, v := range values {
		d := v - mean - slope*(float64(i)-middle)
		rest += d * d
	}
	return slope, math.Sqrt(rest / (n - 2) / xx)
}
