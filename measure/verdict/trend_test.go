package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// noise is that of a backlog, in seconds of load: its standard deviation, over how many seconds it is correlated, and a saw tooth of ten
// seconds (reference/method.md, section 6).
type noise struct{ sd, tau, saw float64 }

// The noises of the simulation: that of a pipeline that reads four times a second, that of one with tau 20 s, and stalls of half a minute.
var (
	quick  = noise{sd: 0.5, tau: 1, saw: 1}
	noiseA = noise{sd: 0.5, tau: 20, saw: 1}
	noiseB = noise{sd: 2, tau: 30, saw: 3}
)

// trendOf is the trend of a load of 1,000 records a second whose backlog grows by slope percent of it, sampled once a second.
func trendOf(seed uint64, seconds int, slope float64, n noise) *Trend {
	r := rand.New(rand.NewPCG(seed, 1))
	a := math.Exp(-1 / n.tau)
	shaken := n.sd * r.NormFloat64()
	t := NewTrend(time.Duration(seconds)*time.Second, time.Second)
	for i := range seconds {
		shaken = a*shaken + n.sd*math.Sqrt(1-a*a)*r.NormFloat64()
		lag := slope/100*float64(i) + shaken + n.saw*float64(i%10)/10 + 10
		t.Add(time.Duration(i+1)*time.Second, int64(1000*lag))
	}
	return t
}

// verdicts are how often each verdict comes, of 300 runs.
func verdicts(seconds int, slope float64, n noise) map[string]int {
	found := map[string]int{}
	for seed := range uint64(300) {
		g, _ := trendOf(seed, seconds, slope, n).Growth(1000)
		found[g.Verdict()]++
	}
	return found
}

func TestAHealthyPipelinePassesAndAGrowingOneFails(t *testing.T) {
	for _, test := range []struct {
		name    string
		seconds int
		noise   noise
	}{
		{"the shortest hold", 300, quick}, {"ten minutes, tau 20 s", 600, noiseA}, {"twenty minutes, tau 30 s", 1200, noiseB},
	} {
		if v := verdicts(test.seconds, 0, test.noise); v[Pass] < 298 {
			t.Errorf("%s, healthy: %v", test.name, v)
		}
		if v := verdicts(test.seconds, 2, test.noise); v[Fail] < 298 {
			t.Errorf("%s, growing by 2 %%: %v", test.name, v)
		}
	}
}

// Where the noise is heavy for the length of the hold, a trend is rather inconclusive than wrong.
func TestUnderHeavyNoiseATrendIsRatherUnsureThanWrong(t *testing.T) {
	if v := verdicts(600, 0, noiseB); v[Fail] > 3 || v[Pass] < 250 {
		t.Errorf("healthy: %v", v)
	}
	if v := verdicts(600, 2, noiseB); v[Pass] > 3 || v[Fail] < 250 {
		t.Errorf("growing by 2 %%: %v", v)
	}
	if v := verdicts(300, 0, noiseB); v[Fail] > 15 || v[Inconclusive] < 60 {
		t.Errorf("healthy, and too short to tell: %v", v)
	}
	// Exactly at the bound, either verdict is wrong one time in twenty.
	if v := verdicts(600, 1, noiseA); v[Fail] > 30 || v[Pass] > 30 {
		t.Errorf("at the bound: %v", v)
	}
}

func TestATrendIsInPercentOfTheLoad(t *testing.T) {
	for _, slope := range []float64{2, 0, -50} {
		g, ok := trendOf(1, 600, slope, noise{tau: 1}).Growth(1000)
		if !ok || math.Abs(g.Percent-slope) > 0.01 || g.Margin > 0.01 {
			t.Errorf("%+v %t, want %g %%", g, ok, slope)
		}
	}
}

func TestAHoldThatIsTooShortHasNoTrend(t *testing.T) {
	for window, want := range map[time.Duration]time.Duration{
		time.Second: 5 * time.Minute, 7 * time.Second: 350 * time.Second, time.Minute: 10 * time.Minute, time.Hour: 10 * time.Hour, 200 * time.Millisecond: 5 * time.Minute,
	} {
		if got := ShortestHold(window); got != want {
			t.Errorf("windows of %s: %s, want %s", window, got, want)
		}
		if NewTrend(want, window) == nil || NewTrend(want-1, window) != nil {
			t.Errorf("windows of %s: the shortest hold is not %s", window, want)
		}
	}
}

func TestAHoldThatDidNotComeToItsEndHasNoTrend(t *testing.T) {
	whole := trendOf(1, 300, 0, quick)
	if _, ok := whole.Growth(0); ok {
		t.Error("nothing was offered, and there is a trend")
	}
	cut := NewTrend(300*time.Second, time.Second)
	for i := 1; i <= 270; i++ {
		cut.Add(time.Duration(i)*time.Second, 1)
	}
	if _, ok := cut.Growth(1000); ok {
		t.Error("no sample of the last batch, and there is a trend")
	}
	cut.Add(300*time.Second, 1)
	if _, ok := cut.Growth(1000); !ok {
		t.Error("each batch has a sample, and there is no trend")
	}
}

// What is left over beyond ten batches of whole windows is at the start, where the hold still settles.
func TestTheStartOfAHoldIsLeftOut(t *testing.T) {
	trend := NewTrend(620*time.Second, 7*time.Second) // ten batches of 56 s
	for i := 1; i <= 620; i++ {
		backlog := int64(100)
		if i <= 60 {
			backlog = 1_000_000
		}
		trend.Add(time.Duration(i)*time.Second, backlog)
	}
	trend.Add(621*time.Second, 1_000_000) // after the end
	if g, ok := trend.Growth(1000); !ok || g != (Growth{}) {
		t.Errorf("%+v %t", g, ok)
	}
}

func TestAGrowthIsJudgedWithItsMargin(t *testing.T) {
	for _, test := range []struct {
		growth   Growth
		operator string
		bound    float64
		want     string
	}{
		{Growth{0.4, 0.5}, "<=", 1, Pass},
		{Growth{0.4, 0.5}, "<=", 0.5, Inconclusive},
		{Growth{0.4, 0.5}, "<=", -0.2, Fail},
		{Growth{0.4, 0.5}, ">", -0.2, Pass},
		{Growth{0.4, 0.5}, ">", 0, Inconclusive},
		{Growth{0.4, 0.5}, ">", 1, Fail},
		{Growth{3, 0.5}, "<=", 5, Pass},
		{Growth{3, 0}, "<=", 3, Pass},
		{Growth{3, 0}, "<", 3, Fail},
	} {
		if got := test.growth.against(test.operator, test.bound); got != test.want {
			t.Errorf("%+v %s %g: %s, want %s", test.growth, test.operator, test.bound, got, test.want)
		}
	}
}

func TestTheWorstTrendDecides(t *testing.T) {
	// From the best to the worst.
	all := []Growth{{-1, 0.1}, {0.5, 0.1}, {0.4, 2}, {0.9, 0.5}, {2, 0.5}, {3, 0.5}}
	for i := range all {
		for j := range all {
			if got := all[i].Worse(all[j]); got != (i > j) {
				t.Errorf("%+v worse than %+v: %t", all[i], all[j], got)
			}
		}
	}
}
