package regression

import (
	"fmt"
	"math"

	"weir/result"
)

// judge decides on one metric.
type judge struct {
	evidence
	gate   *Gate
	metric *result.ComparedMetric
	paired bool
	runs   int // pairs, or runs of the side with fewer
	// margin is the greater one of the relative and the absolute floor, as a logarithm.
	margin float64
	// known is the standard error that the noise of a baseline gives the estimate, 0 where there is none, and knownFreedom its degrees of freedom.
	known        float64
	knownFreedom int
}

func newJudge(gate *Gate, metric *result.ComparedMetric, paired bool, noise float64) judge {
	a, b := logarithms(metric.ValuesA, gate.Absolute), logarithms(metric.ValuesB, gate.Absolute)
	j := judge{gate: gate, metric: metric, paired: paired, runs: min(len(a), len(b))}
	j.margin = math.Log1p(max(gate.Relative, gate.Absolute/max(*metric.A, gate.Absolute)))
	if !paired {
		j.evidence = rankSums(a, b)
		j.known, j.knownFreedom = noise*math.Sqrt(1/float64(len(a))+1/float64(len(b))), len(a)-1
		return j
	}
	for i := range a {
		b[i] -= a[i]
	}
	j.evidence = signedRanks(b)
	return j
}

// logarithms are those of values that are lifted to a floor.
func logarithms(values []*float64, floor float64) []float64 {
	logs := make([]float64, len(values))
	for i, v := range values {
		logs[i] = math.Log(max(*v, floor))
	}
	return logs
}

// decide gives the metric its verdict, where p adjusted by Holm's procedure is over so many metrics.
func (j *judge) decide(adjusted float64, metrics int) {
	m := j.metric
	m.Change = percent(j.estimate)
	m.P, m.Adjusted, m.Margin = new(j.p), new(adjusted), percent(j.margin)
	if j.confidence > 0 {
		m.Low, m.High, m.Confidence = percent(j.low), percent(j.high), new(100*j.confidence)
	}
	noise := math.Inf(1) // of fewer there is nothing to say, and it would be beyond all measure
	if j.confidence > 0 {
		noise = max(j.noise(metrics), j.baselineNoise(metrics))
		m.Spread, m.Noise = percent(j.spread), percent(min(noise, beyondMeasure))
	}
	found := adjusted <= level && math.Abs(j.estimate) > max(j.margin, noise)
	switch worse := (j.estimate > 0) != j.gate.Higher; {
	case found && worse:
		m.Verdict, m.Reason = Regressed, j.found(max(j.margin, noise))
	case found:
		m.Verdict, m.Reason = Improved, j.found(max(j.margin, noise))
	case -j.margin <= j.low && j.high <= j.margin:
		m.Verdict = Same
		m.Reason = fmt.Sprintf("within %s on both sides", points(j.margin))
	default:
		m.Verdict, m.Reason = Inconclusive, j.unclear(adjusted, noise, metrics)
	}
}

// beyondMeasure is a noise that hides any change: the logarithm of a factor of a million.
const beyondMeasure = 14

func (j *judge) baselineNoise(metrics int) float64 {
	if j.known == 0 {
		return 0
	}
	return noiseOf(j.known, j.knownFreedom, metrics)
}

func (j *judge) found(floor float64) string {
	return fmt.Sprintf("%s (%s to %s), and more than %s counts", signed(j.estimate), signed(j.low), signed(j.high), points(floor))
}

// unclear says why there is no verdict, and what would give one.
func (j *judge) unclear(adjusted, noise float64, metrics int) string {
	what, least, have := "pairs", MinPairs(metrics), j.runs
	if !j.paired {
		what, least = "runs of each side", minRuns(metrics)
	}
	if j.confidence == 0 {
		text := fmt.Sprintf("%s cannot have an interval of 95 %%: that takes %d", several(have, what), j.leastForInterval())
		if metrics > 1 {
			text += fmt.Sprintf(", and a change in one of %d metrics %d", metrics, least)
		}
		return text
	}
	text := fmt.Sprintf("%s (%s to %s)", signed(j.estimate), signed(j.low), signed(j.high))
	switch size := math.Abs(j.estimate); {
	case j.least*float64(metrics) > level && size > j.margin:
		text += fmt.Sprintf(": of %s that cannot be said of %s", several(have, what), several(metrics, "metrics"))
	case size <= j.margin:
		text += fmt.Sprintf(" is not surely within %s", points(j.margin))
	case size <= noise:
		text += fmt.Sprintf(", and two equal things of this spread differ by up to %s", points(min(noise, beyondMeasure)))
	default:
		text += fmt.Sprintf(" may be chance (p %.2g over all metrics)", adjusted)
	}
	m := j.metric
	if m.Needed = j.needed(j.margin, metrics, have, least, j.paired); m.Needed == 0 {
		return fmt.Sprintf("%s; over %d %s would be needed", text, mostNeeded, what)
	}
	return fmt.Sprintf("%s; about %d %s would tell", text, m.Needed, what)
}

func (j *judge) leastForInterval() int {
	if j.paired {
		return MinPairs(1)
	}
	return minRuns(1)
}
