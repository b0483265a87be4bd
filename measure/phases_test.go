package measure

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/measure/ledger"
	"weir/result"
)

var schedule = []Phase{
	{Name: "warmup", End: 10 * time.Second}, {Name: "hold", Start: 10 * time.Second, End: 20 * time.Second},
	{Name: "spike", Start: 20 * time.Second, End: 22 * time.Second}, {Name: "hold", Start: 22 * time.Second, End: 30 * time.Second},
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
		{5 * time.Second, "warmup"}, {15*time.Second - 1, "warmup"}, {15 * time.Second, "hold"}, {26 * time.Second, "spike"}, {28 * time.Second, "hold"},
		{16 * time.Second, "hold"}, {4 * time.Second, ""}, {35*time.Second - 1, "hold"}, {35 * time.Second, ""},
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
	for n, want := range []int64{1, 1, 1} {
		if got, _ := point.during(n); got.Count != want {
			t.Errorf("%s: %d, want %d", p.names[n], got.Count, want)
		}
	}
	if got, _ := point.during(1); got.Max < 1999 || got.Max > 2002 {
		t.Errorf("hold: %v", got)
	}
	// What the warm-up measured is in its own latencies alone.
	if got, _ := point.summary(); got.Count != 3 {
		t.Errorf("the run has %d samples, want 3", got.Count)
	}
}

func TestASecondCountsForThePhaseThatItIsIn(t *testing.T) {
	p := newPhases(schedule)
	p.begun.Store(0)
	deltas := func(acked int64) []int64 { return []int64{0, 0, acked, 0, 0, 0, 0, 0, 0} }
	lying := func(records int64, due time.Duration) []ledger.ShardBacklog {
		return []ledger.ShardBacklog{{Shard: "a", Records: records, Oldest: due}, {Shard: "b", Records: 1, Oldest: due}}
	}
	p.second(11*time.Second, deltas(5), lying(9, 10*time.Second), nil)
	p.second(23*time.Second, deltas(7), lying(3, 20*time.Second), nil)
	p.second(21*time.Second, deltas(1), nil, nil)
	p.second(40*time.Second, deltas(99), nil, nil)
	phases := p.fill(nil)
	want := []result.Phase{
		{Name: "warmup", Starts: []float64{0}, Seconds: 10, Rate: result.Rate{Offered: new(0.0), Achieved: new(0.0)}},
		{
			Name: "hold", Starts: []float64{10, 22}, Seconds: 18, Records: result.PhaseRecords{Acked: 12}, Rate: result.Rate{Offered: new(0.0), Achieved: new(40.0)},
			Backlog: map[string]result.Backlog{"input": {MaxRecords: 10, MaxSeconds: new(3.0)}},
		},
		{Name: "spike", Starts: []float64{20}, Seconds: 2, Records: result.PhaseRecords{Acked: 1}, Rate: result.Rate{Offered: new(0.0), Achieved: new(30.0)}},
	}
	for i := range want {
		want[i].Latency = map[string]result.Latency{}
		if want[i].Backlog == nil {
			want[i].Backlog = map[string]result.Backlog{}
		}
	}
	if diff := cmp.Diff(want, phases); diff != "" {
		t.Error(diff)
	}
}

func TestTheTrendIsThatOfTheWorstHold(t *testing.T) {
	const length = 320
	p := newPhases([]Phase{
		{Name: "ramp", End: length * time.Second}, {Name: "hold", Start: length * time.Second, End: 2 * length * time.Second, Hold: true},
		{Name: "hold", Start: 2 * length * time.Second, End: 3 * length * time.Second, Hold: true},
	})
	p.begun.Store(0)
	for second := 1; second <= 3*length; second++ {
		records := int64(10)
		if second > 2*length {
			records += int64(second-2*length) * 30 // 3 % of the load
		}
		backlog := []ledger.ShardBacklog{{Shard: "a", Records: records}}
		p.second(time.Duration(second)*time.Second, []int64{1000, 0, 0, 0, 0, 0, 0, 0, 0}, backlog, nil)
	}
	var input, output result.Backlog
	p.trend("input", time.Second, &input)
	p.trend("output", time.Second, &output)
	if input.Trend != "fail" || *input.TrendPercent < 2.9 || *input.TrendPercent > 3.1 || output.Trend != "" {
		t.Errorf("%+v, %+v", input, output)
	}
}
