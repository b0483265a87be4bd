package regression

import (
	"fmt"
	"slices"

	"weir/result"
)

// Paired judges each gate by the pairs.
func Paired(gates []Gate, pairs []Pair) []result.ComparedMetric {
	a, b := make([]Run, len(pairs)), make([]Run, len(pairs))
	for i := range pairs {
		a[i], b[i] = pairs[i].A, pairs[i].B
	}
	return compare(gates, a, b, true, nil)
}

// Unpaired judges each gate by runs that are no pairs. Noise is that of a baseline by the name of the metric, where a is one; see [NoiseOf].
func Unpaired(gates []Gate, a, b []Run, noise map[string]float64) []result.ComparedMetric {
	return compare(gates, a, b, false, noise)
}

// compare judges. Holm's procedure is over the metrics that both sides measured in each of their runs.
func compare(gates []Gate, a, b []Run, paired bool, noise map[string]float64) []result.ComparedMetric {
	metrics := make([]result.ComparedMetric, len(gates))
	var judges []judge
	for i := range gates {
		metrics[i] = measured(&gates[i], a, b)
		if metrics[i].Verdict == "" {
			judges = append(judges, newJudge(&gates[i], &metrics[i], paired, noise[gates[i].Metric]))
		}
	}
	p := make([]float64, len(judges))
	for i := range judges {
		p[i] = judges[i].p
	}
	for i, adjusted := range holm(p) {
		judges[i].decide(adjusted, len(judges))
	}
	return metrics
}

// measured is a metric with its values, and a verdict where one of them is missing.
func measured(gate *Gate, a, b []Run) result.ComparedMetric {
	m := result.ComparedMetric{Name: gate.Metric, Better: gate.better(), Unit: gate.Observe(&Run{Result: &result.Result{}}).Unit}
	missing := map[string]int{}
	why := ""
	for _, side := range []struct {
		name   string
		runs   []Run
		values *[]*float64
		middle **float64
	}{{"A", a, &m.ValuesA, &m.A}, {"B", b, &m.ValuesB, &m.B}} {
		var known []float64
		for i := range side.runs {
			o := gate.Observe(&side.runs[i])
			*side.values = append(*side.values, o.Value)
			if o.Value == nil {
				missing[side.name]++
				why = o.Missing
				continue
			}
			known = append(known, *o.Value)
		}
		if slices.Sort(known); len(known) > 0 {
			*side.middle = new(median(known))
		}
	}
	switch none := m.A == nil && m.B == nil; {
	case len(a) == 0 || len(b) == 0:
		m.Verdict, m.Reason = Inconclusive, "there is no run of both sides"
	case none && !gate.Asked:
		m.Verdict, m.Reason = NotMeasured, "not measured: "+why
	case none:
		m.Verdict, m.Reason = Inconclusive, "not measured in any run: "+why
	case len(missing) > 0:
		m.Verdict = Inconclusive
		m.Reason = fmt.Sprintf("not measured in %d of %d runs of A and in %d of %d of B: %s", missing["A"], len(a), missing["B"], len(b), why)
	}
	return m
}

// NoiseOf is the standard deviation of the logarithms of each gated metric over runs of one thing: what a baseline knows of its own noise. A metric that
// was not measured in all of them has none.
func NoiseOf(gates []Gate, runs []Run) map[string]float64 {
	noise := make(map[string]float64)
	for i := range gates {
		m := measured(&gates[i], runs, runs)
		if m.Verdict == "" && len(runs) > 1 {
			noise[gates[i].Metric] = deviation(logarithms(m.ValuesA, gates[i].Absolute))
		}
	}
	return noise
}
