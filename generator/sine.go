package generator

import (
	"math"
	"sort"
)

// sine is the rate r(t) = m + a·sin(2πt/P), with a ≤ m. Its integral from 0 is
//
//	Λ(t) = m·t + a·P/(2π)·(1 − cos(2πt/P)) = m·t + a·P/π·sin²(πt/P)
//
// of which the second form loses no digits near the start of a period. Each period has the mass m·P, so x is first brought into
// one, as in [burst]. There Λ has no closed inverse: a table of Λ⁻¹ at sineCells equal masses brackets the root, the straight line
// between its two entries starts, and Newton's step u ← u − (Λ(u) − y)/r(u) goes on until what is left of the error is below a
// hundredth of a nanosecond. A step out of the bracket is replaced by its middle, for where a = m the rate touches 0 and Newton's
// step may lead anywhere. Start, bracket and end are functions of x alone, so the root is, too.
type sine struct {
	mean, swing float64 // m and a
	period      float64 // P, seconds
	each        float64 // m·P
	// inverse[j] is Λ⁻¹(j/sineCells·m·P).
	inverse []float64
	// bend is at least |r'(t)|/2.
	bend float64
	// near is the error to reach, seconds.
	near float64
}

const sineCells = 1024

func newSine(f *Phase, at place) profile {
	at.rate("at", f.At)
	at.problems.within(at.path("amplitude"), f.Amplitude, 0, f.At)
	if f.Every <= 0 {
		at.add("every", "%v is no time", f.Every)
		return nil
	}
	period := f.Every.Seconds()
	s := &sine{mean: f.At, swing: f.Amplitude, period: period, each: f.At * period, bend: f.Amplitude * math.Pi / period, near: 1e-11 + period*1e-15}
	if len(at.problems.all) > 0 {
		return s
	}
	s.inverse = make([]float64, sineCells+1)
	s.inverse[sineCells] = period
	for j := 1; j < sineCells; j++ {
		y := s.each * float64(j) / sineCells
		s.inverse[j] = float64(sort.Search(1<<52, func(n int) bool { return s.within(float64(n)*0x1p-52*period) >= y })) * 0x1p-52 * period
	}
	return s
}

// within is Λ(t) for a t in the first period.
func (s *sine) within(t float64) float64 {
	up := math.Sin(math.Pi * t / s.period)
	return float64(s.mean*t) + float64(s.swing*s.period/math.Pi*float64(up*up))
}

func (s *sine) mass(t float64) float64 {
	k := math.Floor(t / s.period)
	return float64(k*s.each) + s.within(max(0, t-float64(k*s.period)))
}

func (s *sine) at(x float64) float64 {
	k := math.Floor(x / s.each)
	y := max(0, min(x-float64(k*s.each), s.each))
	cell := y / s.each * sineCells
	j := min(int(cell), sineCells-1)
	return float64(k*s.period) + s.solve(y, s.inverse[j], s.inverse[j+1], cell-float64(j))
}

// solve finds the u between low and high with Λ(u) = y, and begins at that fraction of the way.
func (s *sine) solve(y, low, high, fraction float64) float64 {
	u := low + float64((high-low)*fraction)
	for range 100 {
		sin, cos := math.Sincos(math.Pi * u / s.period)
		excess := float64(s.mean*u) + float64(s.swing*s.period/math.Pi*float64(sin*sin)) - y
		if excess > 0 {
			high = u
		} else {
			low = u
		}
		rate := s.mean + float64(s.swing*2*float64(sin*cos)) // sin 2v = 2·sin v·cos v
		step := excess / rate
		if next := u - step; rate > 0 && low <= next && next <= high {
			u = next
			// A step of h leaves an error of at most h²·max|r'|/(2r), as the next term of Taylor's series says.
			if float64(step*step)*s.bend <= s.near*rate {
				return u
			}
			continue
		}
		if u = low + (high-low)/2; high-low <= s.near {
			return u
		}
	}
	return u
}
