package regression

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"weir/result"
)

// world makes runs of two pipelines of which B is slower by a factor in every metric that it names. All that is drawn is drawn by the seed.
type world struct {
	random *rand.Rand
	// spread is the standard deviation of the logarithm of a pair's ratio that the draws of a run are scaled to.
	spread float64
	// draw has mean 0 and variance 1.
	draw func(*rand.Rand) float64
	// drift is how much slower the machine gets with each run, and shared how much of a run's noise all its metrics have in common.
	drift, shared float64
	made          int
}

func normal(r *rand.Rand) float64 { return r.NormFloat64() }

// heavy is Student's t with five degrees of freedom: one run in a hundred is far out.
func heavy(r *rand.Rand) float64 {
	sum := 0.0
	for range 5 {
		x := r.NormFloat64()
		sum += x * x
	}
	return r.NormFloat64() / math.Sqrt(sum/5) / math.Sqrt(5.0/3)
}

// skewed is exponential: runs are never much faster, and some are much slower.
func skewed(r *rand.Rand) float64 { return r.ExpFloat64() - 1 }

// run is one of a pipeline whose metrics are times slower.
func (w *world) run(slower func(metric int) float64) Run {
	common := w.draw(w.random)
	w.made++
	metric := 0
	value := func(typical float64) float64 {
		own := w.draw(w.random)
		noise := math.Sqrt(w.shared)*common + math.Sqrt(1-w.shared)*own
		v := typical * slower(metric) * math.Exp(noise*w.spread/math.Sqrt2+w.drift*float64(w.made))
		metric++
		return v
	}
	// Far above their absolute floors, so that the relative one decides.
	r := &result.Result{Verdict: "pass", Latency: map[string]result.Latency{
		"written": {Count: 1, P50: value(1e4), P99: value(1e5)}, "acked": {Count: 1, P99: value(1e4)},
	}}
	r.Backlog = map[string]result.Backlog{"input": {Waited: result.Waited{MaxSeconds: new(value(1e4))}}}
	r.DrainedInMS = new(value(1e6))
	r.Records = result.Records{Offered: 1e9, Throttled: int64(value(3e8))}
	return Run{Result: r, CPUPerRecord: new(value(1e3))}
}

func same(int) float64 { return 1 }

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 8)) }

func (w *world) pairs(n int, slower func(int) float64) []Pair {
	pairs := make([]Pair, n)
	for i := range pairs {
		if i%2 == 0 {
			pairs[i].A = w.run(same)
			pairs[i].B = w.run(slower)
			continue
		}
		pairs[i].B = w.run(slower)
		pairs[i].A = w.run(same)
	}
	return pairs
}

// verdict is that of a comparison in pairs.
func (w *world) verdict(pairs int, slower func(int) float64) string {
	return decided(Paired(Defaults(DefaultRelative), w.pairs(pairs, slower)))
}

// unpaired is that of runs of B against a baseline of ten.
func (w *world) unpaired(runs int) string {
	gates := Defaults(DefaultRelative)
	a, b := make([]Run, 10), make([]Run, runs)
	for i := range a {
		a[i] = w.run(same)
	}
	for i := range b {
		b[i] = w.run(same)
	}
	return decided(Unpaired(gates, a, b, NoiseOf(gates, a)))
}

func decided(metrics []result.ComparedMetric) string {
	c := result.Comparison{Metrics: metrics}
	Decide(&c, Facts{})
	return c.Verdict
}

func worlds() map[string]func(seed uint64) *world {
	made := map[string]func(seed uint64) *world{}
	add := func(name string, w world) {
		made[name] = func(seed uint64) *world {
			w.random = seeded(seed)
			return &w
		}
	}
	add("spread 1 %", world{spread: 0.01, draw: normal})
	add("spread 5 %", world{spread: 0.05, draw: normal})
	add("spread 5 %, metrics hang together", world{spread: 0.05, draw: normal, shared: 0.8})
	add("spread 7 %", world{spread: 0.07, draw: normal})
	add("spread 20 %", world{spread: 0.2, draw: normal})
	add("spread 80 %", world{spread: 0.8, draw: normal})
	add("spread 5 %, heavy tails", world{spread: 0.05, draw: heavy})
	add("spread 20 %, heavy tails", world{spread: 0.2, draw: heavy})
	add("spread 20 %, skewed", world{spread: 0.2, draw: skewed})
	add("spread 2 %, and a machine that slows down by 1 % each run", world{spread: 0.02, draw: normal, drift: 0.01})
	return made
}

func TestTwoEqualPipelinesAreCalledDifferentOnceInAHundredTimesAtMost(t *testing.T) {
	countFalseAlarms(t, 20)
}

func TestProveTwoEqualPipelinesAreCalledDifferentOnceInAHundredTimesAtMost(t *testing.T) {
	proof(t)
	countFalseAlarms(t, 1000)
}

func proof(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("a thousand comparisons of each world: make prove runs them")
	}
}

func countFalseAlarms(t *testing.T, comparisons int) {
	for name, make := range worlds() {
		for _, method := range []struct {
			name    string
			verdict func(*world) string
		}{
			{"ten pairs", func(w *world) string { return w.verdict(10, same) }},
			{"ten runs against ten", func(w *world) string { return w.unpaired(10) }},
			{"four runs against ten", func(w *world) string { return w.unpaired(4) }},
		} {
			t.Run(method.name+", "+name, func(t *testing.T) {
				w := make(1)
				if w.drift > 0 && method.name != "ten pairs" {
					t.Skip("what changes between the runs of A and those of B is in an unpaired difference, as its output says")
				}
				got := map[string]int{}
				for range comparisons {
					got[method.verdict(w)]++
				}
				t.Logf("of %d: %v", comparisons, got)
				if alarms := got[Regressed] + got[Improved]; alarms*100 > comparisons {
					t.Errorf("%d false alarms of %d", alarms, comparisons)
				}
			})
		}
	}
}

func TestAChangeOfTwiceTheFloorIsFound(t *testing.T) { findChanges(t, 40) }

func TestProveAChangeOfTwiceTheFloorIsFound(t *testing.T) {
	proof(t)
	findChanges(t, 1000)
}

// findChanges makes one of the metrics slower by twice the floor, which is the greater one of 5 % and the noise of ten pairs with that spread.
func findChanges(t *testing.T, comparisons int) {
	for _, spread := range []float64{0.01, 0.02, 0.03, 0.04, 0.05} {
		noise := *percent(noiseOf(spread/math.Sqrt(10), 9, len(Defaults(DefaultRelative))))
		floor := max(DefaultRelative, noise/100)
		t.Run(fmt.Sprintf("spread %g%%, floor %.2g%%", 100*spread, 100*floor), func(t *testing.T) {
			w := &world{random: seeded(2), spread: spread, draw: normal}
			got := map[string]int{}
			for i := range comparisons {
				got[w.verdict(10, func(metric int) float64 {
					if metric == i%len(Defaults(DefaultRelative)) {
						return 1 + 2*floor
					}
					return 1
				})]++
			}
			t.Logf("of %d: %v", comparisons, got)
			if got[Regressed]*100 < 95*comparisons || got[Regressed]+got[Inconclusive] != comparisons {
				t.Errorf("found in %d of %d: %v", got[Regressed], comparisons, got)
			}
		})
	}
}

// Of a change of 10 % where the pairs spread by 5 %, the noise lets a part through: docs/compare.md says how much.
func TestProveAChangeOfTwiceTheRelativeFloorIsMostlyFoundWhereTheNoiseIsGreater(t *testing.T) {
	proof(t)
	w, found := &world{random: seeded(6), spread: 0.05, draw: normal}, 0
	for range 1000 {
		if w.verdict(10, func(metric int) float64 {
			if metric == 1 {
				return 1 + 2*DefaultRelative
			}
			return 1
		}) == Regressed {
			found++
		}
	}
	if t.Logf("found in %d of 1000", found); found < 800 {
		t.Errorf("found in %d of 1000", found)
	}
}

// A change that is in the spread is none that can be told: then nothing is said, rather than that all is the same.
func TestAChangeOfTwiceTheFloorIsNeverCalledTheSameWhereTheSpreadHidesIt(t *testing.T) {
	for _, spread := range []float64{0.1, 0.2, 0.5} {
		w := &world{random: seeded(4), spread: spread, draw: normal}
		got := map[string]int{}
		for range 50 {
			got[w.verdict(10, func(int) float64 { return 1 + 2*DefaultRelative })]++
		}
		t.Logf("spread %g: %v", spread, got)
		if got[Same]+got[Improved] > 0 {
			t.Errorf("spread %g: %v", spread, got)
		}
	}
}

// A pipeline that is slower by just the floor is called the same once in forty times at most, for each side of the interval misses that often.
func TestAChangeOfTheFloorIsSeldomCalledTheSame(t *testing.T) {
	gates, called := Defaults(DefaultRelative)[:1], 0
	w := &world{random: seeded(5), spread: 0.02, draw: normal}
	for range 300 {
		if Paired(gates, w.pairs(10, func(int) float64 { return 1 + DefaultRelative }))[0].Verdict == Same {
			called++
		}
	}
	if t.Logf("%d of 300", called); called > 300/40+6 {
		t.Errorf("called the same %d times of 300", called)
	}
}
