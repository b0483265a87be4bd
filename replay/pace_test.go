package replay

import (
	"math"
	"testing"
	"time"
)

func TestSpeedScalesEventTimeExactly(t *testing.T) {
	const day = 24 * 3600 * 1000 // ms
	for _, test := range []struct {
		speed string
		ms    uint64
		want  time.Duration
	}{
		{"1", 0, 0},
		{"1", 1, time.Millisecond},
		{"1x", 1500, 1500 * time.Millisecond},
		{"60x", 60_000, time.Second},
		{"60x", 1, 16_666}, // 16,666.67 ns, rounded down
		{"0.5x", 1000, 2 * time.Second},
		{"0.000000001x", 1, 1_000_000 * time.Second},
		{"3x", 3 * 365 * day, 365 * 24 * time.Hour}, // as exact after a year as after a second
		{"525600x", 365 * day, time.Minute},
		{"999999999999x", math.MaxUint64, 18_446_744_073_727},
		{"89280x", 31 * day, 30 * time.Second},
		{"1.5", 3000, 2 * time.Second},
		{"1", math.MaxUint64, math.MaxInt64}, // beyond 292 years there is no Duration
		{"0.000001", math.MaxInt64, math.MaxInt64},
		{"1", 9_223_372_036_854, 9_223_372_036_854 * time.Millisecond}, // the last whole millisecond of a Duration
		{"1", 9_223_372_036_855, math.MaxInt64},
	} {
		pace, err := ParseSpeed(test.speed)
		if err != nil {
			t.Fatal(err)
		}
		if got := pace.at(test.ms); got != test.want {
			t.Errorf("%d ms at %s are due after %d ns, want %d", test.ms, test.speed, got, test.want)
		}
	}
}

func TestRateSpacesRecordsExactly(t *testing.T) {
	for _, test := range []struct {
		rate string
		i    uint64
		want time.Duration
	}{
		{"100/s", 0, 0},
		{"100/s", 1, 10 * time.Millisecond},
		{"3/s", 1, 333_333_333},
		{"3/s", 3_000_000, 1_000_000 * time.Second}, // no third of a nanosecond adds up
		{"10k/s", 10_000, time.Second},
		{"600k/min", 600_000, time.Minute},
		{"1.5M/h", 1_500_000, time.Hour},
		{"0.5/s", 1, 2 * time.Second},
		{"0.000001/h", 1, 3_600_000_000 * time.Second},
		{"999999999999M/s", 999_999_999_999_000_000, time.Second},
		{"1/h", math.MaxUint64, math.MaxInt64},
	} {
		pace, err := ParseRate(test.rate)
		if err != nil {
			t.Fatal(err)
		}
		if got := pace.at(test.i); got != test.want {
			t.Errorf("record %d at %s is due after %d ns, want %d", test.i, test.rate, got, test.want)
		}
	}
}

func TestPacesThatMeanNothingAreRefused(t *testing.T) {
	for _, speed := range []string{
		"", "x", "0", "0x", "0.0x", "-1x", "+1", "1e3", "60 x", "60xx", "fast", "Max", ".5", "5.", "1.2.3", "NaN", "Inf",
		"1000000000000", "0.0000000001", "１x",
	} {
		if pace, err := ParseSpeed(speed); err == nil {
			t.Errorf("speed %q passed as %v", speed, pace)
		}
	}
	for _, rate := range []string{
		"", "/s", "10", "10/", "10/d", "10/sec", "0/s", "0k/s", "-1/s", "k/s", "10K/s", "10kk/s", "10kM/s", "1.0000001/s", "10/s/s", "10 /s", "max",
	} {
		if pace, err := ParseRate(rate); err == nil {
			t.Errorf("rate %q passed as %v", rate, pace)
		}
	}
}

func TestPaceSaysWhatItIs(t *testing.T) {
	for text, want := range map[string]string{"1": "1x", "60x": "60x", "0.5": "0.5x", "max": "max"} {
		pace, err := ParseSpeed(text)
		if err != nil || pace.String() != want || pace.Max() != (text == "max") {
			t.Errorf("%s is %s, max %t, %v", text, pace, pace.Max(), err)
		}
	}
	if rate, err := ParseRate("600k/min"); err != nil || rate.String() != "600k/min" || rate.Max() {
		t.Error(rate, err)
	}
	if zero := (Pace{}); zero.String() != "1x" || zero.at(7) != 7*time.Millisecond {
		t.Error(zero, zero.at(7))
	}
}
