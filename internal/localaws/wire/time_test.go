package wire

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestATimeIsWrittenInSeconds(t *testing.T) {
	for at, want := range map[Time]string{
		0: "0", 1: "0.001", 1000: "1", 1010: "1.01", 1_700_000_000_123: "1700000000.123", -1: "-0.001", -1500: "-1.5",
		math.MaxInt64: "9223372036854775.807", math.MinInt64: "-9223372036854775.808",
	} {
		if got, err := json.Marshal(at); err != nil || string(got) != want {
			t.Errorf("%d ms is %s, %v; want %s", int64(at), got, err, want)
		}
	}
}

func TestATimeIsReadToTheMillisecond(t *testing.T) {
	for text, want := range map[string]Time{
		"1.7e9": 1_700_000_000_000, "0.0004": 0, "0.0006": 1, "-1e-300": 0, "1e300": math.MaxInt64, "-1e300": math.MinInt64, "null": 0,
	} {
		var got Time
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{`"1"`, `{}`, `true`} {
		if err := json.Unmarshal([]byte(text), new(Time)); err == nil {
			t.Errorf("%s is taken for a time", text)
		}
	}
}

func TestATimeOfTheseAgesComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Time(rapid.Int64Range(-1<<43, 1<<43).Draw(t, "ms"))
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Time
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Fatalf("%d came back as %d, %v", want, got, err)
		}
	})
}
