package verdict

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
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
	t := NewTrend(10 * time.Second) // the saw tooth's
	for i := range seconds {
		shaken = a*shaken + n.sd*math.Sqrt(1-a*a)*r.NormFloat64()
		lag := slope/100*float64(i) + shaken + n.saw*float64(i%10)/10 + 100
		t.Add(time.Duration(i+1)*time.Second, int64(1000*lag))
	}
	return t
}

// verdicts are how often each verdict comes, of 300 runs.
func verdicts(seconds int, slope float64, n noise) map[string]int {
	found := map[string]int{}
	for seed := range uint64(300) {
		g, _ := trendOf(seed, seconds, slope, n).Growth(time.Duration(seconds)*time.Second, 1000)
		found[g.Verdict()]++
	}
	return found
}

func TestAHealthyPipelinePassesAndAGrowingOneFails(t *testing.T) {
	for _, test := range []struct {
		name    string
		seconds int
		noise   noise
		most    int // inconclusive
	}{
		{"the shortest hold", 300, quick, 10}, {"fifteen minutes, tau 20 s", 900, noiseA, 45}, {"twenty minutes, tau 30 s", 1200, noiseB, 60},
	} {
		for slope, want := range map[float64]string{0: Pass, 2: Fail} {
			v := verdicts(test.seconds, slope, test.noise)
			if v[want]+v[Inconclusive] < 300 || v[Inconclusive] > test.most {
				t.Errorf("%s, growing by %g %%: %v", test.name, slope, v)
			}
		}
	}
}

// Where the noise is heavy for the length of the hold, a trend is unsure rather than wrong.
func TestUnderHeavyNoiseATrendIsRatherUnsureThanWrong(t *testing.T) {
	if v := verdicts(600, 0, noiseB); v[Fail] > 0 {
		t.Errorf("healthy: %v", v)
	}
	if v := verdicts(600, 2, noiseB); v[Pass] > 0 {
		t.Errorf("growing by 2 %%: %v", v)
	}
	if v := verdicts(300, 0, noiseB); v[Fail] > 3 || v[Inconclusive] < 150 {
		t.Errorf("healthy, and too short to tell: %v", v)
	}
	// A look that is far too short is hardly ever wrong.
	for _, n := range []noise{noiseB, {sd: 2, tau: 120}, {sd: 2, tau: 600}} {
		if v := verdicts(300, 0.4, n); v[Fail] > 3 {
			t.Errorf("a slow noise of %g s, healthy: %v", n.tau, v)
		}
		if v := verdicts(300, 1.6, n); v[Pass] > 3 {
			t.Errorf("a slow noise of %g s, growing: %v", n.tau, v)
		}
	}
	// Noise that is slow and small has no say.
	if v := verdicts(300, 0, noise{sd: 0.05, tau: 120}); v[Pass] < 295 {
		t.Errorf("slow and small: %v", v)
	}
	// Exactly at the bound, either verdict is wrong one time in a hundred.
	if v := verdicts(1200, 1, noiseA); v[Fail] > 9 || v[Pass] > 9 {
		t.Errorf("at the bound: %v", v)
	}
}

// A simulated pipeline: its slope in percent of the load is drawn evenly from -1.5 to 3.5 outside half a point around the limit, and its noise between
// that of a quick pipeline and that of one whose checkpoints stall it.
func simulated(seed uint64) (slope float64, n noise) {
	r := rand.New(rand.NewPCG(seed, 2))
	if slope = -2 + 4*r.Float64(); slope > 0 {
		slope++
	}
	slope += 0.5
	between := func(a, b float64) float64 { return a + r.Float64()*(b-a) }
	return slope, noise{sd: between(quick.sd, noiseB.sd), tau: between(quick.tau, noiseB.tau), saw: between(quick.saw, noiseB.saw)}
}

// looked is the verdict on a hold that may extend itself from ten minutes to twenty while it is inconclusive, and after how many seconds it came.
func looked(seed uint64) (slope float64, verdict string, seconds int) {
	slope, n := simulated(seed)
	trend := trendOf(seed, 1200, slope, n)
	for _, at := range Looks(10*time.Minute, 20*time.Minute) {
		g, _ := trend.Growth(at, 1000)
		if verdict, seconds = g.Verdict(), int(at.Seconds()); verdict != Inconclusive {
			break
		}
	}
	return slope, verdict, seconds
}

// simulate counts, of so many simulated pipelines, the wrong verdicts and the missing ones.
func simulate(t *testing.T, pipelines int) (wrong, unsure float64) {
	seconds := 0
	for seed := range uint64(pipelines) {
		slope, verdict, took := looked(seed)
		seconds += took
		switch {
		case verdict == Inconclusive:
			unsure++
		case (verdict == Fail) != (slope > trendBound):
			wrong++
		}
	}
	all := float64(pipelines)
	t.Logf("%d pipelines: %.2f %% wrong, %.1f %% inconclusive, after %.0f s on average", pipelines, 100*wrong/all, 100*unsure/all, float64(seconds)/all)
	return wrong / all, unsure / all
}

func TestAVerdictOnASimulatedPipelineIsRight(t *testing.T) {
	if wrong, unsure := simulate(t, 300); wrong > 0.01 || unsure > 0.1 {
		t.Errorf("%.2f %% wrong, %.1f %% inconclusive", 100*wrong, 100*unsure)
	}
}

func TestProveAVerdictOnASimulatedPipelineIsRight(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it")
	}
	if wrong, unsure := simulate(t, 10_000); wrong > 0.005 || unsure > 0.1 {
		t.Errorf("%.2f %% wrong, at most 0.5 %%; %.1f %% inconclusive, at most 10 %%", 100*wrong, 100*unsure)
	}
}

// The length of the noise is told well enough to tell whether a hold is 20 times as long.
func TestTheCorrelationTimeIsEstimated(t *testing.T) {
	for _, test := range []struct {
		tau         float64
		seconds     int
		least, most float64 // share of the runs that are too short
	}{
		{0.01, 300, 0, 0.03}, {1, 300, 0, 0.03}, {5, 300, 0, 0.06}, {10, 1200, 0, 0.02}, {20, 1200, 0, 0.05}, {30, 300, 0.75, 1}, {60, 600, 0.8, 1}, {120, 1200, 0.8, 1},
	} {
		short := 0.0
		for seed := range uint64(300) {
			g, _ := trendOf(seed, test.seconds, 0.5, noise{sd: 1, tau: test.tau, saw: 1}).Growth(time.Duration(test.seconds)*time.Second, 1000)
			if g.Over < lookAfter*g.Correlation {
				short++
			}
		}
		if short /= 300; short < test.least || short > test.most {
			t.Errorf("tau %g s, %d s: %.0f %% too short", test.tau, test.seconds, 100*short)
		}
	}
}

func TestAHoldIsLookedAtFourTimesAtMost(t *testing.T) {
	for _, test := range []struct {
		hold, limit time.Duration
		want        []time.Duration
	}{
		{time.Minute, 0, []time.Duration{time.Minute}},
		{time.Minute, time.Minute, []time.Duration{time.Minute}},
		{5 * time.Minute, 20 * time.Minute, []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 20 * time.Minute}},
		{10 * time.Second, 12 * time.Second, []time.Duration{10 * time.Second, 11 * time.Second, 12 * time.Second}},
		{10 * time.Second, 10500 * time.Millisecond, []time.Duration{10 * time.Second, 10500 * time.Millisecond}},
	} {
		if got := Looks(test.hold, test.limit); !slices.Equal(got, test.want) {
			t.Errorf("%s to %s: %s", test.hold, test.limit, got)
		}
	}
}

func TestThePeriodIsWhenEverythingComesRoundTogether(t *testing.T) {
	for _, test := range []struct {
		of   []time.Duration
		want time.Duration
	}{
		{nil, time.Second},
		{[]time.Duration{0, -1, 250 * time.Millisecond}, time.Second},
		{[]time.Duration{time.Minute, 250 * time.Millisecond}, time.Minute},
		{[]time.Duration{4 * time.Second, 300 * time.Millisecond, 10 * time.Second}, time.Minute},
		{[]time.Duration{200 * time.Millisecond, 7 * time.Second}, 7 * time.Second},
		{[]time.Duration{time.Hour, 7 * time.Hour, 11 * time.Hour}, longestPeriod},
		{[]time.Duration{math.MaxInt64, math.MaxInt64 - 1}, longestPeriod},
	} {
		if got := Period(test.of); got != test.want {
			t.Errorf("%s: %s, want %s", test.of, got, test.want)
		}
	}
}

func TestATrendIsInPercentOfTheLoad(t *testing.T) {
	for _, slope := range []float64{2, 0, -50} {
		g, ok := trendOf(1, 600, slope, noise{tau: 1}).Growth(10*time.Minute, 1000)
		if !ok || math.Abs(g.Percent-slope) > 0.01 || g.Margin > 0.01 {
			t.Errorf("%+v %t, want %g %%", g, ok, slope)
		}
	}
}

func TestAHoldThatIsTooShortHasNoTrend(t *testing.T) {
	for period, want := range map[time.Duration]time.Duration{
		time.Second: 5 * time.Minute, 7 * time.Second: 350 * time.Second, time.Minute: 10 * time.Minute, time.Hour: 10 * time.Hour, longestPeriod: 240 * time.Hour,
	} {
		if got := ShortestHold(period); got != want {
			t.Errorf("a period of %s: %s, want %s", period, got, want)
		}
		trend := NewTrend(period)
		for at := period; at <= want; at += period {
			for _, quarter := range []time.Duration{3, 2, 1, 0} {
				trend.Add(at-quarter*period/4, 1)
			}
		}
		_, short := trend.Growth(want-1, 1)
		if _, ok := trend.Growth(want, 1); !ok || short {
			t.Errorf("a period of %s: the shortest hold is not %s", period, want)
		}
	}
}

func TestAHoldThatDidNotComeToItsEndHasNoTrend(t *testing.T) {
	const hold = 300 * time.Second
	if _, ok := trendOf(1, 300, 0, quick).Growth(hold, 0); ok {
		t.Error("nothing was offered, and there is a trend")
	}
	cut := NewTrend(time.Second)
	for i := 1; i <= 270; i++ {
		cut.Add(time.Duration(i)*time.Second, 1)
	}
	if _, ok := cut.Growth(hold, 1000); ok {
		t.Error("no sample of the last batch, and there is a trend")
	}
	cut.Add(hold, 1)
	if _, ok := cut.Growth(hold, 1000); !ok {
		t.Error("each batch has a sample, and there is no trend")
	}
}

// What is left over beyond ten batches of whole periods is at the start, where the hold still settles.
func TestTheStartOfAHoldIsLeftOut(t *testing.T) {
	const hold = 620 * time.Second
	trend := NewTrend(7 * time.Second) // ten batches of 56 s, of 88 periods
	for i := 1; i <= 620; i++ {
		backlog := int64(100)
		if i <= 56 {
			backlog = 1_000_000
		}
		trend.Add(time.Duration(i)*time.Second, backlog)
	}
	trend.Add(hold+10*time.Second, 1_000_000) // after the end
	if g, ok := trend.Growth(hold, 1000); !ok || g != (Growth{Over: 560 * time.Second}) {
		t.Errorf("%+v %t", g, ok)
	}
}

// A saw tooth adds up to nothing over batches of whole periods; over others, it can look like growth.
func TestASawToothOfWholePeriodsIsNoNoise(t *testing.T) {
	grow := func(period time.Duration) Growth {
		trend := NewTrend(period)
		for i := range 700 {
			trend.Add(time.Duration(i+1)*time.Second, int64(5*i+10_000*(i%23)))
		}
		g, _ := trend.Growth(700*time.Second, 1000)
		return g
	}
	if g := grow(23 * time.Second); math.Abs(g.Percent-0.5) > 1e-9 || g.Margin > 1e-9 {
		t.Errorf("batches of whole periods: %+v", g)
	}
	if g := grow(time.Second); g.Percent < 0.7 { // 70 s are three teeth and a bit more each time
		t.Errorf("batches of no whole periods: %+v", g)
	}
}

// A trend of a week keeps as little as one of an hour, and says the same as if it had kept everything.
func TestALongTrendKeepsLittle(t *testing.T) {
	const week = 7 * 24 * time.Hour
	trend := NewTrend(time.Second)
	for at := time.Second; at <= week; at += time.Second {
		trend.Add(at, int64(at/time.Second)*3)
	}
	if len(trend.sums) > mostCells || cap(trend.sums) > 2*mostCells {
		t.Errorf("%d cells", len(trend.sums))
	}
	if g, ok := trend.Growth(week, 1000); !ok || math.Abs(g.Percent-0.3) > 1e-9 || g.Over < week*99/100 {
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
		{Growth{Percent: 0.4, Margin: 0.5}, "<=", 1, Pass},
		{Growth{Percent: 0.4, Margin: 0.5}, "<=", 0.5, Inconclusive},
		{Growth{Percent: 0.4, Margin: 0.5}, "<=", -0.2, Fail},
		{Growth{Percent: 0.4, Margin: 0.5}, ">", -0.2, Pass},
		{Growth{Percent: 0.4, Margin: 0.5}, ">", 0, Inconclusive},
		{Growth{Percent: 0.4, Margin: 0.5}, ">", 1, Fail},
		{Growth{Percent: 3, Margin: 0.5}, "<=", 5, Pass},
		{Growth{Percent: 3, Margin: 0}, "<=", 3, Pass},
		{Growth{Percent: 3, Margin: 0}, "<", 3, Fail},
	} {
		if got := test.growth.against(test.operator, test.bound); got != test.want {
			t.Errorf("%+v %s %g: %s, want %s", test.growth, test.operator, test.bound, got, test.want)
		}
	}
}

func TestTheWorstTrendDecides(t *testing.T) {
	// From the best to the worst.
	all := []Growth{
		{Percent: -1, Margin: 0.1}, {Percent: 0.5, Margin: 0.1}, {Percent: 0.4, Margin: 2}, {Percent: 0.9, Margin: 0.5}, {Percent: 2, Margin: 0.5}, {Percent: 3, Margin: 0.5},
	}
	for i := range all {
		for j := range all {
			if got := all[i].Worse(all[j]); got != (i > j) {
				t.Errorf("%+v worse than %+v: %t", all[i], all[j], got)
			}
		}
	}
}
