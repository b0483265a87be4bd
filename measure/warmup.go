package measure

import (
	"math"
	"time"

	"weir/result"
)

// How long a run takes to settle is told by MSER-5 (K. P. White Jr., "An effective truncation heuristic for bias reduction in simulation output",
// Simulation 69(6), 1997): of the means of five seconds each, so many are cut off at the start that the mean of the rest is surest, by its standard error. Where
// that would be more than half of them, the run did not settle.
const (
	perBatch = 5 * time.Second
	// leastBatches is how many batches it takes to say anything.
	leastBatches = 10
	// worthTelling is how many times as late as what follows a start has to be that is worth a word: of noise alone, MSER cuts a bit off, too.
	worthTelling = 1.25
)

// settling follows how late a point was, in batches since the start of the run. It belongs to the lock of its point.
type settling struct {
	sums   []float64 // milliseconds
	counts []int64
}

// mostBatches bounds what is kept: what comes after a day says nothing of a start.
const mostBatches = int(24 * time.Hour / perBatch)

// add takes so many samples that ended at a time, and their sum.
func (s *settling) add(at, sum time.Duration, samples int64) {
	i := int(max(0, at-1) / perBatch)
	if i >= mostBatches {
		return
	}
	for len(s.sums) <= i {
		s.sums, s.counts = append(s.sums, 0), append(s.counts, 0)
	}
	s.sums[i] += float64(sum) / float64(time.Millisecond)
	s.counts[i] += samples
}

// between are the means of the batches that lie within two times and have samples, and the time at which each ends.
func (s *settling) between(from, to time.Duration) (means []float64, ends []time.Duration) {
	for i := range s.sums {
		end := time.Duration(i+1) * perBatch
		if s.counts[i] > 0 && end-perBatch >= from && end <= to {
			means, ends = append(means, s.sums[i]/float64(s.counts[i])), append(ends, end)
		}
	}
	return means, ends
}

// mser is how many values at the start to cut off, so that the standard error of the others' mean is least; ok is false where that is more than half.
func mser(values []float64) (cut int, ok bool) {
	least := math.Inf(1)
	var sum, squares, n float64
	for i := len(values) - 1; i >= 0; i-- {
		n++
		delta := values[i] - sum/max(1, n-1)
		sum += values[i]
		squares += delta * (values[i] - sum/n) // Welford
		if n < leastBatches/2 {
			continue // the mean of a few is sure by chance
		}
		if e := squares / (n * n); e <= least {
			least, cut = e, i
		}
	}
	return cut, cut <= len(values)/2
}

// fillWarmUp says how long the latencies took to settle after the longest hold began, or the feed where nothing is said to hold. Nothing is cut off by it.
func (m *Meter) fillWarmUp(r *result.Result) {
	name, from, to := m.steadiest()
	for _, p := range []*point{m.rows.written, m.input.acked} {
		means, ends := p.settled(from, to)
		if len(means) < leastBatches {
			continue
		}
		cut, ok := mser(means)
		w := &result.WarmUp{Point: p.name, Phase: name, Settled: ok, OverSeconds: (ends[len(ends)-1] - from).Seconds()}
		if ok && cut > 0 {
			w.Seconds = (ends[cut-1] - from).Seconds()
			w.Times = average(means[:cut]) / average(means[cut:])
			w.Matters = w.Times >= worthTelling
		}
		r.WarmUp = w
		return
	}
}

// steadiest is the longest hold that is no warm-up and that the run came to, by the run's clock; the whole feed where there is no schedule.
func (m *Meter) steadiest() (name string, from, to time.Duration) {
	begun, ended := time.Duration(m.phases.begun.Load()), time.Duration(m.phases.ended.Load())
	if len(m.phases.number) == 0 {
		return "", begun, ended
	}
	for _, span := range m.phases.spans() {
		if start, end := begun+span.Start, min(ended, begun+span.End); span.Hold && span.Name != Warmup && end-start > to-from {
			name, from, to = span.Name, start, end
		}
	}
	return name, from, to
}

func average(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
