package measure

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
	"weir/result"
)

func rowID(key string) record.RowID {
	return record.RowID{Kind: "order", Key: key, WindowStart: 60_000}
}

func fired(key string, trigger, newest time.Duration) record.Fired {
	return record.Fired{Row: record.Row{RowID: rowID(key)}, Trigger: trigger, Newest: newest}
}

// maxima are the greatest samples of each point, in milliseconds.
func maxima(m *Meter) map[string]float64 {
	var r result.Result
	m.Fill(&r, 0)
	got := make(map[string]float64)
	for name, latency := range r.Latency {
		got[name] = latency.Max
	}
	return got
}

func TestARowIsTimedFromItsTriggerOnItsWay(t *testing.T) {
	m := New(Config{Routes: Routes{"orders": {}}})
	m.Fired([]record.Fired{fired("a", 100*time.Millisecond, 40*time.Millisecond)}, 110*time.Millisecond)
	m.Output().Sending("shard", []record.Send{{Attempts: 1}})
	m.Output().Answered("shard", []record.Send{
		{Record: record.Record{Event: RowEvent(rowID("a"))}, Outcome: record.Acked, Sequence: "1"},
	}, 120*time.Millisecond)
	m.Routed("orders", []record.RowID{rowID("a")}, 140*time.Millisecond)
	m.Written([]record.Row{{RowID: rowID("a")}}, 180*time.Millisecond)
	want := map[string]float64{Fired: 10, Forwarded: 20, Routed: 40, Written: 80, Age: 140}
	got := maxima(m)
	for name, exact := range want {
		if got[name] < exact || got[name] > exact*1.001 { // three significant digits
			t.Errorf("%s is %v ms, want %v", name, got[name], exact)
		}
	}
	if len(got) != len(want) {
		t.Errorf("points %v", got)
	}
	if d := cmp.Diff(RowCounts{Fired: 1, Written: 1}, m.Rows().Counts()); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
}

func TestFlushedRowsAreCountedAndNotTimed(t *testing.T) {
	m := New(Config{})
	flushed := fired("a", 1, 1)
	flushed.Flushed = true
	m.Fired([]record.Fired{flushed, fired("b", record.NoDue, 1)}, time.Second)
	m.Written([]record.Row{{RowID: rowID("a")}, {RowID: rowID("b")}}, time.Second)
	if got := maxima(m); len(got) > 0 {
		t.Errorf("points %v", got)
	}
	if d := cmp.Diff(RowCounts{Fired: 2, Written: 2, Flushed: 1, Untimed: 1}, m.Rows().Counts()); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
}

// A function that writes is told of twice: by the table, and by its end. Its end is not that of a firing that comes behind: the table does not have that yet.
func TestARowThatFiresAgainIsWaitedForThoughItsFirstFiringIsHandled(t *testing.T) {
	m := New(Config{})
	again := func(count int64, trigger time.Duration) record.Fired {
		f := fired("a", trigger, 0)
		f.Count = count
		return f
	}
	first, second := again(16, 1), again(17, 2)
	m.Fired([]record.Fired{first, second}, 2)
	m.Written([]record.Row{first.Row}, 3)
	m.Rows().Handled("", []record.Row{first.Row}, 3, true)
	if d := cmp.Diff(RowCounts{Fired: 2, Written: 1, InFlight: 1}, m.Rows().Counts()); d != "" {
		t.Errorf("after the first (-want +got):\n%s", d)
	}
	m.Written([]record.Row{second.Row}, 4)
	m.Rows().Handled("", []record.Row{second.Row}, 4, true)
	if d := cmp.Diff(RowCounts{Fired: 2, Written: 2}, m.Rows().Counts()); d != "" {
		t.Errorf("after both (-want +got):\n%s", d)
	}
}

func TestRowsThatAFunctionTookOrARouteGaveUpAreOverWithTheFiringsBeforeThem(t *testing.T) {
	m := New(Config{})
	row := func(key string, count int64) record.Fired {
		return record.Fired{Row: record.Row{RowID: rowID(key), Count: count}}
	}
	m.Fired([]record.Fired{row("a", 1), row("a", 2), row("b", 1), row("b", 3)}, 1)
	m.Rows().Handled("", []record.Row{row("a", 2).Row}, 2, false)
	m.Rows().Discarded("", []record.Row{row("b", 1).Row}, 2)
	if d := cmp.Diff(RowCounts{Fired: 4, Handled: 2, Discarded: 1, InFlight: 1}, m.Rows().Counts()); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
}

func TestWritesOfRowsThatNeverFiredAreNamed(t *testing.T) {
	m := New(Config{})
	m.Fired([]record.Fired{fired("a", 1, 1)}, 2)
	m.Written([]record.Row{{RowID: rowID("a")}, {RowID: rowID("b")}, {RowID: rowID("a")}}, 3)
	if got, want := m.Rows().Strays(), []record.RowID{rowID("b"), rowID("a")}; !slices.Equal(got, want) {
		t.Errorf("strays %v, want %v", got, want)
	}
	if got := m.Rows().Counts().Strays; got != 2 {
		t.Errorf("%d strays", got)
	}
}

func TestARowThatEveryRouteMissesIsNotInFlight(t *testing.T) {
	m := New(Config{Routes: Routes{"orders": {}, "refunds": {}}})
	m.Fired([]record.Fired{fired("a", 1, 1)}, 2)
	m.Missed("orders", []record.RowID{rowID("a")})
	m.Missed("orders", []record.RowID{rowID("a")}) // a batch that was delivered again
	if got := m.Rows().Counts(); got.InFlight != 1 {
		t.Errorf("one route missed, and %+v", got)
	}
	m.Missed("refunds", []record.RowID{rowID("a")})
	if got := m.Rows().Counts(); got.InFlight != 0 || got.Unrouted != 1 {
		t.Errorf("both routes missed, and %+v", got)
	}
}

func TestWaitEndsWhenTheLastRowIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Config{})
		m.Fired([]record.Fired{fired("a", 1, 1)}, 2)
		done := make(chan error, 1)
		go func() { done <- m.Rows().Wait(t.Context()) }()
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("waited for nothing")
		}
		m.Written([]record.Row{{RowID: rowID("a")}}, 3)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// An aggregator that is killed while its sink has no room leaves rows that nobody will write. The one that fired before stays.
func TestNobodyWaitsForARowThatNeverLeftItsAggregator(t *testing.T) {
	m := New(Config{Routes: Routes{"orders": {}}})
	flushed := fired("b", 1, 1)
	flushed.Flushed = true
	m.Fired([]record.Fired{fired("a", 1, 1)}, 2)
	untaken := []record.Fired{fired("a", 3, 3), flushed, fired("c", record.NoDue, 1)}
	m.Fired(untaken, 4)
	m.Unfired(untaken, 4)
	if d := cmp.Diff(RowCounts{Fired: 1, InFlight: 1}, m.Rows().Counts()); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	m.Routed("orders", []record.RowID{rowID("a")}, 5)
	m.Written([]record.Row{{RowID: rowID("a")}}, 6)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Rows().Wait(ended); err != nil {
		t.Error(err)
	}
	m.Rows().Handled("orders", []record.Row{{RowID: rowID("a")}}, 6, true)
	if err := m.Rows().WaitDone(ended); err != nil {
		t.Error("a row that never left is still looked for in the routes")
	}
}

func TestWindowLines(t *testing.T) {
	row := func(key string, start, end int64) record.Row {
		return record.Row{RowID: record.RowID{Kind: "k", Key: key, WindowStart: start}, WindowEnd: end, Count: 2, Sum: "1.5"}
	}
	got := WindowLines([]record.Row{
		row("a|b", 0, 60_000), row("a", 500, 1000), row(`a|b\|c|d`, 0, 60_000), row(`x\|y|z`, 0, 1000),
	}, 2, false)
	want := [][]string{
		{"1970-01-01T00:00:00Z", "k", "a", "b", "2", "1.5", "", ""},
		{"1970-01-01T00:00:00.500Z", "k", "a", "", "2", "1.5", "", ""},
		{"1970-01-01T00:00:00Z", "k", "a", `b\|c|d`, "2", "1.5", "", ""},
		{"1970-01-01T00:00:00Z", "k", "x|y", "z", "2", "1.5", "", ""},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	mean := row("a", 0, 1000)
	mean.Mean = "0.75"
	if d := cmp.Diff([][]string{{"1970-01-01T00:00:00Z", "k", "a", "2", "1.5", "", "", "0.75"}}, WindowLines([]record.Row{mean}, 1, true)); d != "" {
		t.Errorf("with a mean (-want +got):\n%s", d)
	}
}

// A row that fired again is in flight until it is written as it fired last; a write with the later count stands for the earlier one, too.
func TestARowThatFiresAgainIsInFlightUntilItsLastCountIsWritten(t *testing.T) {
	again := func(count int64, trigger time.Duration) []record.Fired {
		f := fired("a", trigger, trigger)
		f.Count = count
		return []record.Fired{f}
	}
	write := func(count int64) []record.Row { return []record.Row{{RowID: rowID("a"), Count: count}} }
	for name, c := range map[string]struct {
		writes []int64
		want   RowCounts
	}{
		"nothing is written":          {nil, RowCounts{Fired: 3, InFlight: 1}},
		"the first one is":            {[]int64{2}, RowCounts{Fired: 3, Written: 1, InFlight: 1}},
		"one after the other":         {[]int64{2, 3, 5}, RowCounts{Fired: 3, Written: 3}},
		"the last one for all":        {[]int64{5}, RowCounts{Fired: 3, Written: 3}},
		"an old one comes afterwards": {[]int64{5, 3}, RowCounts{Fired: 3, Written: 3, Strays: 1}},
		"the first one comes twice":   {[]int64{2, 2}, RowCounts{Fired: 3, Written: 1, Strays: 1, InFlight: 1}},
	} {
		m := New(Config{})
		m.Fired(again(2, 1), 2)
		m.Fired(again(3, 4), 5)
		m.Fired(again(5, 7), 8)
		for _, count := range c.writes {
			m.Written(write(count), 9)
		}
		if d := cmp.Diff(c.want, m.Rows().Counts()); d != "" {
			t.Errorf("%s: counts (-want +got):\n%s", name, d)
		}
	}
}
