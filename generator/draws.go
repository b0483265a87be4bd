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
