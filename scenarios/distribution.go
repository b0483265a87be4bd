package scenarios

import (
	"fmt"
	"strings"

	"weir/generator"
)

// quantity is what a distribution can be of.
type quantity interface {
	Duration | Size | Number
	fmt.Stringer
}

// Distribution is how a number is drawn. A bare value stands for itself; otherwise one of the forms is named:
//
//	200B
//	{uniform: 100B..2KiB}
//	{normal: {mean: 300B, sd: 50B}}
//	{lognormal: {median: 350B, p99: 2KiB}}
//	{exponential: {mean: 300B}}
//	{histogram: [{to: 200B, weight: 50}, {to: 2KiB, weight: 50}]}
type Distribution[Q quantity] struct {
	Forms[Q] `yaml:",inline"`
}

// Forms are the forms of a distribution; one of them is set.
type Forms[Q quantity] struct {
	// Always this one.
	Fixed *Q `yaml:"fixed,omitempty"`
	// From one bound to the other, written 0s..800ms, every number as likely.
	Uniform *Range[Q] `yaml:"uniform,omitempty"`
	// The bell curve.
	Normal *Normal[Q] `yaml:"normal,omitempty"`
	// Many small ones and a long tail.
	LogNormal *LogNormal[Q] `yaml:"lognormal,omitempty"`
	// The gaps between events that know nothing of each other.
	Exponential *Exponential[Q] `yaml:"exponential,omitempty"`
	// Stretches with a weight each, from the end of the one before to its own end; the first one begins at 0.
	Histogram []Bin[Q] `yaml:"histogram,omitempty"`
}

// Range is From to To, written 0s..800ms.
type Range[Q quantity] struct{ From, To Q }

// Normal is a normal distribution.
type Normal[Q quantity] struct {
	// The mean.
	Mean Q `yaml:"mean"`
	// The standard deviation.
	SD Q `yaml:"sd"`
}

// LogNormal is a log-normal distribution.
type LogNormal[Q quantity] struct {
	// Half of the numbers are below.
	Median Q `yaml:"median"`
	// 99 of a hundred numbers are below.
	P99 Q `yaml:"p99"`
}

// Exponential is an exponential distribution.
type Exponential[Q quantity] struct {
	// The mean.
	Mean Q `yaml:"mean"`
}

// Bin is a stretch of a histogram.
type Bin[Q quantity] struct {
	// The end of the stretch.
	To Q `yaml:"to"`
	// How often numbers of this stretch are drawn, beside the other weights.
	Weight Number `yaml:"weight"`
}

func (b *Bin[Q]) setDefaults() { b.Weight = 1 }

// String writes the range as it is read.
func (r Range[Q]) String() string { return r.From.String() + ".." + r.To.String() }

// Set reads a range: two values of a unit with two points between them.
func (r *Range[Q]) Set(text string) error {
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		return fmt.Errorf("%q is not a range such as %s", text, rangeExample[Q]())
	}
	for _, end := range []struct {
		text string
		q    *Q
	}{{from, &r.From}, {to, &r.To}} {
		if err := any(end.q).(unit).Set(end.text); err != nil {
			return fmt.Errorf("%q is not a range such as %s: %w", text, rangeExample[Q](), err)
		}
	}
	return nil
}

func rangeExample[Q quantity]() string {
	switch any(*new(Q)).(type) {
	case Duration:
		return "0s..800ms"
	case Size:
		return "100B..2KiB"
	}
	return "1..100"
}

// bare is where a value goes that stands without a form.
func (f *Forms[Q]) bare() any {
	f.Fixed = new(Q)
	return f.Fixed
}

// alone is the fixed value, if it is the only form: it is written without the form's name.
func (d *Distribution[Q]) alone() (unit, bool) {
	only := d.Fixed != nil && d.Uniform == nil && d.Normal == nil && d.LogNormal == nil && d.Exponential == nil && d.Histogram == nil
	fixed, ok := any(d.Fixed).(unit)
	return fixed, ok && only
}

// generator is the same in plain numbers: bytes, nanoseconds.
func (f *Forms[Q]) generator() generator.Distribution {
	var d generator.Distribution
	if f.Fixed != nil {
		d.Fixed = new(float64(*f.Fixed))
	}
	if u := f.Uniform; u != nil {
		d.Uniform = &generator.Range{From: float64(u.From), To: float64(u.To)}
	}
	if n := f.Normal; n != nil {
		d.Normal = &generator.NormalForm{Mean: float64(n.Mean), SD: float64(n.SD)}
	}
	if l := f.LogNormal; l != nil {
		d.LogNormal = &generator.LogNormalForm{Median: float64(l.Median), P99: float64(l.P99)}
	}
	if e := f.Exponential; e != nil {
		d.Exponential = &generator.ExponentialForm{Mean: float64(e.Mean)}
	}
	for _, bin := range f.Histogram {
		d.Histogram = append(d.Histogram, generator.Bin{To: float64(bin.To), Weight: float64(bin.Weight)})
	}
	return d
}
