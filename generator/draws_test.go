package generator

import (
	"math"
	"slices"
	"testing"
)

func TestDrawsAreThoseOfTheDistributionAndTheSeed(t *testing.T) {
	d := Distribution{LogNormal: &LogNormalForm{Median: 5, P99: 20}}
	some := func(seed uint64) []float64 {
		draw, err := d.Draws(seed)
		if err != nil {
			t.Fatal(err)
		}
		numbers := make([]float64, 20_000)
		for i := range numbers {
			numbers[i] = draw()
		}
		return numbers
	}
	numbers := some(1)
	if !slices.Equal(numbers, some(1)) || slices.Equal(numbers, some(2)) {
		t.Error("the seed does not choose the numbers")
	}
	slices.Sort(numbers)
	if median, p99 := numbers[10_000], numbers[19_800]; math.Abs(median-5) > 0.2 || math.Abs(p99-20) > 1.5 {
		t.Errorf("median %v, 99th percentile %v", median, p99)
	}
}

func TestNoDrawIsBelowZero(t *testing.T) {
	draw, err := (&Distribution{Normal: &NormalForm{Mean: 1, SD: 5}}).Draws(1)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if n := draw(); n < 0 {
			t.Fatal(n)
		}
	}
}

func TestADistributionThatIsNoneHasNoDraws(t *testing.T) {
	if _, err := (&Distribution{Uniform: &Range{From: 2, To: 1}}).Draws(1); err == nil {
		t.Error("it drew")
	}
}

// None of the numbers lies above, but the share of a distribution without a bound that may.
func TestMostIsNotExceeded(t *testing.T) {
	const share, n = 0.999, 200_000
	for name, test := range map[string]struct {
		of      Distribution
		bounded bool
	}{
		"fixed":       {Distribution{Fixed: new(7.5)}, true},
		"uniform":     {Distribution{Uniform: &Range{100, 300}}, true},
		"normal":      {Distribution{Normal: &NormalForm{Mean: 200, SD: 20}}, false},
		"log-normal":  {Distribution{LogNormal: &LogNormalForm{Median: 300, P99: 2000}}, false},
		"exponential": {Distribution{Exponential: &ExponentialForm{Mean: 50}}, false},
		"histogram":   {Distribution{Histogram: []Bin{{To: 100, Weight: 1}, {To: 200, Weight: 3}, {To: 900, Weight: 0}}}, true},
	} {
		draw, err := test.of.Draws(3)
		if err != nil {
			t.Fatal(err)
		}
		most, above, highest := test.of.Most(share), 0, 0.0
		for range n {
			x := draw()
			highest = max(highest, x)
			if x > most {
				above++
			}
		}
		if test.bounded && (above > 0 || highest < most*0.99) {
			t.Errorf("%s: %d of %d numbers are above %v, and the highest is %v", name, above, n, most, highest)
		}
		// A binomial number of 200, within five standard deviations.
		if !test.bounded && (above < 130 || above > 270) {
			t.Errorf("%s: %d of %d numbers are above %v, which is to be a thousandth", name, above, n, most)
		}
	}
}
