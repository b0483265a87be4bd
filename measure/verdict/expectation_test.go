package verdict

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/result"
)

// measured is a run of which everything was measured.
func measured() *result.Result {
	latency := map[string]result.Latency{"written": {Count: 90, P50: 1, P90: 2, P99: 1500, P999: 4, Max: 5}}
	return &result.Result{
		Records: result.Records{Offered: 100, Acked: 99, Throttled: 7}, Rows: &result.Rows{Expected: 10, Matched: 9, Missing: 1, ByKind: map[string]int64{"order": 6, "a.b": 2}},
		Routes:  map[string]result.Route{"orders": {Hits: 6, Rows: 6, Misses: 4}, "a.b": {Rows: 2}},
		Rate:    result.Rate{Offered: new(600_000.0)},
		Latency: latency, Backlog: map[string]result.Backlog{"input": {Waited: result.Waited{MaxRecords: 50, MaxSeconds: new(2.5)}, BacklogTrend: result.BacklogTrend{TrendPercent: new(0.4), TrendMargin: new(0.7), Trend: Inconclusive}}},
		DrainedInMS: new(800.0),
		Phases: []result.Phase{{
			Name: "hold", Records: result.PhaseRecords{Throttled: 3}, Latency: map[string]result.Latency{"acked": {Count: 1, P99: 12}},
			Backlog: map[string]result.Backlog{"input": {Waited: result.Waited{MaxRecords: 5, MaxSeconds: new(0.5)}, BacklogTrend: result.BacklogTrend{TrendPercent: new(3.0), TrendMargin: new(0.5)}, ReadsThrottled: 2}},
		}},
	}
}

func TestExpectationsAreJudgedByWhatWasMeasured(t *testing.T) {
	for text, want := range map[string]string{
		"written.p99 <= 2s": Pass, "written.p99 <= 1499ms": Fail, "written.p99 <= 1.5s": Pass, "written.p99 < 1.5 s": Fail, "written.count == 90": Pass,
		"backlog.input.seconds <= 3s": Pass, "backlog.input.seconds <= 2s": Fail, "backlog.input.records<=50": Pass,
		"drained_in <= 1s": Pass, "drained_in <= 799ms": Fail,
		"throttled > 0": Pass, "throttled == 0": Fail, "records.throttled == 7 records": Pass, "acked != 99": Fail, "offered >= 0.1k": Pass,
		"throttled <= 3 during hold": Pass, "acked.p99 <= 11ms during hold": Fail, "backlog.input.seconds <= 500ms during hold": Pass,
		"wrong == 1": Pass, "rows.missing == 1 rows": Pass, "rows.by_kind.order == route.orders.rows": Pass, "rows.by_kind.a.b == 2": Pass, "rows.by_kind.none == 0": Pass,
		"rate.offered >= 10k/s": Pass, "rate.offered > 600k/min": Fail, "rate.offered <= 36M/h": Pass,
		"abort unless throttled <= 10": Pass, "  throttled   <=  10  ": Pass,
		"acked.p99 <= 1s": Inconclusive, "rate.achieved > 1/s": Inconclusive, "route.refunds.rows == 0": Inconclusive, "fired.p99 <= 1s during hold": Inconclusive,
		"backlog.input.trend <= 1%": Inconclusive, "backlog.input.trend <= 1.2%": Pass, "backlog.input.trend < -0.5%": Fail, "backlog.input.trend > -1%": Pass,
		"backlog.input.trend <= 1% during hold": Fail, "backlog.input.trend <= 5 % during hold": Pass, "backlog.output.trend <= 1%": Inconclusive,
		"backlog.output.records <= 1": Inconclusive, "backlog.input.reads_throttled == 2 during hold": Pass, "throttled == 0 during spike": Inconclusive,
		"route.a.b.rows == rows.by_kind.a.b": Pass, "throttled <= 10\n": Pass,
	} {
		e, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := e.Judge(measured()); got.Verdict != want || got.Text != strings.TrimSpace(text) {
			t.Errorf("%s: %+v, want %s", text, got, want)
		}
	}
}

// What the text and the observation do not say is in the reason.
func TestAJudgementSaysWhatItWasHeldAgainstOrWhyThereIsNone(t *testing.T) {
	for text, want := range map[string]string{
		"throttled == 0":                          "",
		"route.orders.rows == rows.missing":       "rows.missing is 1 rows",
		"acked.p99 <= 1s":                         "no latency of it was taken",
		"acked.p99 <= 1s during spike":            "the run did not come to the phase",
		"rows.expected == route.refunds.rows":     "the route did not run",
		"backlog.input.trend <= 1%":               "give or take 0.7 %",
		"backlog.output.records <= 1":             "nothing came to the stream",
		"backlog.output.trend <= 1%":              "no hold was long enough for a trend, or none came to its end",
		"fired.p99 <= written.p99 during hold":    "no latency of it was taken",
		"written.p99 <= fired.p99":                "no latency of it was taken",
		"rate.achieved > 1/s":                     "nothing was offered or acknowledged",
		"backlog.input.records <= offered":        "offered is 100 records",
		"acked.p99 <= acked.max during hold":      "acked.max is 0 ms",
		"rows.by_kind.order == route.orders.hits": "route.orders.hits is 6 rows",
	} {
		e, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := e.Judge(measured()).Reason; got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	e, _ := Parse("wrong == 0")
	if got := e.Judge(&result.Result{}); got.Verdict != Inconclusive || got.Reason != "the table was not proved" {
		t.Errorf("%+v", got)
	}
}

func TestADrainThatWasNotOverHasFailed(t *testing.T) {
	e, _ := Parse("drained_in <= 1h")
	r := measured()
	r.DrainedInMS = nil
	if got := e.Judge(r); got.Verdict != Fail || got.Observed != nil || got.Reason != "the drain was not over" {
		t.Errorf("%+v", got)
	}
}

func TestMistakesInAnExpectationHaveTheirPlaceAndAHint(t *testing.T) {
	for text, want := range map[string]SyntaxError{
		"":                          {1, `the name of what was measured is missing`, "written.p99"},
		"<= 2s":                     {1, `the name of what was measured is missing`, "written.p99"},
		"records.trottled <= 2":     {1, `nothing of the name`, "records.throttled"},
		"route.orders <= 2":         {1, `nothing of the name`, "route.NAME.rows"},
		"route..rows <= 2":          {1, `nothing of the name`, "route.NAME.rows"},
		"rows.by_kind. <= 2":        {1, `nothing of the name`, "rows.by_kind.NAME"},
		"written.p99 <= == 2s":      {16, `the name of what was measured is missing`, "written.p99"},
		"backlog.input.trend == 1%": {21, `never equal`, "backlog.input.trend <= 1%"},
		"backlog.input.trend <= backlog.output.trend": {24, `has a margin`, "backlog.input.trend <= 1%"},
		"späť.p99 <= 2s":                       {1, `nothing of the name`, ""},
		"throttled <= späť <= 2":               {14, `nothing of the name "späť" is measured`, ""},
		"throttled <= 1 späť 2":                {16, `there is "späť" behind`, ""},
		"acked.p99 <= 1s ü during":             {17, `there is "ü" behind`, ""},
		"writen.p99 <= 2s":                     {1, `nothing of the name "writen.p99" is measured`, "did you mean written.p99?"},
		"xyz <= 2":                             {1, `nothing of the name "xyz" is measured`, "docs/expectations.md"},
		"written.p99":                          {12, `the end is no comparison`, "<= <"},
		"written.p99 => 2s":                    {13, `"=>" is no comparison`, "<= <"},
		"written.p99 <=":                       {15, `there is nothing to compare with`, "written.p99 <= 2s"},
		"written.p99 <= 2":                     {16, `written.p99 is a time, and "2" is not`, "written.p99 <= 2s"},
		"throttled <= 2s":                      {14, `throttled is a number of records, and "2s" is not`, "throttled <= 10k"},
		"rate.offered > 600k":                  {16, `rate.offered is a rate`, "600k/min"},
		"throttled <= written.p99":             {14, `written.p99 is a time, and throttled is a number of records`, ""},
		"throttled <= 1 during":                {22, `the name of a phase is missing`, "during hold"},
		"throttled <= 1 for ever":              {16, `there is "for" behind`, "one expectation a line"},
		"abort if throttled <= 1":              {7, `"if" is not unless`, "abort unless"},
		"rows.by_kind <= 1":                    {1, `nothing of the name`, ""},
		"backlog.inptu.records <= 1":           {1, `nothing of the name`, "backlog.input.records"},
		"backlog.input.function.seconds <= 1s": {1, `nothing of the name "backlog.input.function.seconds" is measured`, "the backlog of the input has the parts harness, writer, stream, engine"},
		"backlog.output.engine.records <= 1":   {1, `nothing of the name`, "the backlog of the output has the parts writer, stream, function"},
		"backlog.table.writer.records <= 1":    {1, `nothing of the name`, "the backlog of the table has no parts: backlog.table.records"},
		"backlog.input.harness.bytes <= 1MiB":  {1, `nothing of the name`, "a record has no bytes before it is handed over: backlog.input.harness.records or .seconds"},
		"backlog.input.writer <= 1":            {1, `nothing of the name`, "backlog.input.writer.seconds, .records, .bytes or .trend"},
		"backlog.input.harness <= 1":           {1, `nothing of the name`, "backlog.input.harness.seconds, .records or .trend"},
		"backlog.stream.seconds <= 1s":         {1, `nothing of the name "backlog.stream.seconds" is measured`, "backlog.input.stream.seconds"},
		"backlog.table.reads_throttled == 0":   {1, `nothing of the name`, "did you mean backlog."},
		"throttled <= 1e3":                     {14, `throttled is a number of records`, ""},
		"throttled <= 1kk":                     {14, `throttled is a number of records`, ""},
	} {
		_, err := Parse(text)
		var got *SyntaxError
		if !errors.As(err, &got) {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got.Column != want.Column || !strings.Contains(got.Message, want.Message) || !strings.Contains(got.Hint, want.Hint) {
			t.Errorf("%s: column %d, %q, %q", text, got.Column, got.Message, got.Hint)
		}
	}
}

func TestWhatIsNeverMeasuredIsAMistake(t *testing.T) {
	routed := World{Routed: true, Routes: []string{"orders"}, Phases: []string{"ramp", "hold"}, Kinds: []string{"order"}}
	direct := World{Phases: []string{"hold"}}
	for _, test := range []struct {
		text  string
		world World
		want  string
	}{
		{"routed.p99 <= 1s", routed, ""},
		{"routed.p99 <= 1s", direct, "a direct pipeline has no output stream"},
		{"backlog.output.seconds <= 1s", direct, "a direct pipeline has no output stream"},
		{"backlog.output.function.seconds <= 1s", routed, ""},
		{"backlog.output.function.seconds <= 1s", direct, "a direct pipeline has no output stream"},
		{"route.orders.backlog.seconds <= 1s", direct, "a direct pipeline has no output stream"},
		{"route.order.backlog.seconds <= 1s", routed, `no route "order": there is orders`},
		{"route.orders.iterator_age <= 1s", direct, "a direct pipeline has no output stream"},
		{"backlog.input.writer.seconds <= 1s", direct, ""},
		{"backlog.table.seconds <= 1s", direct, ""},
		{"backlog.input.engine.trend <= 1%", World{Phases: []string{"hold"}, NoTrend: true}, "long enough"},
		{"route.orders.rows == rows.by_kind.order", routed, ""},
		{"route.order.rows == 1", routed, `no route "order": there is orders`},
		{"rows.by_kind.refund == 0", routed, `no kind "refund": there is order`},
		{"rows.by_kind.refund == 0", direct, ""},
		{"acked.p99 <= 1s during hold", direct, ""},
		{"acked.p99 <= 1s during peak", direct, `no phase "peak": there is hold`},
		{"drained_in <= 1s during hold", direct, "of the whole run"},
		{"acked.p99 <= 1s", World{ClosedLoop: true}, "cannot be judged"},
		{"acked.count > 1", World{ClosedLoop: true}, ""},
		{"backlog.input.seconds <= 1s", World{ClosedLoop: true}, "cannot be judged"},
		{"drained_in <= 1s", World{ClosedLoop: true}, "cannot be judged"},
		{"rate.achieved > 1/s", World{ClosedLoop: true}, ""},
		{"rows.missing == route.refunds.rows", routed, `no route "refunds": there is orders`},
		{"route.orders.rows == 1", direct, "a direct pipeline has no output stream"},
		{"backlog.input.trend <= 1%", routed, ""},
		{"backlog.input.trend <= 1% during hold", routed, ""},
		{"backlog.input.trend <= 1%", World{}, "a recording has no phase"},
		{"backlog.input.trend <= 1%", World{Phases: []string{"hold"}, NoTrend: true}, "long enough"},
		{"abort unless backlog.input.seconds <= 30s", direct, ""},
		{"abort unless late == 0", direct, ""},
		{"abort unless drained_in <= 1s", direct, "known at its end"},
		{"abort unless throttled >= 1", direct, "may yet become enough"},
		{"abort unless throttled == 1", direct, "may yet become enough"},
		{"abort unless throttled <= acked", direct, "two figures that change"},
		{"abort unless unread == 0", direct, "unread is known at its end"},
		{"abort unless skipped == 0", direct, "skipped is known at its end"},
		{"abort unless wrong == 0", direct, "wrong is known at its end"},
		{"abort unless rate.achieved <= 1/s", direct, "rate.achieved is known at its end"},
		{"abort unless backlog.input.trend <= 1%", direct, "backlog.input.trend is known at its end"},
		{"abort unless written.p99 < 1s", direct, ""},
		{"abort unless throttled != 1", direct, "may yet become enough"},
	} {
		e, err := Parse(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		err = e.Check(&test.world)
		if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", test.text, err, test.want)
		}
	}
}

func TestTheFirstBrokenExpectationThatMayEndsTheRun(t *testing.T) {
	var all []*Expectation
	for _, text := range []string{"throttled == 0", "abort unless backlog.input.records <= 50", "abort unless throttled <= 6"} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	if got := Broken(all, measured()); got != all[2] {
		t.Errorf("%v", got)
	}
	if got := Broken(all, &result.Result{}); got != nil {
		t.Errorf("%v broken, and nothing was measured", got)
	}
}

func TestEveryNameIsFoundAndItsExampleIsRead(t *testing.T) {
	for _, name := range knownNames() {
		m, ok := findMetric(name)
		if !ok {
			t.Errorf("%s is not found", name)
			continue
		}
		if _, err := Parse(m.example()); err != nil {
			t.Errorf("%s: %v", m.example(), err)
		}
		m.of(&result.Result{}) // must not panic
		if m.perPhase {
			m.during(&result.Phase{})
		}
	}
}

// Whatever the text, there is an expectation that reads the same again, or a place in the text.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"written.p99 <= 2s", "abort unless backlog.input.seconds<=30s", "rows.by_kind.order == route.orders.rows during hold", "rate.offered > 6.5M/h", "ü == 1", "throttled != -3 records", "a.b.c <", "<=>=", "late == 1 during \t x", "backlog.input.trend <= 1% during hold", "route.a.b.rows != 1k\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Column < 1 || syntax.Column > len(text)+1 {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		again, err := Parse(e.String())
		if err != nil {
			t.Fatalf("%q is read, and %q is not: %v", text, e, err)
		}
		if diff := cmp.Diff(e.Judge(measured()), again.Judge(measured())); diff != "" {
			t.Error(diff)
		}
		if got := e.Judge(&result.Result{}); got.Verdict == Pass && e.metric.unit != records {
			t.Errorf("%q passes, and nothing was measured", e)
		}
		for _, world := range []World{{}, {Routed: true, Routes: []string{"a"}, Kinds: []string{"b"}, Phases: []string{"hold"}}} {
			if err := e.Check(&world); err != nil && err.Error() == "" {
				t.Error("an error says nothing")
			}
		}
	})
}

// The page has every name, and says of which a phase has its own, and which are known while a run goes on.
func TestThePageHasEveryName(t *testing.T) {
	text, err := os.ReadFile("../../docs/expectations.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, name := range knownNames() {
		m, _ := findMetric(name)
		if last := m.parts[len(m.parts)-1]; !strings.Contains(page, "`"+name+"`") && !strings.Contains(page, "."+last+"`") && !strings.Contains(page, "`"+last+"`") {
			t.Errorf("%s is not on the page", name)
		}
	}
	for line := range strings.Lines(page) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			continue
		}
		for i, name := range strings.Split(cells[1], "`") {
			m, ok := findMetric(name)
			if i%2 == 0 || !ok {
				continue
			}
			if yes := strings.TrimSpace(cells[3]) == "yes"; yes != m.perPhase {
				t.Errorf("%s of a phase: %t on the page", name, yes)
			}
			if yes := strings.TrimSpace(cells[4]) == "yes"; yes != m.live {
				t.Errorf("%s while it runs: %t on the page", name, yes)
			}
		}
	}
}
