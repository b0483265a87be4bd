package regression

import (
	"cmp"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// The differences of the Hamilton depression scale in nine patients (Hollander, Wolfe, Chicken, table 3.1; R's ?wilcox.test has them, with V = 40 and
// p = 0.01953 in one direction).
var (
	depressionBefore = []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	depressionAfter  = []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
)

func TestSignedRanksAgreeWithThePublishedExample(t *testing.T) {
	var differences []float64
	for i := range depressionBefore {
		differences = append(differences, depressionBefore[i]-depressionAfter[i])
	}
	e := signedRanks(differences)
	near(t, "p", e.p, 2*0.01953125, 1e-12)
	near(t, "estimate", e.estimate, 0.46, 1e-9)
	near(t, "low", e.low, 0.01, 1e-9)
	near(t, "high", e.high, 0.786, 1e-9)
	near(t, "confidence", e.confidence, 0.961, 5e-4)
}

// The permeability of the chorioamnion (Hollander, Wolfe, Chicken, table 4.1; R's ?wilcox.test has it, with W = 35 and p = 0.1272 in one direction).
func TestRankSumsAgreeWithThePublishedExample(t *testing.T) {
	atTerm := []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	early := []float64{1.15, 0.88, 0.90, 0.74, 1.21}
	e := rankSums(early, atTerm)
	near(t, "p", e.p, 2*0.1272, 1e-4)
	near(t, "estimate", e.estimate, 0.305, 1e-9)
}

// The greatest statistic that is significant at 5 %, two-sided, as every table of them has it (Wilcoxon 1945; Mann and Whitney 1947).
func TestTailsHaveThePublishedCriticalValues(t *testing.T) {
	greatest := func(tail []float64) int {
		w := -1
		for w+1 < len(tail) && 2*tail[w+1] <= 0.05 {
			w++
		}
		return w
	}
	for n, want := range map[int]int{5: -1, 6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 11: 10, 12: 13, 15: 25, 20: 52, 25: 89, 30: 137} {
		if got := greatest(signedRankTail(n)); got != want {
			t.Errorf("signed ranks of %d: %d, and the tables say %d", n, got, want)
		}
	}
	for _, row := range []struct{ m, n, want int }{{3, 3, -1}, {4, 4, 0}, {3, 5, 0}, {5, 5, 2}, {5, 10, 8}, {8, 8, 13}, {10, 10, 23}, {10, 20, 55}, {20, 20, 127}} {
		if got := greatest(rankSumTail(row.m, row.n)); got != row.want {
			t.Errorf("rank sum of %d and %d: %d, and the tables say %d", row.m, row.n, got, row.want)
		}
	}
}

func TestSignedRanksAgreeWithEverySignTried(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		differences := make([]float64, 1+random.IntN(9))
		for i := range differences {
			differences[i] = random.NormFloat64() + random.Float64()
		}
		e := signedRanks(differences)
		near(t, "p", e.p, triedSigns(differences, 0), 1e-12)
		agreesWithInversion(t, e, func(shift float64) float64 { return triedSigns(differences, shift) })
	}
}

func TestRankSumsAgreeWithEverySplitTried(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	for range 60 {
		a, b := make([]float64, 1+random.IntN(6)), make([]float64, 1+random.IntN(6))
		for i := range a {
			a[i] = random.NormFloat64()
		}
		for i := range b {
			b[i] = random.NormFloat64() + 2*random.Float64()
		}
		e := rankSums(a, b)
		near(t, "p", e.p, triedSplits(a, b, 0), 1e-12)
		agreesWithInversion(t, e, func(shift float64) float64 { return triedSplits(a, b, shift) })
	}
}

// agreesWithInversion holds an interval against its definition, the shifts that the test does not refuse: those just inside are not refused, and those just
// outside are. The estimate is where the test finds nothing at all.
func agreesWithInversion(t *testing.T, e evidence, p func(shift float64) float64) {
	t.Helper()
	const step = 1e-7
	if math.IsInf(e.low, 0) {
		if least := 2 * math.Pow(2, 0); e.confidence != 0 || e.least <= 0.05 {
			t.Errorf("no interval, and least p %v, confidence %v of %v", e.least, e.confidence, least)
		}
	} else if p(e.low+step) <= level || p(e.low-step) > level || p(e.high-step) <= level || p(e.high+step) > level {
		t.Errorf("the interval is not that of the test: p %v %v at %v, %v %v at %v", p(e.low-step), p(e.low+step), e.low, p(e.high-step), p(e.high+step), e.high)
	}
	if at := max(p(e.estimate-step), p(e.estimate+step)); at < 1-1e-9 && p(e.estimate-step) != p(e.estimate+step) {
		t.Errorf("p is %v about the estimate", at)
	}
}

// triedSigns is the two-sided p of the signed ranks of what is left of the differences, of all signs there can be.
func triedSigns(differences []float64, shift float64) float64 {
	n := len(differences)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Compare(math.Abs(differences[i]-shift), math.Abs(differences[j]-shift))
	})
	observed := 0
	for rank, i := range order {
		if differences[i] > shift {
			observed += rank + 1
		}
	}
	atMost, atLeast := 0, 0
	for signs := range 1 << n {
		sum := 0
		for rank := range n {
			if signs>>rank&1 == 1 {
				sum += rank + 1
			}
		}
		if sum <= observed {
			atMost++
		}
		if sum >= observed {
			atLeast++
		}
	}
	return min(1, 2*float64(min(atMost, atLeast))/float64(int(1)<<n))
}

// triedSplits is the two-sided p of the rank sum of b less a shift, of all ways to choose as many.
func triedSplits(a, b []float64, shift float64) float64 {
	all := slices.Clone(a)
	for _, v := range b {
		all = append(all, v-shift)
	}
	rank := make([]int, len(all))
	for i := range all {
		for j := range all {
			if all[j] < all[i] {
				rank[i]++
			}
		}
	}
	sum := func(chosen uint) (s int) {
		for i, r := range rank {
			if chosen>>i&1 == 1 {
				s += r
			}
		}
		return s
	}
	observed, atMost, atLeast, ways := sum((1<<len(b)-1)<<len(a)), 0, 0, 0
	for chosen := range uint(1) << len(all) {
		if bits.OnesCount(chosen) != len(b) {
			continue
		}
		ways++
		if s := sum(chosen); s <= observed {
			atMost++
		}
		if s := sum(chosen); s >= observed {
			atLeast++
		}
	}
	return min(1, 2*float64(min(atMost, atLeast))/float64(ways))
}

func TestTiesAndZerosMakeTheTestsMoreCareful(t *testing.T) {
	for name, differences := range map[string][]float64{
		"all zero":  {0, 0, 0, 0, 0, 0, 0, 0},
		"half zero": {0, 0, 0, 0, 1, 2, 3, 4},
	} {
		if e := signedRanks(differences); e.p <= 0.05 || e.low > 0 || e.high < 0 {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if e := rankSums([]float64{1, 1, 1, 1, 1}, []float64{1, 1, 1, 1, 1}); e.p != 1 || e.estimate != 0 {
		t.Errorf("equal samples: %+v", e)
	}
}

func TestHolmIsThatOfItsPaper(t *testing.T) {
	// 0.01, 0.04, 0.03, 0.005: times 3, 1, 2, 4, and never less than the one before.
	got := holm([]float64{0.01, 0.04, 0.03, 0.005})
	for i, want := range []float64{0.03, 0.06, 0.06, 0.02} {
		near(t, "adjusted", got[i], want, 1e-12)
	}
	if len(holm(nil)) != 0 {
		t.Error("of nothing comes nothing")
	}
}

// Quantiles as every table of Student's t has them.
func TestStudentQuantilesAreThoseOfTheTables(t *testing.T) {
	for _, row := range []struct {
		upper   float64
		freedom int
		want    float64
	}{
		{0.025, 1, 12.706},
		{0.025, 2, 4.303},
		{0.05, 3, 2.353},
		{0.025, 9, 2.262},
		{0.005, 9, 3.250},
		{0.0005, 9, 4.781},
		{0.05, 8, 1.860},
		{0.005, 30, 2.750},
		{0.025, 120, 1.980},
		{0.025, 100000, 1.960},
	} {
		near(t, "quantile", studentQuantile(row.upper, row.freedom), row.want, 6e-4)
	}
	if !math.IsInf(studentQuantile(0.025, 0), 1) {
		t.Error("a single run has no spread")
	}
}

func TestMinPairsIsWhatASignedRankTestCanReach(t *testing.T) {
	for metrics, want := range map[int]int{1: 6, 2: 7, 4: 8, 6: 8, 7: 9, 25: 10, 26: 11} {
		if got := MinPairs(metrics); got != want {
			t.Errorf("%d metrics: %d pairs, want %d", metrics, got, want)
		}
	}
}

func TestMinRunsIsWhatARankSumTestCanReach(t *testing.T) {
	for _, row := range []struct{ a, metrics, want int }{{10, 1, 2}, {10, 7, 3}, {4, 1, 4}, {3, 1, 5}, {2, 1, 8}, {2, 7, 23}} {
		got := MinRuns(row.a, row.metrics)
		if reached := func(n int) bool { return 2*rankSumTail(row.a, n)[0]*float64(row.metrics) <= 0.05 }; got != row.want || !reached(got) || reached(got-1) {
			t.Errorf("%d runs of A, %d metrics: %d, want %d", row.a, row.metrics, got, row.want)
		}
	}
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
