package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"weir/measure"
)

func snapshot(seconds float64) measure.Snapshot {
	return measure.Snapshot{
		Seconds: seconds, OfferedPerSecond: 16_667, AckedPerSecond: 16_604, InputBacklog: 3356, InputBacklogSeconds: 0.28, WrittenP99: new(1248.7),
		AckedP99: new(42.1), Verdict: "pass", Written: 180_459, Read: 772_136,
	}
}

func TestAProgressLineSaysRateLatencyBacklogAndVerdict(t *testing.T) {
	want := " 1m24s  rate 16.6k of 16.7k/s   written p99 1249 ms    backlog input 3.36k, 0.3 s      pass so far"
	if got := progressLine(snapshot(84.01)); got != want {
		t.Errorf("\n%q, want\n%q", got, want)
	}
	s := snapshot(84.01)
	s.OutputBacklog, s.TableBacklog, s.TableBacklogSeconds = 4000, 4100, 12.8
	if got := progressLine(s); !strings.Contains(got, "backlog table 4.10k, 12.8 s ") {
		t.Errorf("%q names another place than that in which the most waits", got)
	}
	s = snapshot(3)
	s.WrittenP99, s.Verdict, s.Because = nil, "fail", "throttled == 0 (observed 7 records)"
	if got := progressLine(s); !strings.Contains(got, "written p99 – ") || !strings.HasSuffix(got, "fail so far: throttled == 0 (observed 7 records)") {
		t.Errorf("%q", got)
	}
}

func TestShortCounts(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 7: "7", 999: "999", 999.6: "1.00k", 1000: "1.00k", 9996: "10.0k", 123_456: "123k", 999_600: "1.00M", 1.5e6: "1.50M", 2.5e9: "2500M"} {
		if got := shortCount(n); got != want {
			t.Errorf("%g is %s, want %s", n, got, want)
		}
	}
}

// An hour's run leaves a hundred lines or so in a log, and says at once what has changed.
func TestPlainLinesComeEverMoreSeldomAndAtOnceWhereTheVerdictChanges(t *testing.T) {
	var out bytes.Buffer
	l := &lines{w: &out}
	for second := range 3600 {
		s := snapshot(float64(second + 1))
		if second >= 1999 {
			s.Verdict = "fail"
		}
		l.progress(s)
	}
	printed := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(printed) < 100 || len(printed) > 130 {
		t.Errorf("%d lines", len(printed))
	}
	for i := range 10 {
		if !strings.HasPrefix(strings.TrimSpace(printed[i]), fmt.Sprintf("%ds ", i+1)) {
			t.Errorf("line %d: %s", i, printed[i])
		}
	}
	for _, line := range printed {
		if failed := strings.Contains(line, "fail so far"); failed {
			if !strings.Contains(line, " 33m20s ") && !strings.HasPrefix(line, "33m20s ") {
				t.Errorf("the first that fails is %s", line)
			}
			break
		}
	}
}

func TestTheBoardShowsItsLines(t *testing.T) {
	var out bytes.Buffer
	b := newBoard(&out)
	b.progress(snapshot(84))
	b.close()
	texts := b.texts()
	for i, want := range []string{"16.6k of 16.7k/s records acknowledged", "written p99 1249 ms, acked p99 42 ms", "3.36k records, the oldest due 0.3 s ago", "180k written of 772k records in 1m24s", "pass so far"} {
		if !strings.Contains(texts[i], want) {
			t.Errorf("%s: %q, want %q", boardNames[i], texts[i], want)
		}
		if len(texts[i]) > 88 {
			t.Errorf("%s is too long for a terminal of 100 columns: %q", boardNames[i], texts[i])
		}
	}
}
