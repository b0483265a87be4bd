package limits

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const ms = time.Millisecond

// step is one Take, or one Spend, at a time.
type step struct {
	at    time.Duration
	n     float64
	spend bool
	want  bool // what Take says
}

func TestBucketGrantsWhatItHolds(t *testing.T) {
	for name, c := range map[string]struct {
		rate, burst float64
		steps       []step
	}{
		"a full bucket gives its burst at once and no more": {1000, 1000, []step{
			{0, 1000, false, true}, {0, 1, false, false},
		}},
		"tokens come back at the rate": {1000, 1000, []step{
			{0, 1000, false, true}, {499 * ms, 500, false, false}, {500 * ms, 500, false, true}, {500 * ms, 1, false, false},
		}},
		"all or none": {10, 10, []step{
			{0, 8, false, true}, {0, 3, false, false}, {0, 2, false, true},
		}},
		"a long rest does not save up more than the burst": {10, 5, []step{
			{time.Hour, 5, false, true}, {time.Hour, 1, false, false},
		}},
		"more than the burst is never granted": {10, 5, []step{
			{0, 6, false, false}, {time.Hour, 6, false, false}, {time.Hour, 5, false, true},
		}},
		"nothing costs nothing": {10, 5, []step{
			{0, 5, false, true}, {0, 0, false, true},
		}},
		"a clock that steps back neither gives nor takes": {10, 10, []step{
			{time.Second, 10, false, true},
			{500 * ms, 1, false, false},
			{0, 1, false, false},
			{time.Second, 1, false, false},
			{1100 * ms, 1, false, true},
			{1100 * ms, 1, false, false},
		}},
		"what was spent beyond the tokens is owed": {10, 10, []step{
			{0, 30, true, false},
			{time.Second, 1, false, false},
			{2 * time.Second, 1, false, false},
			{2100 * ms, 1, false, true},
			{2100 * ms, 1, false, false},
		}},
		"a debt grows by what is spent on top": {10, 10, []step{
			{0, 10, true, false}, {0, 10, true, false}, {time.Second, 1, false, false}, {1100 * ms, 1, false, true},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBucket(c.rate, c.burst)
			for i, s := range c.steps {
				if s.spend {
					b.Spend(s.at, s.n)
					continue
				}
				if got := b.Take(s.at, s.n); got != s.want {
					t.Fatalf("step %d: %g at %v: %v", i, s.n, s.at, got)
				}
			}
		})
	}
}

func TestWaitIsTheTimeUntilTheTokensAreThere(t *testing.T) {
	b := NewBucket(10, 10)
	if got := b.Wait(0, 10); got != 0 {
		t.Errorf("a full bucket: %v", got)
	}
	b.Spend(0, 30)
	for _, c := range []struct {
		now  time.Duration
		n    float64
		want time.Duration
	}{{0, 0, 2 * time.Second}, {0, 5, 2500 * ms}, {time.Second, 5, 1500 * ms}, {500 * ms, 5, 1500 * ms}, {2500 * ms, 5, 0}} {
		if got := b.Wait(c.now, c.n); got != c.want {
			t.Errorf("%g tokens at %v: %v, want %v", c.n, c.now, got, c.want)
		}
	}
}

// In any time from the start on, a bucket grants at most its burst and its rate, and a taker who never asks for more than there is
// gets all of it.
func TestNoScheduleOfTakesExceedsBurstAndRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := float64(rapid.IntRange(1, 5000).Draw(t, "rate"))
		burst := float64(rapid.IntRange(1, 5000).Draw(t, "burst"))
		b := NewBucket(rate, burst)
		var now, latest time.Duration
		granted := 0.0
		for range rapid.IntRange(1, 100).Draw(t, "takes") {
			now += time.Duration(rapid.IntRange(-100, 1000).Draw(t, "later")) * ms
			latest = max(latest, now)
			n := float64(rapid.IntRange(0, 6000).Draw(t, "n"))
			if b.Take(now, n) {
				granted += n
			}
			if most := burst + rate*latest.Seconds(); granted > most+1e-6 {
				t.Fatalf("%g granted by %v, at most %g are due", granted, latest, most)
			}
		}
	})
}

func TestTokensAreThereAfterTheWait(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate, burst := rapid.Float64Range(0.5, 1e6).Draw(t, "rate"), rapid.Float64Range(1, 1e6).Draw(t, "burst")
		b := NewBucket(rate, burst)
		b.Spend(0, rapid.Float64Range(0, 1e7).Draw(t, "spent"))
		n := rapid.Float64Range(0, burst).Draw(t, "n")
		wait := b.Wait(0, n)
		// A nanosecond for the fraction that a duration cannot hold, and one for the rounding of the sum.
		if !b.Take(wait+2*time.Nanosecond, n*(1-1e-12)) {
			t.Fatalf("%g tokens are not there after %v", n, wait)
		}
	})
}

func BenchmarkBucketTake(b *testing.B) {
	bucket := NewBucket(1e9, 1e9)
	now := time.Duration(0)
	for b.Loop() {
		now++
		if !bucket.Take(now, 1) {
			b.Fatal("refused")
		}
	}
}
