package verdict

import "weir/result"

// Observation is what a run measured of a metric.
type Observation struct {
	// Value is nil where it was not measured, and Missing says why not.
	Value   *float64
	Missing string
	// Unit is the value's, as result.json names it.
	Unit string
}

// Observe reads a metric from a result by the name that it has in expectations; ok is false where there is none of that name.
func Observe(name string, r *result.Result) (o Observation, ok bool) {
	m, ok := findMetric(name)
	if !ok {
		return Observation{}, false
	}
	return Observation{Value: m.of(r), Missing: m.missing, Unit: m.unit.short()}, true
}
