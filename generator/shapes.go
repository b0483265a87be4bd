package generator

import (
	"math"
	"sort"
	"time"
)

// newShape is the profile of a phase, if nothing is wrong with it. That of a poisson is its mean rate.
func newShape(f *Phase, at place) (profile, bool) {
	before := len(at.problems.all)
	if f.For <= 0 {
		at.add("for", "%v is no time", f.For)
	}
	if f.Limit != 0 && (f.Shape != Hold || f.Limit < f.For) {
		at.add("limit", "%v: a hold may become longer than its %v, and nothing else", f.Limit, f.For)
	}
	var shape profile
	switch f.Shape {
	case Hold, Poisson:
		at.rate("at", f.At)
		shape = newPieces([]CurvePoint{{0, f.At}, {f.For, f.At}})
	case Ramp:
		at.rate("from", f.From)
		at.rate("to", f.To)
		shape = newPieces([]CurvePoint{{0, f.From}, {f.For, f.To}})
	case Step:
		shape = newSteps(f, at)
	case Burst:
		shape = newBurst(f, at)
	case Sine:
		shape = newSine(f, at)
	case Curve:
		shape = newCurve(f, at)
	default:
		at.add("shape", "%q is none of hold, ramp, step, sine, burst, poisson, curve", f.Shape)
	}
	return shape, len(at.problems.all) == before
}

// pieces are straight lines of rate over time, one after the other: a hold and a ramp are one, a step and a curve several.
//
// In a piece that begins at time s with Λ(s) = b, at rate f, and goes to rate t in n seconds, with the slope a = (t − f)/n,
//
//	Λ(s + u) = b + f·u + a·u²/2
//
// and the inverse is the root u ≥ 0 of a·u²/2 + f·u − y = 0 with y = x − b. The school's form, (−f + √(f² + 2·a·y))/a, loses all its digits
// where a·y is small beside f², and divides by 0 in a hold. Multiplied by its conjugate it is
//
//	u = 2·y / (f + √(f² + 2·a·y))
//
// which is stable for rising and falling rates; in a hold it is y/f. Below the root, a falling rate reaches 0 at the end of its mass, so
// that rounding may make it negative: it counts as 0.
type pieces []piece

type piece struct {
	start, length float64 // seconds
	from, slope   float64 // records a second, and the same a second
	base          float64 // Λ(start)
}

// newPieces joins points, of which the first is at 0, by straight lines. Two points of one time make a jump.
func newPieces(points []CurvePoint) pieces {
	var all pieces
	base := 0.0
	for i := 1; i < len(points); i++ {
		from, to := points[i-1], points[i]
		length := (to.At - from.At).Seconds()
		if length <= 0 {
			continue
		}
		p := piece{start: from.At.Seconds(), length: length, from: from.Rate, slope: (to.Rate - from.Rate) / length, base: base}
		base += length * (from.Rate + to.Rate) / 2
		all = append(all, p)
	}
	return all
}

func (p pieces) mass(t float64) float64 {
	i := sort.Search(len(p), func(i int) bool { return p[i].start > t }) - 1
	if i < 0 {
		return 0
	}
	q := &p[i]
	u := min(t-q.start, q.length)
	return q.base + float64(u*(q.from+float64(q.slope*u)/2))
}

func (p pieces) at(x float64) float64 {
	q := &p[0]
	if len(p) > 1 {
		q = &p[max(0, sort.Search(len(p), func(i int) bool { return p[i].base > x })-1)]
	}
	return q.start + min(q.after(x-q.base), q.length)
}

// after is how long the piece takes to give y records.
func (q *piece) after(y float64) float64 {
	switch {
	case y <= 0:
		return 0
	case q.slope == 0:
		return y / q.from
	}
	return 2 * y / (q.from + math.Sqrt(max(0, float64(q.from*q.from)+float64(2*q.slope*y))))
}

// maxSteps bounds the memory of a step.
const maxSteps = 100_000

// newSteps holds rate From + k·(To − From)/(Steps − 1) in the k-th of Steps equal parts.
func newSteps(f *Phase, at place) profile {
	at.rate("from", f.From)
	at.rate("to", f.To)
	if f.Steps < 2 || f.Steps > maxSteps {
		at.add("steps", "%d is not between 2 and %d", f.Steps, maxSteps)
		return nil
	}
	points := make([]CurvePoint, 0, 2*f.Steps)
	for k := range f.Steps {
		share := float64(k) / float64(f.Steps-1)
		rate := float64(f.From*(1-share)) + float64(f.To*share)
		points = append(points, CurvePoint{part(f.For, k, f.Steps), rate}, CurvePoint{part(f.For, k+1, f.Steps), rate})
	}
	return newPieces(points)
}

// part is k n-ths of a time.
func part(whole time.Duration, k, n int) time.Duration {
	each, rest := whole/time.Duration(n), whole%time.Duration(n)
	return time.Duration(k)*each + time.Duration(k)*rest/time.Duration(n)
}

// newCurve follows the recorded points once, stretched to For.
func newCurve(f *Phase, at place) profile {
	if len(f.Curve) < 2 || f.Curve[0].At != 0 {
		at.add("curve", "it has to have two points or more, the first of them at 0s")
		return nil
	}
	last := f.Curve[len(f.Curve)-1].At
	points := make([]CurvePoint, len(f.Curve))
	for i, point := range f.Curve {
		at.rate("curve", point.Rate)
		if i > 0 && point.At <= f.Curve[i-1].At {
			at.add("curve", "point %d at %v does not come after the one at %v", i, point.At, f.Curve[i-1].At)
			return nil
		}
		points[i] = CurvePoint{time.Duration(float64(f.For) * (float64(point.At) / float64(last))), point.Rate}
	}
	points[len(points)-1].At = f.For
	return newPieces(points)
}

// burst repeats two pieces, Peak for Lasting and At for the rest of Every. With M the mass of a period,
//
//	Λ⁻¹(x) = k·Every + Λ_period⁻¹(x − k·M),  k = ⌊x/M⌋
type burst struct {
	every  float64 // seconds
	each   float64 // M
	period pieces
}

func newBurst(f *Phase, at place) profile {
	at.rate("at", f.At)
	at.rate("peak", f.Peak)
	if f.Every <= 0 {
		at.add("every", "%v is no time", f.Every)
	}
	if f.Lasting <= 0 || f.Lasting > f.Every {
		at.add("lasting", "%v is not within every %v", f.Lasting, f.Every)
	}
	period := newPieces([]CurvePoint{{0, f.Peak}, {f.Lasting, f.Peak}, {f.Lasting, f.At}, {f.Every, f.At}})
	return &burst{every: f.Every.Seconds(), each: period.mass(f.Every.Seconds()), period: period}
}

func (b *burst) mass(t float64) float64 {
	k := math.Floor(t / b.every)
	return float64(k*b.each) + b.period.mass(max(0, t-float64(k*b.every)))
}

func (b *burst) at(x float64) float64 {
	k := math.Floor(x / b.each)
	return float64(k*b.every) + b.period.at(max(0, x-float64(k*b.each)))
}
