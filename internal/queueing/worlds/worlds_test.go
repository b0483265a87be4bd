package worlds

import (
	"math"
	"os"
	"testing"
	"time"

	"weir/internal/queueing"
	"weir/measure/verdict"
)

// growth is how a backlog grows over a hold, in percent of what enters it a second.
func growth(t *testing.T, w *World, b *queueing.Backlog) verdict.Growth {
	t.Helper()
	period := verdict.Period(w.Scenario.Periods())
	trend := verdict.NewTrend(period)
	var times []time.Duration
	for at := w.Hold[0] + time.Second; at <= w.Hold[1]; at += time.Second {
		times = append(times, at)
	}
	for i, e := range b.At(times...) {
		trend.Add(times[i]-w.Hold[0], e.Records)
	}
	length := w.Hold[1] - w.Hold[0]
	g, ok := trend.Growth(length, b.Entered(w.Hold[0], w.Hold[1])/length.Seconds())
	if !ok {
		t.Fatalf("%s has no trend: its period is %s", w.Scenario.Name, period)
	}
	return g
}

// A world is held against what its load is in times its limit, so the model alone has to say the same of it: the backlog in front of the limit grows where the
// load is over it, and no other does.
func TestAWorldIsOverItsLimitOrIsNot(t *testing.T) { overOrNot(t, 20, 10_000) }

func TestProveAWorldIsOverItsLimitOrIsNot(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("1,000 worlds by the model: make prove runs them")
	}
	overOrNot(t, 1000, math.MaxInt)
}

// overOrNot looks at so many worlds, but for those with more records.
func overOrNot(t *testing.T, worlds uint64, most int) {
	for seed := range worlds {
		w, err := New(seed, fiveMinutes)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.load) > most {
			continue
		}
		p := w.Passage(w.Scenario, time.Unix(1e9, int64(seed)*123_456_789), Slack{})
		for where, items := range map[string]Items{"input": p.Input, "output": p.Output, "table": p.Table} {
			if items == nil {
				continue
			}
			want := verdict.Pass
			if where == w.Where && w.Load > 1 {
				want = verdict.Fail
			}
			if g := growth(t, w, items.Backlog()); g.Verdict() != want {
				t.Errorf("%s: the backlog of the %s grows by %.2f ± %.2f %%, want %s", w.Scenario.Name, where, g.Percent, g.Margin, want)
			}
		}
	}
}
