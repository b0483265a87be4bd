package harness_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/internal/queueing/worlds"
	"weir/measure/verdict"
	"weir/scenarios"
)

// fiveMinutes is the shortest hold that has a trend.
const fiveMinutes = 5 * time.Minute

func TestProveALoadOverItsLimitNeverPassesAndOneUnderItNeverFails(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("1,000 worlds of five minutes each, in virtual time: make prove runs them")
	}
	o := &overloads{T: t}
	o.prove(0, 1000)
	o.say()
}

// Of these eight, one has a hold that is long enough for a trend. The others have a bound on the age of what waits, which is half of what it comes to or more than
// twice as much.
func TestALoadOverItsLimitFailsAndOneUnderItPasses(t *testing.T) {
	o := &overloads{T: t}
	for _, sample := range []struct {
		seed  uint64
		limit worlds.Limit
		load  float64
		hold  time.Duration
	}{
		{18, worlds.Engine, 1.02, fiveMinutes},
		{18, worlds.Engine, 0.98, 30 * time.Second},
		{18, worlds.Shard, 1.5, 12 * time.Second},
		{18, worlds.Shard, 0.98, 12 * time.Second},
		{24, worlds.Output, 1.5, 8 * time.Second},
		{18, worlds.Function, 1.5, 30 * time.Second},
		{18, worlds.Table, 1.5, 20 * time.Second},
		{18, worlds.Table, 0.9, 30 * time.Second},
	} {
		t.Run(fmt.Sprint(sample.limit, " at ", sample.load), func(t *testing.T) {
			w, err := worlds.Of(sample.seed, sample.limit, sample.load, sample.hold)
			if err != nil {
				t.Fatal(err)
			}
			if sample.hold == fiveMinutes {
				o.world(t, w, trends(w))
				return
			}
			o.world(t, w, ages(w))
		})
	}
	o.say()
}

// ages are the expectations that nothing waits for too long, and the verdict that each has to come to.
func ages(w *worlds.World) map[string][]string {
	p := w.Passage(w.Scenario, time.Unix(1e9, 0), worlds.Slack{Poll: time.Second, OutputPoll: time.Second})
	age := w.Growing(p).Backlog().Most(0, worlds.Ever).Age
	if w.Load > 1 {
		return map[string][]string{fmt.Sprintf("backlog.%s.seconds <= %dms", w.Where, age.Milliseconds()/2): {verdict.Fail}}
	}
	return map[string][]string{fmt.Sprintf("backlog.%s.seconds <= %dms", w.Where, 2*age.Milliseconds()+2000): {verdict.Pass}}
}

// overloads are what came of many worlds.
type overloads struct {
	*testing.T
	worlds, wrong, inconclusive, off, figures atomic.Int64
}

// prove runs the worlds of so many seeds, two at a time.
func (o *overloads) prove(from, n uint64) {
	next := atomic.Uint64{}
	o.Run("worlds", func(t *testing.T) {
		for range 2 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for i := next.Add(1) - 1; i < n; i = next.Add(1) - 1 {
					w, err := worlds.New(from+i, fiveMinutes)
					if err != nil {
						t.Fatal(err)
					}
					o.world(t, w, trends(w))
				}
			})
		}
	})
}

// trends are the expectations that no backlog grows, and the verdicts that each may come to.
func trends(w *worlds.World) map[string][]string {
	places := []string{"input", "table"}
	if w.Scenario.Pipeline.Shape == scenarios.Routed {
		places[1] = "output"
	}
	expected := make(map[string][]string)
	for _, place := range places {
		text := "backlog." + place + ".trend <= 1%"
		switch {
		case w.Load > 1 && w.Blocks: // one of them grows in a straight line, and neither all the time
			expected[text] = []string{verdict.Fail, verdict.Inconclusive, verdict.Pass}
		case w.Load > 1 && w.Where == place:
			expected[text] = []string{verdict.Fail}
		default:
			expected[text] = []string{verdict.Pass}
		}
	}
	return expected
}

// world runs a world, and judges the run.
func (o *overloads) world(t *testing.T, w *worlds.World, expected map[string][]string) {
	t.Helper()
	expect(t, w.Scenario, expected)
	ran := runWorld(t, w)
	o.worlds.Add(1)
	o.judge(t, ran, expected)
	if w.Blocks {
		return
	}
	c := ran.compare()
	o.figures.Add(int64(c.seen))
	o.off.Add(int64(len(c.off)))
	for _, f := range c.worst() {
		t.Errorf("%s: %s", w.Scenario.Name, f)
	}
}

// judge holds the verdict of a run, and of each of its expectations, against what they have to be.
func (o *overloads) judge(t *testing.T, ran *overload, expected map[string][]string) {
	t.Helper()
	name, r := ran.Scenario.Name, &ran.result
	want := verdict.Pass
	if ran.Load > 1 {
		want = verdict.Fail
	}
	wrong := r.Verdict != want && r.Verdict != verdict.Inconclusive
	for _, e := range r.Expectations {
		may := append([]string{verdict.Inconclusive}, expected[e.Text]...)
		if len(may) == 1 {
			may[0] = verdict.Pass // lost and wrong
		}
		if !slices.Contains(may, e.Verdict) {
			wrong = true
			t.Errorf("%s: %s is %s (observed %s, %s)", name, e.Text, e.Verdict, observed(e.Observed), e.Reason)
		}
	}
	switch {
	case wrong:
		o.wrong.Add(1)
		t.Errorf("%s: the verdict is %s, and has to be %s: %q", name, r.Verdict, want, r.Reasons)
	case r.Verdict != want:
		o.inconclusive.Add(1)
		t.Logf("%s is inconclusive: %q", name, r.Reasons)
	}
}

func observed(value *float64) string {
	if value == nil {
		return "nothing"
	}
	return fmt.Sprintf("%.4g", *value)
}

// expect gives a scenario expectations.
func expect(t *testing.T, s *scenarios.Scenario, expected map[string][]string) {
	t.Helper()
	var list []string
	for text := range expected {
		list = append(list, text)
	}
	if err := s.Set("expect=[" + strings.Join(list, ", ") + "]"); err != nil {
		t.Fatal(err)
	}
	s.Resolve()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
}

// say says how many were right, and holds that against what is to be proved.
func (o *overloads) say() {
	n := o.worlds.Load()
	o.Logf("%d worlds: %d verdicts are wrong, %d inconclusive; %d of %d figures are off by more than a batch or a poll", n, o.wrong.Load(), o.inconclusive.Load(), o.off.Load(), o.figures.Load())
	if o.wrong.Load() > 0 || o.inconclusive.Load()*100 > 2*n {
		o.Errorf("of %d worlds none may be wrong, and 2 %% inconclusive", n)
	}
}
