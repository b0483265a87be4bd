package measure

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"

	"weir/measure/backlog"
	"weir/measure/verdict"
	"weir/record"
	"weir/result"
)

var schedule = []Phase{
	{Name: "warmup", End: 10 * time.Second},
	{Name: "hold", Start: 10 * time.Second, End: 20 * time.Second},
	{Name: "spike", Start: 20 * time.Second, End: 22 * time.Second},
	{Name: "hold", Start: 22 * time.Second, End: 30 * time.Second},
}

func TestATimeIsInThePhaseOfTheSchedule(t *testing.T) {
	p := newPhases(schedule)
	c := cursor{phases: p}
	if got := c.at(15 * time.Second); got != noPhase {
		t.Errorf("before the feed began: %d", got)
	}
	p.begun.Store(int64(5 * time.Second))
	for _, test := range []struct {
		at   time.Duration
		want string
	}{
		{5 * time.Second, "warmup"},
		{15*time.Second - 1, "warmup"},
		{15 * time.Second, "hold"},
		{26 * time.Second, "spike"},
		{28 * time.Second, "hold"},
		{16 * time.Second, "hold"},
		{4 * time.Second, ""},
		{35*time.Second - 1, "hold"},
		{35 * time.Second, ""},
	} {
		got := ""
		if n := c.at(test.at); n != noPhase {
			got = p.names[n]
		}
		if got != test.want {
			t.Errorf("%s is in %q, want %q", test.at, got, test.want)
		}
	}
}

func TestALatencyBelongsToThePhaseItCountsFrom(t *testing.T) {
	p := newPhases(schedule)
	p.begun.Store(0)
	point := newPoint("acked", p)
	// Due in the warm-up, in the hold and in the spike, all acknowledged in the spike; one was due before the feed, one after it.
	at := 21 * time.Second
	for _, due := range []time.Duration{9 * time.Second, 19 * time.Second, 20 * time.Second, -time.Second} {
		point.record(at, 1, func(int) time.Duration { return at - due })
	}
	point.settle()
	for _, when := range []string{"before the take", "after it"} {
		for n, want := range []int64{1, 1, 1} {
			if got, _ := point.during(n); got.Count != want {
				t.Errorf("%s, %s: %d, want %d", when, p.names[n], got.Count, want)
			}
		}
		if got, _ := point.during(1); got.Max < 1999 || got.Max > 2002 {
			t.Errorf("%s, hold: %v", when, got)
		}
		// What the warm-up measured is in its own latencies alone.
		if got, _ := point.summary(); got.Count != 3 || got.Max < 21_999 {
			t.Errorf("%s, the run: %+v, want 3 samples", when, got)
		}
		shown := make(map[string]int64)
		err := point.take(func(tag string, h *hdrhistogram.Histogram) error {
			shown[tag] += h.TotalCount()
			return nil
		})
		if want := map[string]int64{"acked": 3, "acked.warmup": 1}; when == "before the take" && !cmp.Equal(want, shown) || err != nil {
			t.Errorf("shown %v, %v", shown, err)
		}
	}
}

func TestARecordIsOfferedInThePhaseThatItIsDueIn(t *testing.T) {
	p := newPhases(schedule)
	p.begun.Store(int64(time.Second))
	var records []record.Record
	for _, due := range []float64{0, 1, 1, 11, 10.9, 12, 21, 23, 30.99, 31, 40, 2} {
		records = append(records, record.Record{Due: time.Duration(due * float64(time.Second))})
	}
	p.offer(records[:2])
	p.offer(records[2:])
	var got []int64
	for i := range p.offered {
		got = append(got, p.offered[i].Load())
	}
	if d := cmp.Diff([]int64{4, 2, 1, 2}, got); d != "" {
		t.Errorf("offered (-want +got):\n%s", d)
	}
}

func TestTheEdgesOfThePhases(t *testing.T) {
	p := newPhases([]Phase{{Name: "a", Start: time.Second, End: 2 * time.Second}, {Name: "b", Start: 2 * time.Second, End: 3 * time.Second}, {Name: "c", Start: 5 * time.Second, End: 6 * time.Second}})
	if at, ok := p.edge(0); ok {
		t.Errorf("before the feed, the next edge is %s", at)
	}
	p.begun.Store(int64(10 * time.Second))
	var edges []time.Duration
	for at, ok := p.edge(0); ok; at, ok = p.edge(at) {
		edges = append(edges, at/time.Second)
	}
	if d := cmp.Diff([]time.Duration{11, 12, 13, 15, 16}, edges); d != "" {
		t.Errorf("edges (-want +got):\n%s", d)
	}
	p.ended.Store(int64(14 * time.Second))
	if at, ok := p.edge(14 * time.Second); ok {
		t.Errorf("after the feed, the next edge is %s", at)
	}
}

// glimpse is what there is to see: counts as counterNames has them, and what waits in the input's stream.
func glimpse(at time.Duration, acked, late, readsThrottled int64, waiting ...backlog.Extent) sight {
	sum := backlog.None
	for _, e := range waiting {
		sum = sum.Plus(e)
	}
	whole := partSight{now: sum, recent: backlog.Most{Records: sum.Records, Age: sum.Age(at)}}
	part := whole
	part.name = result.StreamPart
	return sight{
		at:     at,
		totals: []int64{0, 0, acked, 0, 0, 0, late, 0, 0},
		places: map[string]placeSight{result.InputBacklog: {whole: whole, parts: []partSight{part}, throttled: readsThrottled}},
	}
}

func lying(records int64, due time.Duration) []backlog.Extent {
	return []backlog.Extent{{Records: records, Oldest: due}, {Records: 1, Oldest: due}}
}

// most is a backlog of the input that waited in the stream alone.
func most(records int64, seconds float64, readsThrottled int64) result.Backlog {
	waited := func(records int64, seconds float64) result.Waited {
		return result.Waited{MaxRecords: records, MaxBytes: new(int64(0)), MaxSeconds: &seconds}
	}
	harness := waited(0, 0)
	harness.MaxBytes = nil
	return result.Backlog{
		Waited: waited(records, seconds), ReadsThrottled: readsThrottled, IteratorAge: new(0.0),
		Parts: map[string]result.BacklogPart{
			result.HarnessPart: {Waited: harness}, result.WriterPart: {Waited: waited(0, 0)}, result.StreamPart: {Waited: waited(records, seconds)},
			result.EnginePart: {Waited: waited(0, 0)},
		},
	}
}

func TestWhatHappensBelongsToThePhaseThatItHappensIn(t *testing.T) {
	p := newPhases(schedule)
	l := newLived(p, &Config{})
	const start = 5 * time.Second
	l.see(3*time.Second, glimpse(3*time.Second, 2, 0, 0)) // before the feed
	p.begun.Store(int64(start))
	p.offer([]record.Record{{Due: start}, {Due: start + 19*time.Second}, {Due: start + 29*time.Second}})
	l.see(start+10*time.Second, glimpse(start+10*time.Second, 2, 0, 0))
	l.see(start+11*time.Second, glimpse(start+11*time.Second, 7, 1, 1, lying(9, start+10*time.Second)...))
	l.see(start+11*time.Second-1, glimpse(start+11*time.Second-1, 8, 1, 1, lying(99, start)...)) // out of order: nothing new
	l.see(start+20*time.Second, glimpse(start+20*time.Second, 7, 1, 1, lying(2, start+14*time.Second)...))
	l.see(start+22*time.Second, glimpse(start+22*time.Second, 8, 1, 1))
	l.see(start+23*time.Second, glimpse(start+23*time.Second, 15, 2, 4, lying(3, start+20*time.Second)...))
	p.ended.Store(int64(start + 23*time.Second))
	l.see(start+40*time.Second, glimpse(start+40*time.Second, 99, 99, 99, lying(99, start)...)) // the drain
	want := map[int]result.Phase{
		0: {
			Name: "warmup", Starts: []float64{0}, Seconds: 10, LeftOut: true, Records: result.PhaseRecords{Offered: 1},
			Rate: result.Rate{Offered: new(6.0), Achieved: new(0.0)},
		},
		1: {
			Name: "hold", Starts: []float64{10, 22}, Seconds: 11, Records: result.PhaseRecords{Offered: 2, Acked: 12, Late: 2},
			Rate:    result.Rate{Offered: new(2 / (11 * time.Second).Minutes()), Achieved: new(12 / (11 * time.Second).Minutes())},
			Backlog: map[string]result.Backlog{"input": most(10, 6, 4)},
		},
		2: {
			Name: "spike", Starts: []float64{20}, Seconds: 2, Records: result.PhaseRecords{Acked: 1},
			Rate: result.Rate{Offered: new(0.0), Achieved: new(30.0)},
		},
	}
	for n, phase := range want {
		phase.Latency = map[string]result.Latency{}
		if phase.Backlog == nil {
			phase.Backlog = map[string]result.Backlog{}
		}
		want[n] = phase
	}
	if diff := cmp.Diff(want, l.fill()); diff != "" {
		t.Error(diff)
	}
}

func TestAPhaseThatTheRunDidNotComeToIsAbsent(t *testing.T) {
	m := New(Config{Phases: schedule})
	m.Begin(time.Second)
	m.see(13 * time.Second)
	m.End(14 * time.Second)
	m.see(25 * time.Second)
	var r result.Result
	m.Fill(&r, 25*time.Second)
	if len(r.Phases) != 2 || r.Phases[0].Name != "warmup" || r.Phases[1].Name != "hold" || len(r.Phases[1].Starts) != 1 {
		t.Errorf("%+v", r.Phases)
	}
	m = New(Config{})
	m.Begin(0)
	m.see(time.Second)
	r = result.Result{}
	if m.Fill(&r, 0); r.Phases != nil {
		t.Errorf("a recording has phases: %+v", r.Phases)
	}
}

func TestTheTrendIsThatOfTheWorstHold(t *testing.T) {
	const length = 320 * time.Second
	p := newPhases([]Phase{
		{Name: "ramp", End: length},
		{Name: "low", Start: length, End: 2 * length, Hold: true},
		{Name: "high", Start: 2 * length, End: 3 * length, Hold: true},
		{Name: "short", Start: 3 * length, End: 3*length + 299*time.Second, Hold: true},
		{Name: Warmup, Start: 4 * length, End: 5 * length, Hold: true},
	})
	p.begun.Store(0)
	for i := range p.offered {
		p.offered[i].Store(int64(length/time.Second) * 1000)
	}
	l := newLived(p, &Config{})
	for at := time.Second; at <= 5*length; at += time.Second {
		records := int64(10)
		switch {
		case at > 3*length:
			records += int64((at - 3*length).Seconds() * 500)
		case at > 2*length:
			records += int64((at - 2*length).Seconds() * 30) // 3 % of the load
		}
		l.see(at, glimpse(at, 0, 0, 0, backlog.Extent{Records: records, Oldest: at}))
	}
	input, output := newPiled().fill(result.InputBacklog), newPiled().fill(result.OutputBacklog)
	l.trend("input", &input)
	l.trend("output", &output)
	if input.Trend != "fail" || *input.TrendPercent < 2.99 || *input.TrendPercent > 3.01 || *input.TrendMargin > 0.01 || output.Trend != "" {
		t.Errorf("%+v, %+v", input, output)
	}
	if part := input.Parts[input.Grows]; input.Grows != result.StreamPart || *part.TrendPercent != *input.TrendPercent {
		t.Errorf("the %s grows, by %+v", input.Grows, part)
	}
	phases := l.fill()
	for n, want := range []string{"", "pass", "fail", "", ""} {
		if got := phases[n].Backlog["input"].Trend; got != want {
			t.Errorf("%s: %q, want %q", p.names[n], got, want)
		}
	}
}

// Of 600 records a second, 15 rows come. A third of them stays: that is 33 % of the rows, and less than 1 % of the load.
func TestTheTrendOfTheOutputIsInPercentOfTheRowsThatFired(t *testing.T) {
	const length = 320 * time.Second
	p := newPhases([]Phase{{Name: "hold", End: length, Hold: true}})
	p.begun.Store(0)
	p.offered[0].Store(int64(length/time.Second) * 600)
	l := newLived(p, &Config{})
	for at := time.Second; at <= length; at += time.Second {
		seconds := int64(at / time.Second)
		now := glimpse(at, 0, 0, 0, backlog.Extent{Records: 5 * seconds, Oldest: at})
		now.totals[slices.Index(counterNames, "fired")] = 15 * seconds
		now.places[result.OutputBacklog] = now.places[result.InputBacklog]
		l.see(at, now)
	}
	for place, want := range map[string]float64{result.InputBacklog: 100 * 5.0 / 600, result.OutputBacklog: 100 * 5.0 / 15} {
		b := newPiled().fill(place)
		if l.trend(place, &b); b.TrendPercent == nil || math.Abs(*b.TrendPercent-want) > 0.001 {
			t.Errorf("%s: %+v, want %.3f %%", place, b.BacklogTrend, want)
		}
	}
}

// growing plays holds whose backlog grows by a share of the load, with a noise of long waves that fades, and says how long each hold became.
func growing(t *testing.T, expect string, percent, wave float64, refuse bool) []time.Duration {
	t.Helper()
	config := &Config{Extend: func(_ int, _ time.Duration, then func()) bool {
		if !refuse {
			then()
		}
		return !refuse
	}}
	if expect != "" {
		e, err := verdict.Parse(expect)
		if err != nil {
			t.Fatal(err)
		}
		config.Expectations = append(config.Expectations, e)
	}
	p := newPhases([]Phase{
		{Name: "ramp", End: time.Minute},
		{Name: "hold", Start: time.Minute, End: 6 * time.Minute, Hold: true, Limit: 20 * time.Minute},
		{Name: "last", Start: 6 * time.Minute, End: 11 * time.Minute, Hold: true},
	})
	p.begun.Store(int64(time.Second / 2))
	l := newLived(p, config)
	for at := time.Second; at <= 40*time.Minute; at += time.Second {
		p.offer([]record.Record{{Due: at - 1}})
		c := cursor{phases: p}
		if n := c.at(at - 1); n != noPhase {
			p.offered[c.span].Add(999)
		}
		into := (at - p.spans()[1].Start).Seconds()
		records := 10_000 + int64(1000*(percent/100*into+wave*math.Sin(into/40)))
		l.see(at, glimpse(at, 0, 0, 0, backlog.Extent{Records: records, Oldest: at}))
	}
	var lengths []time.Duration
	for i, s := range p.spans() {
		lengths = append(lengths, s.End-s.Start)
		if i > 0 && s.Start != p.spans()[i-1].End {
			t.Errorf("a gap before %+v", s)
		}
	}
	return lengths[1:]
}

func TestAHoldIsExtendedWhileItsTrendIsInconclusive(t *testing.T) {
	for _, test := range []struct {
		name          string
		expect        string
		percent, wave float64
		refuse        bool
		want          time.Duration
	}{
		{"it does not grow", "", 0, 0, false, 5 * time.Minute},
		{"it grows by two percent", "", 2, 0, false, 5 * time.Minute},
		{"noise, which a longer hold sees through", "", 0, 1, false, 10 * time.Minute},
		{"noise that no hold sees through", "", 1, 5, false, 20 * time.Minute},
		{"what is asked is far away", "backlog.input.trend <= 9%", 1, 5, false, 10 * time.Minute},
		{"what is asked of another phase does not count", "backlog.input.trend <= 20% during last", 1, 5, false, 20 * time.Minute},
		{"what is asked of another stream does not count", "backlog.output.trend <= 20%", 1, 5, false, 20 * time.Minute},
		{"the schedule is past it", "", 1, 5, true, 5 * time.Minute},
	} {
		got := growing(t, test.expect, test.percent, test.wave, test.refuse)
		if got[0] != test.want || got[1] != 5*time.Minute {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
