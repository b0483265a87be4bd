package scenarios

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestUnitsLeaveOutWhatIsZero(t *testing.T) {
	for want, u := range map[string]unit{
		"1h": new(Duration(time.Hour)), "1h30m": new(Duration(90 * time.Minute)), "5m": new(Duration(5 * time.Minute)),
		"250ms": new(Duration(250 * time.Millisecond)), "1m1s": new(Duration(61 * time.Second)), "10s": new(Duration(10 * time.Second)), "0s": new(Duration(0)),
		"1h0m1s": new(Duration(time.Hour + time.Second)),
		"64MiB":  new(Size(64 << 20)), "200B": new(Size(200)), "1KiB": new(Size(1024)), "1025B": new(Size(1025)), "2GiB": new(Size(2 << 30)), "0B": new(Size(0)),
		"500": new(Count(500)), "2k": new(Count(2000)), "1500": new(Count(1500)), "3M": new(Count(3_000_000)), "0": new(Count(0)),
		"1%": new(Share(0.01)), "0.5%": new(Share(0.005)), "100%": new(Share(1)), "0%": new(Share(0)), "12.25%": new(Share(0.1225)), "0.0001%": new(Share(0.000001)), "150%": new(Share(1.5)),
		"600k/min": &Rate{600_000, time.Minute}, "0/s": &Rate{}, "1.5/h": &Rate{1.5, time.Hour}, "1M/s": &Rate{1e6, time.Second}, "1234/s": &Rate{1234, time.Second},
		"0s..800ms": &Range[Duration]{0, Duration(800 * time.Millisecond)}, "-5..10.5": &Range[Number]{-5, 10.5},
	} {
		if u.String() != want {
			t.Errorf("%s, want %s", u, want)
		}
	}
}

func TestUnitsAreRead(t *testing.T) {
	for text, test := range map[string]struct{ into, want unit }{
		"1.5k":     {new(Count), new(Count(1500))},
		"1.5M/h":   {new(Rate), &Rate{1_500_000, time.Hour}},
		"0.1k/min": {new(Rate), &Rate{100, time.Minute}},
		"0/min":    {new(Rate), &Rate{0, time.Minute}},
		"0.29%":    {new(Share), new(Share(0.0029))}, // 0.29/100 is 0.0028999999999999998
		"-0.5":     {new(Number), new(Number(-0.5))},
		"1B..2KiB": {new(Range[Size]), &Range[Size]{1, 2048}},
		"1.5m":     {new(Duration), new(Duration(90 * time.Second))},
	} {
		if err := test.into.Set(text); err != nil || test.into.String() != test.want.String() {
			t.Errorf("%s is %s, want %s: %v", text, test.into, test.want, err)
		}
	}
	share := new(Share)
	if err := share.Set("0.29%"); err != nil || *share != 0.0029 {
		t.Errorf("0.29%% is %v: %v", float64(*share), err)
	}
}

func TestUnitsRefuseWhatIsNotOne(t *testing.T) {
	for name, test := range map[string]struct {
		into  unit
		texts []string
	}{
		"duration": {new(Duration), []string{"", "10", "0", "-5s", "+5s", "5 s", ".5s", "5.s", "1d", "9999999h", "1e3s"}},
		"size":     {new(Size), []string{"", "10", "B", "-1B", "1.5KiB", "2kB", "2k", "2MB", "9999999999GiB", "4611686018427387905B", "+1B"}},
		"count":    {new(Count), []string{"", "k", "1.5", "2K", "-1", "2kk", "2kM", "1e3", "9007199254740993k", "1_000"}},
		"number":   {new(Number), []string{"", "1e5", "inf", "NaN", "0x10", ".5", "5.", "--1", "1_000"}},
		"share":    {new(Share), []string{"", "1", "%", "-1%", "1 %", "0.01", "1%%", "1e1%"}},
		"rate":     {new(Rate), []string{"", "600k", "600k/", "/s", "-1/s", "600k/m", "600k/minute", "1/s/s", "600 k/s", "NaN/s"}},
		"range":    {new(Range[Duration]), []string{"", "1s", "..", "1s..", "..1s", "1s..2", "1s...2s", "1..2"}},
	} {
		before := test.into.String()
		for _, text := range test.texts {
			if err := test.into.Set(text); err == nil {
				t.Errorf("%s: %q passed as %s", name, text, test.into)
			}
			if name != "range" && test.into.String() != before {
				t.Errorf("%s: %q left %s behind", name, text, test.into)
			}
		}
	}
}

func TestUnitsReadWhatTheyWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share, rate, number := Share(drawFloat(t, 0)), Rate{drawFloat(t, 0), time.Minute}, Number(drawFloat(t, -1e300))
		var share2 Share
		var rate2 Rate
		var number2 Number
		for u, text := range map[unit]string{&share2: share.String(), &rate2: rate.String(), &number2: number.String()} {
			if err := u.Set(text); err != nil {
				t.Fatal(err)
			}
		}
		if share2 != share || rate2 != rate || number2 != number {
			t.Fatalf("%v %v %v, want %v %v %v", share2, rate2, number2, share, rate, number)
		}
	})
}

func TestRateIsOfItsUnitOfTime(t *testing.T) {
	for want, rate := range map[float64]Rate{10_000: {600_000, time.Minute}, 2: {7200, time.Hour}, 5: {5, time.Second}, 7: {Records: 7}} {
		if got := rate.PerSecond(); got != want {
			t.Errorf("%s is %v a second, want %v", rate, got, want)
		}
	}
}
