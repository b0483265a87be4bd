package regression

import "math"

// studentQuantile is the value that Student's t with so many degrees of freedom exceeds with the chance upper, for an upper below a half. It is infinite
// without freedom.
func studentQuantile(upper float64, freedom int) float64 {
	if freedom < 1 {
		return math.Inf(1)
	}
	// The tail is convex: from the left, Newton's method comes ever closer and never steps beyond.
	half, log := float64(freedom)/2, func(x float64) float64 { v, _ := math.Lgamma(x); return v }
	scale := math.Exp(log(half+0.5)-log(half)) / math.Sqrt(2*half*math.Pi)
	t := 0.0
	for range 100 {
		density := scale * math.Pow(1+t*t/(2*half), -half-0.5)
		step := (studentTail(t, freedom) - upper) / density
		if t += step; step < 1e-9*t {
			break
		}
	}
	return t
}

// studentTail is the chance that Student's t exceeds a positive t. For whole degrees of freedom it is a finite sum (Abramowitz and Stegun, Handbook of
// Mathematical Functions, 26.7.3 and 26.7.4), with the angle whose tangent is t over the root of the freedom.
func studentTail(t float64, freedom int) float64 {
	angle := math.Atan(t / math.Sqrt(float64(freedom)))
	sin, cos := math.Sincos(angle)
	sum, term := 0.0, 1.0
	if freedom%2 == 1 {
		term = cos
	}
	for k := 1 + freedom%2; k < freedom; k += 2 {
		sum += term
		term *= cos * cos * float64(k) / float64(k+1)
	}
	within := sin * sum
	if freedom%2 == 1 {
		within = 2 / math.Pi * (angle + within)
	}
	return (1 - within) / 2
}
