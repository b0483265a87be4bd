package report

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// scale is how an axis spreads its values.
type scale uint8

const (
	linear scale = iota
	// decades spreads by the logarithm, from the decade of the least value to that of the greatest.
	decades
	// nines spreads shares by how rare they are: 0.9, 0.99 and 0.999 are as far from each other.
	nines
	// clock is linear, in seconds, with ticks as a clock's face has them.
	clock
)

// axis is one side of a plot.
type axis struct {
	label    string
	scale    scale
	from, to float64
	// write is a tick's text.
	write func(float64) string
}

// place is where a value is on the axis, 0 to 1.
func (a *axis) place(value float64) float64 {
	from, to := a.spread(a.from), a.spread(a.to)
	return min(max((a.spread(value)-from)/(to-from), 0), 1)
}

func (a *axis) spread(value float64) float64 {
	switch a.scale {
	case decades:
		return math.Log10(value)
	case nines:
		return -math.Log10(1 - value)
	case linear, clock:
	}
	return value
}

// ticks are the values that the axis names.
func (a *axis) ticks() []float64 {
	var all []float64
	switch a.scale {
	case decades:
		for tick := a.from; tick <= a.to*1.001; tick *= 10 {
			all = append(all, tick)
		}
	case nines:
		for _, tick := range []float64{0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999} {
			if tick <= a.to {
				all = append(all, tick)
			}
		}
	default:
		step := niceStep((a.to - a.from) / 5)
		if a.scale == clock {
			step = clockStep((a.to - a.from) / 6)
		}
		for tick := math.Ceil(a.from/step) * step; tick <= a.to+step/1000; tick += step {
			all = append(all, math.Round(tick/step)*step)
		}
	}
	return all
}

// niceStep is the least of 1, 2, 5, 10 and so on that is not below x.
func niceStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= x*0.999 {
			return factor * power
		}
	}
	return 10 * power
}

// clockStep is the least step of a clock's face that is not below so many seconds.
func clockStep(seconds float64) float64 {
	for _, step := range []float64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200} {
		if step >= seconds {
			return step
		}
	}
	return 86400 * math.Ceil(seconds/86400)
}

// upTo is an axis from zero to no less than the greatest value, which is a tick.
func upTo(label string, greatest float64, write func(float64) string) axis {
	if !(greatest > 0) {
		greatest = 1
	}
	step := niceStep(greatest / 5)
	return axis{label: label, to: math.Ceil(greatest/step-1e-9) * step, write: write}
}

// overDecades is a logarithmic axis around all values above zero.
func overDecades(label string, least, greatest float64, write func(float64) string) axis {
	if !(least > 0) || math.IsInf(least, 0) {
		least, greatest = 1, 10
	}
	from, to := math.Pow(10, math.Floor(math.Log10(least))), math.Pow(10, math.Ceil(math.Log10(greatest)))
	if to <= from {
		to = from * 10
	}
	return axis{label: label, scale: decades, from: from, to: to, write: write}
}

// overTime is the axis of a run's seconds.
func overTime(seconds float64) axis {
	return axis{label: "time since the start", scale: clock, to: max(seconds, 1), write: writeSeconds}
}

func writeSeconds(s float64) string {
	if s == 0 {
		return "0"
	}
	text := (time.Duration(math.Round(s*1000)) * time.Millisecond).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if cut, ok := strings.CutSuffix(text, zero); ok {
			text = cut + zero[:1]
		}
	}
	return text
}

// writeMillis writes a latency in the unit that suits it.
func writeMillis(ms float64) string {
	switch {
	case ms < 1:
		return figure(ms*1000) + " µs"
	case ms < 1000:
		return figure(ms) + " ms"
	default:
		return figure(ms/1000) + " s"
	}
}

// writeAge writes seconds in the unit that suits them.
func writeAge(seconds float64) string {
	if seconds == 0 {
		return "0 s"
	}
	return writeMillis(seconds * 1000)
}

// writeCount writes a number shortly: 1,500 as 1.5k.
func writeCount(n float64) string {
	for _, unit := range []struct {
		of   float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(n) >= unit.of {
			return figure(n/unit.of) + unit.name
		}
	}
	return figure(n)
}

// writeBytes writes a size with its unit: 1,536 as 1.5 KiB.
func writeBytes(n float64) string {
	for _, unit := range []struct {
		of   float64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.of {
			return figure(n/unit.of) + " " + unit.name
		}
	}
	return figure(n) + " B"
}

func writePercent(share float64) string { return figure(share*100) + " %" }

// writeNines writes a share with all of its nines.
func writeNines(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e8)/1e6, 'f', -1, 64) + " %"
}

// figure writes a number with three digits that count.
func figure(x float64) string {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return "0"
	}
	digits := max(0, 2-int(math.Floor(math.Log10(math.Abs(x)))))
	text := strconv.FormatFloat(x, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
