package generator

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	second = time.Second
	ms     = time.Millisecond
)

func mustSchedule(t testing.TB, phases ...Phase) *schedule {
	t.Helper()
	p := &problems{}
	s := newSchedule(7, phases, p)
	if err := p.err(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDueTimesAreTheInverseOfTheCumulativeRate(t *testing.T) {
	for name, c := range map[string]struct {
		phases  []Phase
		records int64
		due     map[int64]time.Duration
	}{
		"a hold is evenly spaced and begins at once": {
			[]Phase{{Shape: Hold, For: second, At: 100}},
			100,
			map[int64]time.Duration{0: 0, 1: 10 * ms, 50: 500 * ms, 99: 990 * ms},
		},
		"a third of a second is rounded to the nanosecond, and does not add up": {
			[]Phase{{Shape: Hold, For: 1000 * second, At: 3}},
			3000,
			map[int64]time.Duration{1: 333333333, 2: 666666667, 3: second, 2999: 999*second + 666666667},
		},
		// Λ = t²/2·10, so due(i) = √(i/5).
		"a ramp from nothing": {
			[]Phase{{Shape: Ramp, For: 10 * second, From: 0, To: 100}},
			500,
			map[int64]time.Duration{0: 0, 5: second, 20: 2 * second, 80: 4 * second, 125: 5 * second, 405: 9 * second},
		},
		// Backwards in time the same: what is left at t is (10 − t)²·5.
		"a ramp to nothing": {
			[]Phase{{Shape: Ramp, For: 10 * second, From: 100, To: 0}},
			500,
			map[int64]time.Duration{0: 0, 95: second, 375: 5 * second, 495: 9 * second},
		},
		// A slope so small beside the rate that the school's formula for the root would return noise.
		"a ramp that hardly rises": {
			[]Phase{{Shape: Ramp, For: 100 * second, From: 1000, To: 1000.000000001}},
			100000,
			map[int64]time.Duration{1000: second, 50000: 50 * second, 99999: 99*second + 999*ms},
		},
		"steps hold each of their rates": {
			[]Phase{{Shape: Step, For: 3 * second, From: 1, To: 5, Steps: 3}},
			9,
			map[int64]time.Duration{0: 0, 1: second, 2: second + 333333333, 4: 2 * second, 8: 2*second + 800*ms},
		},
		"a step from nothing begins when its rate does": {
			[]Phase{{Shape: Step, For: 4 * second, From: 0, To: 10, Steps: 2}},
			20,
			map[int64]time.Duration{0: 2 * second, 1: 2*second + 100*ms},
		},
		"a burst at the start of each period": {
			[]Phase{{Shape: Burst, For: 5 * second, At: 1, Peak: 10, Every: 2 * second, Lasting: second}},
			32,
			map[int64]time.Duration{0: 0, 9: 900 * ms, 10: second, 11: 2 * second, 12: 2*second + 100*ms, 21: 3 * second, 22: 4 * second, 31: 4*second + 900*ms},
		},
		"a burst out of nothing": {
			[]Phase{{Shape: Burst, For: 4 * second, At: 0, Peak: 10, Every: 2 * second, Lasting: 500 * ms}},
			10,
			map[int64]time.Duration{0: 0, 4: 400 * ms, 5: 2 * second, 9: 2*second + 400*ms},
		},
		// Over whole and half periods the sine's integral is its mean's, plus a·P/π = 63.66 at the half. The others are by bisection.
		"a sine": {
			[]Phase{{Shape: Sine, For: 8 * second, At: 100, Amplitude: 50, Every: 4 * second}},
			800,
			map[int64]time.Duration{0: 0, 400: 4 * second, 1: 9961036, 401: 4*second + 9961036, 263: 1993397347},
		},
		"a sine without a swing is a hold": {
			[]Phase{{Shape: Sine, For: second, At: 100, Amplitude: 0, Every: 300 * ms}},
			100,
			map[int64]time.Duration{0: 0, 1: 10 * ms, 50: 500 * ms, 99: 990 * ms},
		},
		"a curve, stretched to twice its length": {
			[]Phase{{Shape: Curve, For: 4 * second, Curve: []CurvePoint{{0, 0}, {second, 20}, {2 * second, 20}}}},
			60,
			map[int64]time.Duration{0: 0, 5: second, 20: 2 * second, 40: 3 * second, 59: 3*second + 950*ms},
		},
		"phases follow each other": {
			[]Phase{{Shape: Hold, For: second, At: 2}, {Shape: Hold, For: second, At: 0}, {Shape: Hold, For: second, At: 4}},
			6,
			map[int64]time.Duration{0: 0, 1: 500 * ms, 2: 2 * second, 5: 2*second + 750*ms},
		},
		// 10.5 records each: the 10th is 0.5 into its interval when the second phase begins.
		"half a record is carried over": {
			[]Phase{{Shape: Hold, For: 1050 * ms, At: 10}, {Shape: Hold, For: 1050 * ms, At: 10}},
			21,
			map[int64]time.Duration{10: second, 11: 1100 * ms, 20: 2 * second},
		},
		"masses that are whole on paper stay whole": {
			[]Phase{{Shape: Hold, For: 700 * ms, At: 0.1 * 100}, {Shape: Hold, For: 300 * ms, At: 10}, {Shape: Hold, For: second, At: 10}},
			20,
			map[int64]time.Duration{7: 700 * ms, 10: second, 19: 1900 * ms},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := mustSchedule(t, c.phases...)
			if s.records != c.records {
				t.Errorf("%d records, want %d", s.records, c.records)
			}
			for i, want := range c.due {
				if got := newCursor(s, 7).due(i); got != want {
					t.Errorf("record %d is due at %d, want %d", i, got, want)
				}
			}
		})
	}
}

// anyPhase is a phase with some hundreds of records.
func anyPhase(t *rapid.T) Phase {
	rate := rapid.Float64Range(0, 1000)
	spell := rapid.Int64Range(1, int64(second))
	p := Phase{
		Shape: rapid.SampledFrom([]Shape{Hold, Ramp, Step, Sine, Burst, Poisson, Curve}).Draw(t, "shape"),
		For:   time.Duration(spell.Draw(t, "for")), At: rate.Draw(t, "at"), From: rate.Draw(t, "from"), To: rate.Draw(t, "to"),
		Steps: rapid.IntRange(2, 9).Draw(t, "steps"), Every: time.Duration(spell.Draw(t, "every")), Peak: rate.Draw(t, "peak"),
	}
	p.Amplitude = p.At * rapid.SampledFrom([]float64{0, 0.3, 0.999, 1}).Draw(t, "amplitude")
	p.Lasting = max(1, p.Every/time.Duration(rapid.IntRange(1, 9).Draw(t, "lasting")))
	p.Curve = []CurvePoint{{0, rate.Draw(t, "0")}, {time.Duration(spell.Draw(t, "point")), rate.Draw(t, "1")}}
	p.Curve = append(p.Curve, CurvePoint{p.Curve[1].At * 2, rate.Draw(t, "2")})
	return p
}

func TestDueTimesKeepToTheirCurve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &problems{}
		s := newSchedule(7, rapid.SliceOfN(rapid.Custom(anyPhase), 1, 5).Draw(t, "phases"), p)
		if err := p.err(); err != nil {
			if s.records == 0 {
				t.Skip("no records")
			}
			t.Fatal(err)
		}
		c, last, i := newCursor(s, 7), time.Duration(0), int64(0)
		for k := range s.phases {
			p := &s.phases[k]
			for j := range p.count {
				due := c.due(i)
				if due < last || due < p.start || due >= p.start+p.length {
					t.Fatalf("record %d is due at %v, after one at %v, in a phase from %v for %v", i, due, last, p.start, p.length)
				}
				if p.poisson == nil {
					// Λ(due ± 1 ns) lies around the record's place, but for rounding.
					x := p.offset + float64(j)
					at := float64(due - p.start)
					if low, high := p.profile.mass(max(0, at-1)/1e9), p.profile.mass((at+1)/1e9); low > x+1e-5 || high < x-1e-5 {
						t.Fatalf("record %d, %v into its phase at %v: Λ there is between %v and %v", i, x, due, low, high)
					}
				}
				last = due
				i++
			}
		}
		if i != s.records {
			t.Fatalf("%d records in the phases, %d in all", i, s.records)
		}
	})
}

func TestDueTimesAreTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &problems{}
		s := newSchedule(7, rapid.SliceOfN(rapid.Custom(anyPhase), 1, 5).Draw(t, "phases"), p)
		if s.records == 0 || p.err() != nil {
			t.Skip("no records")
		}
		any := newCursor(s, 7)
		for _, i := range rapid.SliceOfN(rapid.Int64Range(0, s.records-1), 1, 20).Draw(t, "records") {
			if got, want := any.due(i), newCursor(s, 7).due(i); got != want {
				t.Fatalf("record %d is due at %v, and at %v when it is asked for first", i, got, want)
			}
		}
	})
}

func TestPoissonHasExponentialGapsAndPoissonCounts(t *testing.T) {
	const rate, length = 1000, 100
	s := mustSchedule(t, Phase{Shape: Poisson, For: length * second, At: rate})
	// The count is a Poisson number: its standard deviation is √100,000 = 316.
	if off := math.Abs(float64(s.records) - rate*length); off > 4*316 {
		t.Errorf("%d records, %v off", s.records, off)
	}
	c := newCursor(s, 7)
	last := c.due(0)
	var gaps, longer [5]float64 // longer than k/rate; by e^-k of all
	perSecond := make([]float64, length)
	for i := range s.records {
		due := c.due(i)
		perSecond[due/second]++
		for k := range longer {
			if (due - last).Seconds() >= float64(k)/rate {
				longer[k]++
			}
			gaps[k]++
		}
		last = due
	}
	for k := range longer {
		want := math.Exp(-float64(k))
		if got := longer[k] / gaps[k]; math.Abs(got-want) > 4*math.Sqrt(want/gaps[k])+1e-3 {
			t.Errorf("%.4f of the gaps are longer than %d/rate, want %.4f", got, k, want)
		}
	}
	// The variance of the counts of seconds is their mean, to 4·√(2/100) of it.
	variance := 0.0
	for _, n := range perSecond {
		variance += (n - rate) * (n - rate) / length
	}
	if ratio := variance / rate; ratio < 0.43 || ratio > 1.57 {
		t.Errorf("the counts of seconds have %.2f times the variance of a Poisson process", ratio)
	}
}

func TestPoissonNumbersHaveTheirMeanAndVariance(t *testing.T) {
	for _, mean := range []float64{0.5, 9.9, 10, 57, 4096} {
		t.Run(fmt.Sprint(mean), func(t *testing.T) {
			const n = 20000
			r := newRandom(3)
			sum, squares := 0.0, 0.0
			for range n {
				x := float64(r.poisson(mean))
				sum, squares = sum+x, squares+(x-mean)*(x-mean)
			}
			if got := sum / n; math.Abs(got-mean) > 4*math.Sqrt(mean/n) {
				t.Errorf("mean %v", got)
			}
			// The variance of the variance is (2 + 1/mean)·mean²/n.
			if got := squares / n; math.Abs(got-mean) > 4*mean*math.Sqrt((2+1/mean)/n) {
				t.Errorf("variance %v", got)
			}
		})
	}
}

func TestAnotherSeedIsAnotherPoissonProcess(t *testing.T) {
	phase := []Phase{{Shape: Poisson, For: 10 * second, At: 100}}
	a, b := newSchedule(1, phase, &problems{}), newSchedule(2, phase, &problems{})
	if a.records == b.records && newCursor(a, 1).due(5) == newCursor(b, 2).due(5) {
		t.Error("they are the same")
	}
}
