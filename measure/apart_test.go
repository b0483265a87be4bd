package measure

import (
	"fmt"
	"testing"
	"time"

	"weir/record"
	"weir/result"
)

func TestLatenciesAreKeptApart(t *testing.T) {
	for by, want := range map[string]map[string]time.Duration{
		ByShard: {"s1": 10 * time.Millisecond, "s2": 30 * time.Millisecond}, ByKind: {"a": 10 * time.Millisecond, "b": 30 * time.Millisecond},
	} {
		m := New(Config{LatencyBy: by})
		for i, at := range []time.Duration{10 * time.Millisecond, 30 * time.Millisecond} {
			shard, kind := fmt.Sprint("s", i+1), string(rune('a'+i))
			sends := []record.Send{
				{Record: record.Record{Event: record.Event{Kind: kind}}, Attempts: 1, Outcome: record.Acked, Sequence: "1"},
				{Record: record.Record{Event: record.Event{Kind: kind}}, Attempts: 1, Outcome: record.Throttled, Position: 1},
			}
			m.Input().Sending(shard, sends)
			m.Input().Answered(shard, sends, at)
		}
		var r result.Result
		m.Fill(&r, time.Second)
		got := r.LatencyBy[by]
		if len(r.LatencyBy) != 1 || len(got) != len(want) {
			t.Fatalf("%s: %+v", by, r.LatencyBy)
		}
		for part, latency := range want {
			l := got[part][Acked]
			if ms := float64(latency) / float64(time.Millisecond); l.Count != 1 || l.Max < ms || l.Max > ms*1.001+0.001 {
				t.Errorf("%s %s: %+v, want %s", by, part, l, latency)
			}
		}
	}
}

// However many keys somebody takes for kinds, what is kept is bounded, and nothing is left out.
func TestWhatIsKeptApartIsBounded(t *testing.T) {
	a := newApart(newPhases(nil))
	for i := range mostParts + 44 {
		a.record(time.Second, 2, func(int) string { return fmt.Sprint(i) }, func(int) time.Duration { return time.Millisecond })
	}
	into := make(map[string]map[string]result.Latency)
	a.fill(Acked, into)
	if len(into) != mostParts+1 || into[otherParts][Acked].Count != 88 {
		t.Errorf("%d parts, and %d others", len(into), into[otherParts][Acked].Count)
	}
}
