package report

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// stack is bands one upon another that add up, in the order from the top to the bottom. All have the same x.
type stack struct {
	x     []float64
	bands []band
}

// band is one of them: how high it is at each x. A NaN in any band is a gap in all of them: a sum without one of its parts is none.
type band struct {
	// name stands inside the band, and in the legend before what it says.
	name, says string
	// look is its class.
	look string
	y    []float64
}

// labelledBand is how high a band has to be along its name, in units of the drawing, to have that inside.
const labelledBand = 20

// thinned leaves at most so many points: of each stretch those where the sum is least and where it is greatest, so that the parts of a peak still add up to it.
func (s *stack) thinned(most int) *stack {
	if len(s.x) <= most {
		return s
	}
	sums := s.sums(0)
	thin := &stack{bands: make([]band, len(s.bands))}
	for i, b := range s.bands {
		thin.bands[i] = band{name: b.name, says: b.says, look: b.look}
	}
	stretches := most / 2
	for i := range stretches {
		from, to := i*len(s.x)/stretches, (i+1)*len(s.x)/stretches
		least, greatest := extremes(sums[from:to])
		thin.take(s, from+min(least, greatest))
		if least != greatest {
			thin.take(s, from+max(least, greatest))
		}
	}
	return thin
}

// take appends the moment i of another stack.
func (s *stack) take(from *stack, i int) {
	s.x = append(s.x, from.x[i])
	for n := range s.bands {
		s.bands[n].y = append(s.bands[n].y, from.bands[n].y[i])
	}
}

// sums are how high the bands from number n on are together: the upper edge of that band.
func (s *stack) sums(n int) []float64 {
	sums := make([]float64, len(s.x))
	for i := range sums {
		for number := range s.bands {
			switch y := s.bands[number].y[i]; {
			case math.IsNaN(y):
				sums[i] = math.NaN()
			case number >= n:
				sums[i] += y
			}
		}
	}
	return sums
}

// drawStack draws the bands, each between its edges, and the names of those that are high enough.
func (p *plot) drawStack(b *strings.Builder) {
	if p.stack == nil {
		return
	}
	s := p.stack.thinned(mostPoints)
	var names strings.Builder
	for n := range s.bands {
		upper, lower := s.sums(n), s.sums(n+1)
		fmt.Fprintf(b, `<path class="band %s" d="%s"/>`, s.bands[n].look, p.area(s.x, upper, lower))
		p.nameBand(&names, s.bands[n].name, s.x, upper, lower)
	}
	b.WriteString(names.String())
}

// area is what lies between two edges, a closed path for each stretch without a gap.
func (p *plot) area(x, upper, lower []float64) string {
	var b strings.Builder
	for from := 0; from < len(x); from++ {
		to := from
		for to < len(x) && !math.IsNaN(upper[to]) {
			to++
		}
		for i := from; i < to; i++ {
			b.WriteString(map[bool]string{true: "M", false: "L"}[i == from] + short(p.across(x[i])) + " " + short(p.up(upper[i])))
		}
		for i := to - 1; i >= from; i-- {
			b.WriteString("L" + short(p.across(x[i])) + " " + short(p.up(lower[i])))
		}
		if to > from {
			b.WriteByte('Z')
		}
		from = to
	}
	return b.String()
}

// nameBand writes a band's name where there is most room for it, if there is enough.
func (p *plot) nameBand(b *strings.Builder, name string, x, upper, lower []float64) {
	const places, samples = 60, 41
	half := 5.5 * float64(len(name)) // of the name's width, on a phone
	most, across, up := 0.0, 0.0, 0.0
	for place := range places {
		center := left + half + float64(place)/(places-1)*(width-left-right-2*half)
		roof, floor := 0.0, float64(height)
		for sample := range samples {
			at := p.back(center + half*(2*float64(sample)/(samples-1)-1))
			roof, floor = max(roof, p.up(between(x, upper, at))), min(floor, p.up(between(x, lower, at)))
		}
		if room := floor - roof; room > most { // no comparison with NaN holds
			most, across, up = room, center, (roof+floor)/2
		}
	}
	if most >= labelledBand {
		fmt.Fprintf(b, `<text class="in" x="%s" y="%s">%s</text>`, short(across), short(up), html.EscapeString(name))
	}
}

// back is the time at a place of the drawing.
func (p *plot) back(across float64) float64 {
	return p.x.from + (across-left)/(width-left-right)*(p.x.to-p.x.from)
}

// between is a line's value at a time, NaN outside of it.
func between(x, y []float64, at float64) float64 {
	i, found := slices.BinarySearch(x, at)
	switch {
	case found:
		return y[i]
	case i == 0 || i == len(x):
		return math.NaN()
	}
	share := (at - x[i-1]) / (x[i] - x[i-1])
	return y[i-1] + share*(y[i]-y[i-1])
}
