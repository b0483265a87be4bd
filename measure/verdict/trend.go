package verdict

import (
	"math"
	"time"

	"weir/result"
)

// Whether a backlog grows is judged by the slope of ten batch means over a hold, and by how sure that slope is (one-sided 99 % intervals of
// Student's t with eight degrees of freedom): on single seconds, one healthy pipeline in four would be called unsustainable, for a backlog
// is correlated from one second to the next. 99 % is for up to four looks at one hold: an error of 1 % a look, and not of 5 %.
const (
	trendBatches = 10
	trendT       = 2.896
	// trendBound is the growth, in percent of what comes, from which on a load is not sustainable.
	trendBound = 1.0
	// shortestBatch is the least that a batch spans: batches must be longer than what shakes a pipeline, as a checkpoint or a collection.
	shortestBatch = 30 * time.Second
	// mostCells bounds what a trend keeps, however long its hold.
	mostCells = 4096
	// longestPeriod is the longest time after which everything that comes round together may do so: no hold is ten of these.
	longestPeriod = 24 * time.Hour
)

// Period is how long it takes until everything that comes round in a pipeline, its windows, polls and checkpoints, does so together, and with the
// seconds at which a backlog is looked at: over that time, the saw teeth that they make of a backlog add up to nothing.
func Period(of []time.Duration) time.Duration {
	period := time.Second
	for _, d := range of {
		if d <= 0 {
			continue
		}
		times := d / divisor(period, d)
		if period > longestPeriod/times {
			return longestPeriod
		}
		period *= times
	}
	return period
}

// divisor is the greatest that both have in common.
func divisor(a, b time.Duration) time.Duration {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// ShortestHold is how long a hold has to be for a verdict on its trend: ten batches of at least half a minute that span whole periods.
func ShortestHold(period time.Duration) time.Duration {
	return trendBatches * ((shortestBatch + period - 1) / period * period)
}

// mostLooks is how often a hold is looked at, at most: an error of 1 % a look adds up.
const mostLooks = 4

// Looks are the lengths at which a hold that may extend itself is looked at, and ends if its trend is sure: as it was written, and up to three more, a third
// of the way to its limit each. A hold that may not has its own length alone.
func Looks(hold, limit time.Duration) []time.Duration {
	looks := []time.Duration{hold}
	for k := range time.Duration(mostLooks - 1) {
		at := (hold + (limit-hold)*(k+1)/(mostLooks-1)).Truncate(time.Second)
		if k == mostLooks-2 {
			at = limit
		}
		if at > looks[len(looks)-1] {
			looks = append(looks, at)
		}
	}
	return looks
}

// Trend takes samples of one backlog over one hold, and says how fast it grows. What it keeps is bounded, however long the hold.
type Trend struct {
	period time.Duration
	// A cell is a whole number of periods long, or a quarter of one; each has the sum of its samples, and how many there are.
	cell    time.Duration
	sums    []float64
	samples []int64
}

// NewTrend makes the trend of a hold in a pipeline with that period.
func NewTrend(period time.Duration) *Trend {
	t := &Trend{period: period, cell: period}
	if period%quarters == 0 && period >= quarters*time.Second {
		t.cell = period / quarters
	}
	return t
}

// Add takes the backlog in records at a time since the start of the hold. Times come in their order.
func (t *Trend) Add(at time.Duration, backlog int64) {
	// A sample at the end of a second stands for that second: one at the end of the hold is in its last batch.
	if at <= 0 {
		return
	}
	for (at-1)/t.cell >= mostCells {
		t.coarsen()
	}
	i := int((at - 1) / t.cell)
	for len(t.sums) <= i {
		t.sums, t.samples = append(t.sums, 0), append(t.samples, 0)
	}
	t.sums[i] += float64(backlog)
	t.samples[i]++
}

// coarsen makes each two cells one.
func (t *Trend) coarsen() {
	for i := range t.sums {
		if i%2 == 0 {
			t.sums[i/2], t.samples[i/2] = t.sums[i], t.samples[i]
			continue
		}
		t.sums[i/2] += t.sums[i]
		t.samples[i/2] += t.samples[i]
	}
	n := (len(t.sums) + 1) / 2
	t.sums, t.samples, t.cell = t.sums[:n], t.samples[:n], 2*t.cell
}

// Growth is how fast a backlog grows, in percent of what came: with 99 % confidence by at most Percent + Margin, and with the same
// confidence by at least Percent - Margin. Where it was looked at for less than 20 correlation times, ten batches of it are not independent, and what
// they say of the margin is too little: it is then at least what the noise could do if it were one long wave.
type Growth struct {
	Percent, Margin float64
	// Over is how long the backlog was looked at, and Correlation how long its noise resembles itself, as far as can be told from that.
	Over, Correlation time.Duration
}

// Arrivals is how many came to a place: records of the load to the input, and rows that fired to the output and the table. Where no row fired, nothing grows there,
// in percent of anything.
func Arrivals(place string, offered, fired int64) int64 {
	if place == result.InputBacklog || fired == 0 {
		return offered
	}
	return fired
}

// Growth is what the samples of the first part of the hold say, which is that long; ok is false where that is too short, or was not seen to its
// end, or nothing came. What is left over beyond ten batches is at the start, where a hold still settles.
func (t *Trend) Growth(hold time.Duration, arrivalsPerSecond float64) (g Growth, ok bool) {
	if arrivalsPerSecond <= 0 || hold < ShortestHold(t.period) {
		return Growth{}, false
	}
	// A batch is made of so many cells: whole periods, whatever a cell is.
	cells := int(hold / t.cell)
	whole := int(max(1, t.period/t.cell))
	each := cells / trendBatches / whole * whole
	from := cells - trendBatches*each
	means, seen := t.means(from, each, 1)
	if !seen {
		return Growth{}, false
	}
	length := time.Duration(each) * t.cell
	slope, deviation := fit(means)
	percent := 100 / (length.Seconds() * arrivalsPerSecond)
	g = Growth{Percent: slope * percent, Margin: trendT * deviation * percent, Over: trendBatches * length}
	if parts, seen := t.means(from, each, quarters); seen {
		var swing float64
		g.Correlation, swing = noiseOf(parts, length/quarters)
		if g.Over < lookAfter*g.Correlation {
			g.Margin = max(g.Margin, swings*swing*100/(g.Over.Seconds()*arrivalsPerSecond))
		}
	}
	return g, true
}

// means are those of ten batches of so many cells each, in so many parts a batch; seen is false where one has no sample.
func (t *Trend) means(from, each, parts int) (means []float64, seen bool) {
	for b := range parts * trendBatches {
		sum, n := 0.0, int64(0)
		for i := from + b*each/parts; i < min(from+(b+1)*each/parts, len(t.sums)); i++ {
			sum += t.sums[i]
			n += t.samples[i]
		}
		if n == 0 {
			return nil, false
		}
		means = append(means, sum/float64(n))
	}
	return means, true
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
	slope, rest := residuals(values)
	var squares float64
	for _, d := range rest {
		squares += d * d
	}
	n := float64(len(values))
	return slope, math.Sqrt(squares / (n - 2) / spread(n))
}

// spread is the sum of the squares of 0, 1, …, n-1 around their mean.
func spread(n float64) float64 { return n * (n*n - 1) / 12 }

// residuals are what the line of least squares leaves of each value.
func residuals(values []float64) (slope float64, rest []float64) {
	n := float64(len(values))
	middle, mean := (n-1)/2, 0.0
	for _, v := range values {
		mean += v / n
	}
	for i, v := range values {
		slope += (float64(i) - middle) * (v - mean)
	}
	slope /= spread(n)
	for i, v := range values {
		rest = append(rest, v-mean-slope*(float64(i)-middle))
	}
	return slope, rest
}
