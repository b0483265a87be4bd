package generator

import (
	"math"
	"sync"
)

// Draws draws numbers from the distribution, none of them below zero: in one order for a seed, to whichever goroutine asks. The error
// names what is wrong with the distribution.
func (d *Distribution) Draws(seed uint64) (func() float64, error) {
	var p problems
	s := newSampler(d, bounds{0, math.MaxFloat64}, &p, "")
	if s == nil {
		return nil, p.err()
	}
	r := newRandom(seed)
	r.record(0)
	r.lane(delayLane)
	var mu sync.Mutex
	return func() float64 {
		mu.Lock()
		defer mu.Unlock()
		return max(0, s.draw(r))
	}, nil
}

// Most is the greatest number that Draws draws. A normal, log-normal or exponential number has no bound: of these it is the number below which a share of them
// lies, above 0 and below 1. Of a distribution that is not valid it is 0.
func (d *Distribution) Most(share float64) float64 {
	z := math.Sqrt2 * math.Erfinv(2*share-1)
	switch {
	case d.Fixed != nil:
		return max(0, *d.Fixed)
	case d.Uniform != nil:
		return max(0, d.Uniform.To)
	case d.Normal != nil:
		return max(0, d.Normal.Mean+z*d.Normal.SD)
	case d.LogNormal != nil:
		l := d.LogNormal
		return l.Median * math.Pow(l.P99/l.Median, z/standardP99)
	case d.Exponential != nil:
		return -d.Exponential.Mean * math.Log1p(-share)
	}
	most := 0.0
	for _, bin := range d.Histogram {
		if bin.Weight > 0 {
			most = max(most, bin.To)
		}
	}
	return most
}
