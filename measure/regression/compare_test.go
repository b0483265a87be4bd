package regression

import (
	"math"
	"strings"
	"testing"
	"time"

	"weir/measure/verdict"
	"weir/result"
)

// timed is a run whose written p50 is so many milliseconds.
func timed(ms float64) Run {
	return Run{Result: &result.Result{Verdict: verdict.Pass, Latency: map[string]result.Latency{"written": {Count: 10, P50: ms}}}}
}

func gateOf(t *testing.T, text string) Gate {
	t.Helper()
	gate, err := ParseGate(text, DefaultRelative)
	if err != nil {
		t.Fatal(err)
	}
	return gate
}

func pairsOf(n int, a, b func(i int) float64) []Pair {
	pairs := make([]Pair, n)
	for i := range pairs {
		pairs[i] = Pair{A: timed(a(i)), B: timed(b(i))}
	}
	return pairs
}

func TestVerdictOfOneMetric(t *testing.T) {
	flat := func(ms float64) func(int) float64 { return func(i int) float64 { return ms * (1 + float64(i%3)/1000) } }
	wild := func(ms float64) func(int) float64 {
		return func(i int) float64 { return ms * (1 + float64((i*7)%10)/10) }
	}
	for name, test := range map[string]struct {
		pairs  []Pair
		gate   string
		want   string
		reason string
	}{
		"slower":                      {pairs: pairsOf(6, flat(100), flat(120)), want: Regressed, reason: "+20 % ("},
		"faster":                      {pairs: pairsOf(6, flat(100), flat(80)), want: Improved, reason: "-20 % (-20"},
		"the same":                    {pairs: pairsOf(6, flat(100), flat(100)), want: Same, reason: "within 5 %"},
		"less than the floor":         {pairs: pairsOf(8, flat(100), flat(103)), want: Same, reason: "within 5 %"},
		"less than a floor of 30 %":   {pairs: pairsOf(8, flat(100), flat(120)), gate: "written.p50=30%", want: Same, reason: "within 30 %"},
		"less than the absolute one":  {pairs: pairsOf(8, flat(10), flat(14)), want: Same, reason: "within 50"},
		"both below the absolute one": {pairs: pairsOf(8, flat(0.1), flat(4)), want: Same, reason: "within 100 %"},
		"five pairs":                  {pairs: pairsOf(5, flat(100), flat(300)), want: Inconclusive, reason: "5 pairs cannot have an interval of 95 %: that takes 6"},
		"one pair":                    {pairs: pairsOf(1, flat(100), flat(300)), want: Inconclusive, reason: "1 pair cannot have"},
		"no pair":                     {want: Inconclusive, reason: "there is no run of both sides"},
		"a wide spread":               {pairs: pairsOf(8, flat(100), wild(90)), want: Inconclusive, reason: "pairs would tell"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.gate == "" {
				test.gate = "written.p50"
			}
			m := Paired([]Gate{gateOf(t, test.gate)}, test.pairs)[0]
			if m.Verdict != test.want || !strings.Contains(m.Reason, test.reason) {
				t.Errorf("%s: %s", m.Verdict, m.Reason)
			}
		})
	}
}

func TestARateIsBetterTheHigherItIs(t *testing.T) {
	rated := func(rate float64) Run { return Run{Result: &result.Result{Rate: result.Rate{Achieved: &rate}}} }
	var pairs []Pair
	for range 6 {
		pairs = append(pairs, Pair{A: rated(1000), B: rated(500)})
	}
	if m := Paired([]Gate{gateOf(t, "rate.achieved")}, pairs)[0]; m.Verdict != Regressed || *m.Change > -49 || *m.Change < -51 {
		t.Errorf("%s: %s", m.Verdict, m.Reason)
	}
}

func TestAMetricThatWasNotMeasuredIsNeverANumber(t *testing.T) {
	pairs := pairsOf(8, func(int) float64 { return 100 }, func(int) float64 { return 100 })
	all := Paired(Defaults(DefaultRelative), pairs)
	for _, m := range all[1:] { // the p99 of these runs is 0, which is measured
		if m.Name == "written.p99" {
			continue
		}
		if m.Verdict != NotMeasured || m.A != nil || m.Change != nil || m.P != nil {
			t.Errorf("%s: %+v", m.Name, m)
		}
	}
	asked := Paired([]Gate{gateOf(t, "drained_in"), gateOf(t, "written.p50")}, pairs)
	if m := asked[0]; m.Verdict != Inconclusive || m.Reason != "not measured in any run: the drain was not over" {
		t.Errorf("%s: %s", m.Verdict, m.Reason)
	}
	if asked[1].Verdict != Same {
		t.Errorf("%+v", asked[1])
	}
	pairs[3].B.Result = &result.Result{}
	if m := Paired([]Gate{gateOf(t, "written.p50")}, pairs)[0]; m.Verdict != Inconclusive || m.Change != nil ||
		m.Reason != "not measured in 0 of 8 runs of A and in 1 of 8 of B: no latency of it was taken" {
		t.Errorf("%+v", m)
	}
	for i := range pairs {
		pairs[i].A.Result.ClosedLoop = true
	}
	if m := Paired([]Gate{gateOf(t, "written.p50")}, pairs)[0]; m.Verdict != Inconclusive || m.A != nil {
		t.Errorf("a closed loop: %+v", m)
	}
}

func TestWithSevenMetricsSixPairsAreTooFewAndNineAreNot(t *testing.T) {
	slower := func(n int) string {
		var pairs []Pair
		for i := range n {
			a := (&world{random: seeded(uint64(i)), draw: normal, spread: 0.001}).run(same)
			b := (&world{random: seeded(uint64(i + 100)), draw: normal, spread: 0.001}).run(func(int) float64 { return 1.5 })
			pairs = append(pairs, Pair{A: a, B: b})
		}
		c := result.Comparison{Metrics: Paired(Defaults(DefaultRelative), pairs)}
		Decide(&c, Facts{})
		return c.Verdict
	}
	if got := slower(6); got != Inconclusive {
		t.Errorf("6 pairs: %s", got)
	}
	if got := slower(9); got != Regressed {
		t.Errorf("9 pairs: %s", got)
	}
}

func TestUnpairedRunsAreComparedByTheirRanks(t *testing.T) {
	runs := func(n int, ms float64) (all []Run) {
		for i := range n {
			all = append(all, timed(ms+float64(i)/10))
		}
		return all
	}
	gates := []Gate{gateOf(t, "written.p50")}
	if m := Unpaired(gates, runs(10, 100), runs(5, 150), nil)[0]; m.Verdict != Regressed {
		t.Errorf("%s: %s", m.Verdict, m.Reason)
	}
	if m := Unpaired(gates, runs(10, 100), runs(5, 100), nil)[0]; m.Verdict != Same {
		t.Errorf("%s: %s", m.Verdict, m.Reason)
	}
	if m := Unpaired(gates, runs(1, 100), runs(1, 900), nil)[0]; m.Verdict != Inconclusive || !strings.Contains(m.Reason, "1 run of each side cannot") {
		t.Errorf("%s: %s", m.Verdict, m.Reason)
	}
	// A baseline that is known to be noisy is believed, however alike its runs are this time.
	noisy := map[string]float64{"written.p50": 1}
	if m := Unpaired(gates, runs(10, 100), runs(5, 150), noisy)[0]; m.Verdict != Inconclusive {
		t.Errorf("%s: %s", m.Verdict, m.Reason)
	}
}

// A baseline of two runs that have nothing to do with each other knows a noise beyond any number: it is a number all the same, for it is written down.
func TestNoiseBeyondMeasureIsANumber(t *testing.T) {
	gates, a := []Gate{gateOf(t, "written.p50")}, []Run{timed(10), timed(1e6)}
	b := make([]Run, 8)
	for i := range b {
		b[i] = timed(1e7)
	}
	m := Unpaired(gates, a, b, NoiseOf(gates, a))[0]
	if m.Verdict != Inconclusive || math.IsInf(*m.Noise, 0) || *m.Noise < 1e6 {
		t.Errorf("%s: %s, noise %v", m.Verdict, m.Reason, *m.Noise)
	}
}

func TestNoiseOfABaselineIsTheDeviationOfItsLogarithms(t *testing.T) {
	noise := NoiseOf([]Gate{gateOf(t, "written.p50"), gateOf(t, "drained_in")}, []Run{timed(100), timed(100 * math.E), timed(100 * math.E * math.E)})
	near(t, "noise", noise["written.p50"], 1, 1e-12)
	if _, ok := noise["drained_in"]; ok {
		t.Error("what was not measured has no noise")
	}
}

func TestDecideTakesTheFirstThatApplies(t *testing.T) {
	ran := func(code int, verdict string) []Run {
		return []Run{{Folder: "run", Result: &result.Result{Verdict: verdict, ExitCode: code, Reasons: []string{"lost: 1 record"}}}}
	}
	for name, test := range map[string]struct {
		metrics []string
		facts   Facts
		want    string
		code    int
	}{
		"all the same":                         {metrics: []string{Same, NotMeasured}, want: Same, code: 0},
		"one better":                           {metrics: []string{Same, Improved}, want: Improved, code: 0},
		"one better and one unclear":           {metrics: []string{Inconclusive, Improved}, want: Inconclusive, code: 20},
		"one worse and one unclear":            {metrics: []string{Inconclusive, Improved, Regressed}, want: Regressed, code: 11},
		"nothing measured":                     {metrics: []string{NotMeasured}, want: Inconclusive, code: 20},
		"void":                                 {metrics: []string{Regressed}, facts: Facts{Void: "void"}, want: verdict.Void, code: 21},
		"interrupted":                          {metrics: []string{Same}, facts: Facts{Interrupted: true, Void: "void"}, want: verdict.Interrupted, code: 130},
		"broken":                               {metrics: []string{Same}, facts: Facts{Interrupted: true, Err: "no endpoint"}, want: verdict.Error, code: 1},
		"lost in B alone":                      {metrics: []string{Same}, facts: Facts{A: ran(0, "pass"), B: ran(12, "fail")}, want: Regressed, code: 11},
		"lost in both":                         {metrics: []string{Same}, facts: Facts{A: ran(12, "fail"), B: ran(12, "fail")}, want: Same, code: 0},
		"an expectation of B alone has failed": {metrics: []string{Same}, facts: Facts{A: ran(0, "pass"), B: ran(10, "fail")}, want: Same, code: 0},
	} {
		t.Run(name, func(t *testing.T) {
			var c result.Comparison
			for _, v := range test.metrics {
				c.Metrics = append(c.Metrics, result.ComparedMetric{Name: "m", Verdict: v})
			}
			Decide(&c, test.facts)
			if c.Verdict != test.want || c.ExitCode != test.code {
				t.Errorf("%s, %d: %q", c.Verdict, c.ExitCode, c.Reasons)
			}
		})
	}
}

func TestGatesThatCannotBeAreMistakes(t *testing.T) {
	for _, text := range []string{"", "written", "written.p98", "written.count", "offered", "backlog.input.trend", "backlog.input.writer.trend", "backlog.input.harness.bytes", "route.orders.rows", "rows.matched", "written.p50=", "written.p50=5", "written.p50=-1%", "written.p50=0%", "written.p50=NaN%"} {
		if _, err := ParseGate(text, DefaultRelative); err == nil {
			t.Errorf("%q is a gate", text)
		}
	}
	for text, absolute := range map[string]float64{
		"acked.p999=2.5%": 5, "backlog.output.seconds": 250, "backlog.input.seconds": 250, "backlog.input.engine.seconds": 250,
		"backlog.input.writer.seconds": 5, "backlog.input.harness.seconds": 5, "backlog.output.writer.seconds": 250, "backlog.table.seconds": 250, "backlog.input.bytes": 64 << 10,
		"backlog.input.writer.records": 100, "iterator_age": 250, "route.orders.iterator_age": 250, "route.orders.backlog.seconds": 250, "route.orders.backlog.records": 100, "throttled": 100, "records.late": 100, "cpu_per_record": 1, "throttled_share": 0.1, "rate.achieved": 60,
	} {
		if gate := gateOf(t, text); gate.Absolute != absolute {
			t.Errorf("%s: an absolute floor of %v", text, gate.Absolute)
		}
	}
}

func TestCPUPerRecordLeavesOutTheSecondsThatAreNotKnown(t *testing.T) {
	if CPUPerRecord(nil) != nil || CPUPerRecord(&result.Table{}) != nil {
		t.Error("there is none without a series")
	}
	folder, err := result.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	series, err := folder.CreateSeries([]string{"acked", "harness_cpu_cores"})
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range [][]float64{{9000, math.NaN()}, {1000, 0.5}, {3000, 1.5}} {
		if err := series.Write(time.Duration(i+1)*time.Second, line); err != nil {
			t.Fatal(err)
		}
	}
	if err := series.Close(); err != nil {
		t.Fatal(err)
	}
	table, err := folder.ReadSeries()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "µs a record", *CPUPerRecord(table), 2e6/4000, 1e-9)
}
