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
