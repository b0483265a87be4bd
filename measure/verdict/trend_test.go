package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// noisy is a backlog of a load of 1,000 records a second: a slope in percent of it, noise that is correlated over tau seconds, and a saw
// tooth of ten, each in seconds of load (reference/method.md, section 6).
func noisy(seed uint64, seconds int, slope, sd, tau, saw float64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	a := math.Exp(-1 / tau)
	noise := sd * r.NormFloat64()
	backlog := make([]float64, seconds)
	for i := range backlog {
		noise = a*noise + sd*math.Sqrt(1-a*a)*r.NormFloat64()
		backlog[i] = 1000 * (slope/100*float64(i) + noise + saw*float64(i%10)/10 + 10)
	}
	return backlog
}

// How often each verdict comes, of 300 runs.
func verdicts(seconds int, slope, sd, tau, saw float64) map[string]int {
	found := map[string]int{}
	for seed := range uint64(300) {
		_, verdict, _ := Trend(noisy(seed, seconds, slope, sd, tau, saw), 1000, time.Second)
		found[verdict]++
	}
	return found
}

func TestAHealthyPipelinePassesAndAGrowingOneFails(t *testing.T) {
	// Noise with a correlation of a second, as of a pipeline that reads four times a second, over the shortest hold.
	if v := verdicts(300, 0, 0.5, 1, 1); v[Pass] < 299 {
		t.Errorf("healthy: %v", v)
	}
	if v := verdicts(300, 2, 0.5, 1, 1); v[Fail] < 299 {
		t.Errorf("growing by 2 %%: %v", v)
	}
}

func TestUnderHeavyNoiseATrendIsRatherUnsureThanWrong(t *testing.T) {
	// Stalls that last half a minute: ten minutes are needed to tell.
	if v := verdicts(600, 0, 2, 30, 3); v[Fail] > 3 || v[Pass] < 250 {
		t.Errorf("healthy: %v", v)
	}
	if v := verdicts(600, 2, 2, 30, 3); v[Pass] > 3 || v[Fail] < 250 {
		t.Errorf("growing by 2 %%: %v", v)
	}
	if v := verdicts(300, 0, 2, 30, 3); v[Fail] > 15 || v[Inconclusive] == 0 {
		t.Errorf("healthy, and too short to tell: %v", v)
	}
}

func TestATrendIsInPercentOfTheLoad(t *testing.T) {
	percent, verdict, ok := Trend(noisy(1, 600, 2, 0, 1, 0), 1000, time.Second)
	if !ok || verdict != Fail || math.Abs(percent-2) > 0.01 {
		t.Errorf("%v %s %t", percent, verdict, ok)
	}
	if percent, verdict, _ := Trend(noisy(1, 600, -50, 0, 1, 0), 1000, time.Second); verdict != Pass || percent > -49 {
		t.Errorf("a backlog that falls: %v %s", percent, verdict)
	}
}

func TestAHoldThatIsTooShortHasNoTrend(t *testing.T) {
	for window, want := range map[time.Duration]time.Duration{
		time.Second: 5 * time.Minute, 7 * time.Second: 350 * time.Second, time.Minute: 10 * time.Minute, time.Hour: 10 * time.Hour, 200 * time.Millisecond: 5 * time.Minute,
	} {
		if got := ShortestHold(window); got != want {
			t.Errorf("windows of %s: %s, want %s", window, got, want)
		}
	}
	if _, _, ok := Trend(make([]float64, 299), 1000, time.Second); ok {
		t.Error("299 seconds passed")
	}
	if _, _, ok := Trend(make([]float64, 300), 0, time.Second); ok {
		t.Error("no load passed")
	}
}

func TestTheWorstTrendDecides(t *testing.T) {
	if percent, verdict := WorstTrend(0.1, Pass, 0.5, Inconclusive); percent != 0.5 || verdict != Inconclusive {
		t.Error(percent, verdict)
	}
	if percent, verdict := WorstTrend(3, Fail, 2, Fail); percent != 3 || verdict != Fail {
		t.Error(percent, verdict)
	}
	if percent, verdict := WorstTrend(0, "", -1, Pass); percent != -1 || verdict != Pass {
		t.Error(percent, verdict)
	}
}
