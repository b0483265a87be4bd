package replay

import (
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustSpeed(t testing.TB, text string) Pace {
	t.Helper()
	pace, err := ParseSpeed(text)
	if err != nil {
		t.Fatal(err)
	}
	return pace
}

func mustRate(t testing.TB, text string) Pace {
	t.Helper()
	pace, err := ParseRate(text)
	if err != nil {
		t.Fatal(err)
	}
	return pace
}

func TestScheduleIsTheRunningMaximumOfScaledEventTimes(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		name   string
		pace   Pace
		events []int64
		want   []time.Duration
	}{
		{"starts at once, whatever the epoch", mustSpeed(t, "1x"), []int64{1_357_020_000_000, 1_357_020_000_250}, []time.Duration{0, 250 * ms}},
		{"ties share a due time", mustSpeed(t, "2x"), []int64{0, 10, 10, 10, 20}, []time.Duration{0, 5 * ms, 5 * ms, 5 * ms, 10 * ms}},
		{"never falls", mustSpeed(t, "1x"), []int64{0, 30, 10, 20, 31}, []time.Duration{0, 30 * ms, 30 * ms, 30 * ms, 31 * ms}},
		{"older than the first", mustSpeed(t, "1x"), []int64{100, 50, 100, 101}, []time.Duration{0, 0, 0, 1 * ms}},
		{"before the epoch", mustSpeed(t, "1x"), []int64{-20, -10, 5}, []time.Duration{0, 10 * ms, 25 * ms}},
		{"across the whole range", mustSpeed(t, "1x"), []int64{math.MinInt64, math.MaxInt64}, []time.Duration{0, math.MaxInt64}},
		{"rate ignores event times", mustRate(t, "1k/s"), []int64{5, 5, 0, 9}, []time.Duration{0, ms, 2 * ms, 3 * ms}},
		{"max has no schedule", mustSpeed(t, "max"), []int64{0, 1000, 2000}, []time.Duration{0, 0, 0}},
	} {
		s := schedule{pace: test.pace}
		var got []time.Duration
		for _, at := range test.events {
			got = append(got, s.due(at))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestScheduleNeverDrifts(t *testing.T) {
	// A week of events, 7 s apart, at a speed that divides none of them.
	s := schedule{pace: mustSpeed(t, "2.333333333x")}
	const step, n = 7000, 7 * 24 * 3600 / 7
	var last time.Duration
	for i := range int64(n) {
		last = s.due(i * step)
	}
	exact := new(big.Int).Mul(big.NewInt((n-1)*step*1_000_000), big.NewInt(1_000_000_000))
	exact.Div(exact, big.NewInt(2_333_333_333))
	if last.Nanoseconds() != exact.Int64() {
		t.Errorf("%d ns, want %s", last.Nanoseconds(), exact)
	}
}

func TestScheduleEqualsRationalArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1, 999_999_999_999).Draw(t, "digits")
		decimals := rapid.IntRange(0, speedDecimals).Draw(t, "decimals")
		pace := newPace(bySpeed, nanosPerMilli*pow10(decimals), n, "")
		events := rapid.SliceOfN(rapid.Int64(), 1, 20).Draw(t, "events")
		s := schedule{pace: pace}
		var before time.Duration
		for i, at := range events {
			due := s.due(at)
			if due < before {
				t.Fatalf("due times fall from %d to %d", before, due)
			}
			before = due
			if want := exactDue(slices.Max(events[:i+1]), events[0], n, decimals); due != want {
				t.Fatalf("%d is due at %d, want %d", at, due, want)
			}
		}
	})
}

// exactDue is floor((newest − first) · 10⁶ · 10^decimals / n) without a bound on the numbers, cut to a Duration.
func exactDue(newest, first int64, n uint64, decimals int) time.Duration {
	x := new(big.Int).Sub(big.NewInt(newest), big.NewInt(first))
	x.Mul(x, new(big.Int).SetUint64(nanosPerMilli*pow10(decimals)))
	x.Div(x, new(big.Int).SetUint64(n))
	if !x.IsInt64() {
		return math.MaxInt64
	}
	return time.Duration(x.Int64())
}
