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

// Trend is how fast a backlog grows over a hold, in percent of the load offered, and whether that is sustainable: pass if it is surely
// at most 1 %, fail if it is surely more, else inconclusive. The backlog, in records, is sampled once a second from the hold's start to its
// end. ok is false where the hold is too short, or nothing was offered.
func Trend(backlog []float64, offeredPerSecond float64, window time.Duration) (percent float64, verdict string, ok bool) {
	if time.Duration(len(backlog))*time.Second < ShortestHold(window) || offeredPerSecond <= 0 {
		return 0, "", false
	}
	spans := int(batch(window) / time.Second) // whole windows a batch, as many as fit
	spans *= len(backlog) / (trendBatches * spans)
	backlog = backlog[len(backlog)-trendBatches*spans:] // what is left over is the settling at the start
	means := make([]float64, trendBatches)
	for i := range means {
		for _, records := range backlog[i*spans : (i+1)*spans] {
			means[i] += records / float64(spans)
		}
	}
	slope, deviation := fit(means)
	perSecond := 100 / (float64(spans) * offeredPerSecond)
	percent, margin := slope*perSecond, trendT*deviation*perSecond
	switch {
	case percent+margin <= trendBound:
		return percent, Pass, true
	case percent-margin > trendBound:
		return percent, Fail, true
	}
	return percent, Inconclusive, true
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

// WorstTrend is the worse of two: fail before inconclusive before pass, and the steeper of equals.
func WorstTrend(percentA float64, a string, percentB float64, b string) (percent float64, verdict string) {
	rank := map[string]int{"": 0, Pass: 1, Inconclusive: 2, Fail: 3}
	if rank[a] > rank[b] || (rank[a] == rank[b] && percentA >= percentB) {
		return percentA, a
	}
	return percentB, b
}
