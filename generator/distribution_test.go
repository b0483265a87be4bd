package generator

import (
	"math"
	"slices"
	"testing"
)

// drawMany draws n sorted numbers of a distribution.
func drawMany(t *testing.T, d Distribution, n int) []float64 {
	t.Helper()
	p := &problems{}
	s := newSampler(&d, bounds{-1e9, 1e9}, p, "size")
	if err := p.err(); err != nil {
		t.Fatal(err)
	}
	r := newRandom(11)
	drawn := make([]float64, n)
	for i := range drawn {
		r.record(int64(i))
		r.lane(sizeLane)
		drawn[i] = s.draw(r)
	}
	slices.Sort(drawn)
	return drawn
}

// Each form is held against its cumulative distribution at several places: the share drawn below x is a binomial number, so it lies within
// four standard deviations of F(x).
func TestNumbersFollowTheirDistribution(t *testing.T) {
	normal := func(x, mean, sd float64) float64 { return (1 + math.Erf((x-mean)/sd/math.Sqrt2)) / 2 }
	sigma := math.Log(2000.0/300) / standardP99
	for name, test := range map[string]struct {
		of     Distribution
		below  func(x float64) float64
		places []float64
	}{
		"uniform": {
			Distribution{Uniform: &Range{100, 300}},
			func(x float64) float64 { return (x - 100) / 200 },
			[]float64{100, 120, 200, 280, 300},
		},
		"normal": {
			Distribution{Normal: &NormalForm{200, 20}},
			func(x float64) float64 { return normal(x, 200, 20) },
			[]float64{140, 170, 190, 200, 220, 250},
		},
		"log-normal, by its median and its 99th percentile": {
			Distribution{LogNormal: &LogNormalForm{300, 2000}},
			func(x float64) float64 { return normal(math.Log(x), math.Log(300), sigma) },
			[]float64{50, 150, 300, 600, 2000, 5000},
		},
		"exponential": {
			Distribution{Exponential: &ExponentialForm{50}},
			func(x float64) float64 { return 1 - math.Exp(-x/50) },
			[]float64{1, 25, 50, 100, 300},
		},
		// 1 in 10 below 100, none up to 200, 9 in 10 up to 400.
		"histogram": {
			Distribution{Histogram: []Bin{{100, 1}, {200, 0}, {400, 9}}},
			func(x float64) float64 { return 0.1*min(1, x/100) + 0.9*max(0, (x-200)/200) },
			[]float64{0, 50, 100, 200, 300, 400},
		},
	} {
		t.Run(name, func(t *testing.T) {
			const n = 100_000
			drawn := drawMany(t, test.of, n)
			for _, x := range test.places {
				at, _ := slices.BinarySearch(drawn, x)
				want := test.below(x)
				if got := float64(at) / n; math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/n)+1e-9 {
					t.Errorf("%.4f are below %v, want %.4f", got, x, want)
				}
			}
		})
	}
}

func TestTheLogNormalsParametersAreItsQuantiles(t *testing.T) {
	drawn := drawMany(t, Distribution{LogNormal: &LogNormalForm{350, 2048}}, 100_000)
	if median := drawn[50_000]; math.Abs(median/350-1) > 0.02 {
		t.Errorf("the median is %v", median)
	}
	if p99 := drawn[99_000]; math.Abs(p99/2048-1) > 0.06 {
		t.Errorf("the 99th percentile is %v", p99)
	}
}

func TestAFixedNumberIsItself(t *testing.T) {
	if drawn := drawMany(t, Distribution{Fixed: new(7.5)}, 10); drawn[0] != 7.5 || drawn[9] != 7.5 {
		t.Errorf("%v", drawn)
	}
}

func TestAliasTableKeepsItsWeights(t *testing.T) {
	for name, weights := range map[string][]float64{
		"one":         {3},
		"even":        {1, 1, 1},
		"with zeros":  {0, 2, 0, 1, 0},
		"steep":       {1e300, 1e299, 1},
		"very small":  {5e-324, 5e-324},
		"rising":      {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		"one for all": {0, 0, 0, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			// What the columns hold is known without drawing.
			got := make([]float64, len(weights))
			table := newAliasTable(weights)
			for i, c := range table {
				share := float64(c.below) / (1 << 32)
				got[i] += share / float64(len(table))
				got[c.other] += (1 - share) / float64(len(table))
			}
			greatest := slices.Max(weights)
			sum := 0.0
			for _, w := range weights {
				sum += w / greatest
			}
			for i, w := range weights {
				if want := w / greatest / sum; math.Abs(got[i]-want) > 1e-9 || (w == 0 && got[i] != 0) {
					t.Errorf("%d has %v, want %v", i, got[i], want)
				}
			}
		})
	}
}

func TestKindsComeByTheirWeights(t *testing.T) {
	c := typical()
	c.Phases = []Phase{{Shape: Hold, For: second, At: 50_000}}
	c.Kinds[1].Weight = 0
	c.Kinds = append(c.Kinds, c.Kinds[0])
	c.Kinds[2].Name, c.Kinds[2].Weight = "click", 30
	counts := map[string]float64{}
	for _, r := range all(t, mustNew(t, c).Stream(epoch)) {
		counts[r.Event.Kind]++
	}
	// 70 in 100 of 50,000, ± 4·√(0.7·0.3·50,000).
	if n := counts["order"]; math.Abs(n-35000) > 410 || counts["refund"] != 0 || counts["click"] != 50000-n {
		t.Errorf("%v", counts)
	}
}
