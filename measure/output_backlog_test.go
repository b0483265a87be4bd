package measure

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
	"weir/result"
)

// rowsOut is a pipeline of two routes whose rows are moved by hand.
type rowsOut struct {
	m    *Meter
	ids  []record.RowID
	sent []record.Send
	read map[string]int
}

func newRowsOut(routes ...string) *rowsOut {
	all := make(Routes)
	for _, route := range routes {
		all[route] = Route{}
	}
	return &rowsOut{m: New(Config{Routes: all, RowBytes: func(*record.Row) int { return 7 }}), read: make(map[string]int)}
}

// fire has n rows fire whose trigger was due at a time.
func (o *rowsOut) fire(n int, due, at time.Duration) {
	var rows []record.Fired
	for range n {
		id := rowID(fmt.Sprintf("%03d", len(o.ids)))
		o.ids = append(o.ids, id)
		rows = append(rows, record.Fired{Row: record.Row{RowID: id, Count: 1}, Trigger: due, Newest: due})
		o.sent = append(o.sent, record.Send{
			Record: record.Record{PartitionKey: "k", Data: []byte(id.Key), Due: due, Event: RowEvent(id)}, Position: int64(len(o.sent)), Attempts: 1,
		})
	}
	o.m.Fired(rows, at)
	o.m.Queued(int64(4 * n))
}

func (o *rowsOut) store(from, to int, at time.Duration) {
	sends := o.sent[from:to]
	o.m.Output().Sending("s", sends)
	for i := range sends {
		sends[i].Outcome, sends[i].Sequence = record.Acked, fmt.Sprintf("%d", 1000+from+i)
	}
	o.m.Output().Answered("s", sends, at)
}

func (o *rowsOut) readNext(route string, n int, at time.Duration) {
	page := &record.Page{Shard: "s", Asked: at, At: at, Behind: time.Second}
	for range n {
		s := &o.sent[o.read[route]]
		page.Records = append(page.Records, record.Stored{Sequence: s.Sequence, PartitionKey: s.PartitionKey, Data: s.Data})
		o.read[route]++
	}
	o.m.JoinOutput(route, page)
}

func (o *rowsOut) row(i int) record.Row { return record.Row{RowID: o.ids[i], Count: 1} }

func (o *rowsOut) miss(route string, i int, at time.Duration) {
	o.m.Missed(route, []record.RowID{o.ids[i]})
	o.m.Done(route, "s", []int64{int64(i)}, at)
}

func (o *rowsOut) handle(route string, i int, at time.Duration) {
	o.m.Routed(route, []record.RowID{o.ids[i]}, at)
	o.m.Written([]record.Row{o.row(i)}, at)
	o.m.Rows().Handled(route, []record.Row{o.row(i)}, at, true)
	o.m.Done(route, "s", []int64{int64(i)}, at)
}

// records are what waits in each part now, and for each route.
func (o *rowsOut) records(at time.Duration) map[string]int64 {
	o.m.see(at)
	s := o.m.current(result.OutputBacklog)
	got := make(map[string]int64)
	for _, part := range s.all() {
		got[part.name] = part.now.Records
	}
	for _, r := range s.routes {
		got[r.name] = r.whole.now.Records
	}
	return got
}

func TestARowIsInTheBacklogOfTheOutputUntilEveryRouteIsDoneWithIt(t *testing.T) {
	o := newRowsOut("orders", "refunds")
	want := func(at time.Duration, whole, writer, stream, function, orders, refunds int64) {
		t.Helper()
		want := map[string]int64{"": whole, "writer": writer, "stream": stream, "function": function, "orders": orders, "refunds": refunds}
		if d := cmp.Diff(want, o.records(at)); d != "" {
			t.Errorf("at %s (-want +got):\n%s", at, d)
		}
	}
	o.fire(4, time.Second, 2*time.Second)
	want(2*time.Second, 4, 4, 0, 0, 4, 4)
	o.store(0, 3, 3*time.Second)
	want(3*time.Second, 4, 1, 3, 0, 4, 4)
	o.readNext("orders", 3, 4*time.Second)
	o.readNext("refunds", 1, 4*time.Second)
	want(4*time.Second, 4, 1, 2, 1, 4, 4)
	o.handle("orders", 0, 5*time.Second) // written, and refunds is not done with it
	o.miss("orders", 1, 5*time.Second)
	want(5*time.Second, 4, 1, 2, 1, 2, 4)
	o.miss("refunds", 0, 6*time.Second)
	want(6*time.Second, 3, 1, 2, 0, 2, 3)
	o.readNext("refunds", 2, 7*time.Second)
	o.handle("refunds", 1, 8*time.Second)
	o.m.Rows().Discarded("refunds", []record.Row{o.row(2)}, 8*time.Second)
	o.m.Done("refunds", "s", []int64{2}, 8*time.Second)
	want(8*time.Second, 2, 1, 0, 1, 2, 1)
	o.miss("orders", 2, 9*time.Second)
	o.store(3, 4, 9*time.Second)
	o.readNext("orders", 1, 10*time.Second)
	o.readNext("refunds", 1, 11*time.Second)
	o.handle("orders", 3, 12*time.Second)
	o.miss("refunds", 3, 13*time.Second)
	want(20*time.Second, 0, 0, 0, 0, 0, 0)
	if left := len(o.m.Rows().inFlight); left > 0 {
		t.Errorf("%d rows are still followed", left)
	}
	for _, shard := range o.m.current(result.OutputBacklog).shards {
		if shard.Records != 0 {
			t.Errorf("%+v", shard)
		}
	}
	var r result.Result
	o.m.Fill(&r, 20*time.Second)
	b := r.Backlog[result.OutputBacklog]
	if b.MaxRecords != 4 || *b.MaxBytes != 16 || *b.MaxSeconds != 12 {
		t.Errorf("%+v", b.Waited)
	}
	if orders := b.Routes["orders"]; *orders.MaxSeconds != 11 || orders.Parts["function"].MaxRecords != 3 || *orders.Parts["stream"].MaxSeconds != 9 {
		t.Errorf("orders: %+v", orders)
	}
	if refunds := b.Routes["refunds"]; *refunds.MaxSeconds != 12 || refunds.MaxRecords != 4 || len(refunds.Parts) != 2 {
		t.Errorf("refunds: %+v", refunds)
	}
}

func TestAReadThatOvertakesItsAnswerLeavesNoBytes(t *testing.T) {
	o := newRowsOut("orders")
	o.fire(1, time.Second, time.Second)
	o.m.Output().Sending("s", o.sent)
	o.sent[0].Sequence = "1000"
	o.readNext("orders", 1, 2*time.Second)
	o.handle("orders", 0, 2*time.Second)
	o.sent[0].Outcome = record.Acked
	o.m.Output().Answered("s", o.sent, 3*time.Second)
	o.m.see(4 * time.Second)
	if s := o.m.current(result.OutputBacklog); s.whole.now.Records != 0 || s.whole.now.Bytes != 0 {
		t.Errorf("%+v", s.whole)
	}
}

func TestNoRowCountsTwiceInTheBacklogOfTheTable(t *testing.T) {
	table := func(m *Meter, at time.Duration) (records, bytes int64, age time.Duration) {
		m.see(at)
		now := m.current(result.TableBacklog).whole.now
		return now.Records, now.Bytes, now.Age(at)
	}
	want := func(m *Meter, at time.Duration, records int64, age time.Duration) {
		t.Helper()
		if n, bytes, a := table(m, at); n != records || bytes != 7*records || a != age {
			t.Errorf("at %s: %d rows, %d bytes, since %s; want %d, since %s", at, n, bytes, a, records, age)
		}
	}
	t.Run("routed", func(t *testing.T) {
		o := newRowsOut("orders", "refunds")
		m := o.m
		o.fire(2, time.Second, time.Second)
		rows := []record.Row{o.row(0), o.row(1)}
		want(m, 2*time.Second, 0, 0)
		m.Writing(rows, 2*time.Second)
		m.Writing(rows[:1], 2*time.Second) // by the other route
		want(m, 3*time.Second, 2, 2*time.Second)
		m.Written(rows[:1], 4*time.Second)
		want(m, 4*time.Second, 2, 3*time.Second)
		m.Written(rows[:1], 5*time.Second)
		want(m, 5*time.Second, 1, 4*time.Second)
		m.Abandoned(rows[1:], 6*time.Second)
		want(m, 6*time.Second, 0, 0)
		m.Writing(rows[1:], 7*time.Second) // tried again
		want(m, 7*time.Second, 1, 6*time.Second)
		m.Written(rows[1:], 8*time.Second)
		want(m, 8*time.Second, 0, 0)
	})
	t.Run("direct", func(t *testing.T) {
		m := New(Config{RowBytes: func(*record.Row) int { return 7 }})
		one := fired("a", time.Second, time.Second)
		one.Count = 1
		two := one
		two.Count, two.Trigger = 2, 3*time.Second
		m.Fired([]record.Fired{one}, 2*time.Second)
		m.Fired([]record.Fired{two}, 4*time.Second)
		want(m, 5*time.Second, 1, 4*time.Second) // from the firing on: nothing but the table is behind it
		m.Writing([]record.Row{two.Row}, 5*time.Second)
		want(m, 5*time.Second, 1, 4*time.Second)
		m.Written([]record.Row{two.Row}, 6*time.Second) // it stands for both
		want(m, 6*time.Second, 0, 0)
		var r result.Result
		m.Fill(&r, 7*time.Second)
		if b := r.Backlog[result.TableBacklog]; b.MaxRecords != 1 || *b.MaxSeconds != 5 {
			t.Errorf("%+v", b)
		}
		if _, ok := r.Backlog[result.OutputBacklog]; ok {
			t.Error("a direct pipeline has a backlog of the output")
		}
	})
}

func TestRowsThatNeverLeftTheAggregatorWaitNowhere(t *testing.T) {
	o := newRowsOut("orders")
	o.fire(3, time.Second, time.Second)
	var untaken []record.Fired
	for i := range 2 {
		untaken = append(untaken, record.Fired{Row: o.row(1 + i), Trigger: time.Second})
	}
	o.m.Queued(-8)
	o.m.Unfired(untaken, 2*time.Second)
	if d := cmp.Diff(map[string]int64{"": 1, "writer": 1, "stream": 0, "function": 0, "orders": 1}, o.records(3*time.Second)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A kill that comes while a row waits to leave the aggregator, after an earlier firing of it was written: the write stood for both.
func TestARowThatNeverLeftIsNotWaitedForThoughAWriteSeemedToSettleIt(t *testing.T) {
	o := newRowsOut("orders")
	o.fire(1, time.Second, time.Second)
	again := []record.Fired{{Row: o.row(0), Trigger: 2 * time.Second}}
	o.m.Fired(again, 2*time.Second)
	o.handle("orders", 0, 3*time.Second)
	o.m.Unfired(again, 4*time.Second)
	if d := cmp.Diff(RowCounts{Fired: 1, Written: 1}, o.m.Rows().Counts()); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	if left := len(o.m.Rows().inFlight); left > 0 {
		t.Errorf("%d rows are still followed", left)
	}
}

func TestARowThatTheOutputRefusesForGoodWaitsNowhere(t *testing.T) {
	o := newRowsOut("orders", "refunds")
	o.fire(1, time.Second, time.Second)
	o.m.Output().Sending("s", o.sent)
	o.sent[0].Outcome = record.Failed
	o.m.Output().Answered("s", o.sent, 2*time.Second)
	for part, n := range o.records(3 * time.Second) {
		if n != 0 {
			t.Errorf("%d wait in %q", n, part)
		}
	}
}

func TestTheTablesBacklogIsAsOldAsTheFiringThatWaits(t *testing.T) {
	m := New(Config{})
	one := fired("a", time.Second, time.Second)
	one.Count = 1
	two := one
	two.Count, two.Trigger = 2, 10*time.Second
	m.Fired([]record.Fired{one, two}, 10*time.Second)
	m.Written([]record.Row{one.Row}, 11*time.Second)
	m.see(40 * time.Second)
	if age := m.current(result.TableBacklog).whole.now.Age(40 * time.Second); age != 30*time.Second {
		t.Errorf("the oldest waits since %s", age)
	}
}

// The ordinary fan-out: one route writes the table, and another takes the rows elsewhere, much faster.
func TestARowIsNotOverWhenOneOfItsRoutesIsDone(t *testing.T) {
	o := newRowsOut("slow", "other")
	o.fire(1, time.Second, time.Second)
	o.store(0, 1, 2*time.Second)
	o.readNext("other", 1, 3*time.Second)
	o.m.Routed("other", o.ids, 3*time.Second)
	o.m.Rows().Handled("other", []record.Row{o.row(0)}, 3*time.Second, false)
	if c := o.m.Rows().Counts(); c.InFlight != 1 || c.Handled != 0 {
		t.Errorf("one of two routes has handled it: %+v", c)
	}
	o.readNext("slow", 1, 20*time.Second)
	o.m.Routed("slow", o.ids, 20*time.Second)
	o.m.Writing([]record.Row{o.row(0)}, 20*time.Second)
	o.m.see(30 * time.Second)
	if age := o.m.current(result.TableBacklog).whole.now.Age(30 * time.Second); age != 29*time.Second {
		t.Errorf("it waits for the table since %s", age)
	}
	o.m.Written([]record.Row{o.row(0)}, 31*time.Second)
	o.m.Rows().Handled("slow", []record.Row{o.row(0)}, 31*time.Second, true)
	if c := o.m.Rows().Counts(); c.InFlight != 0 || c.Written != 1 || c.Handled != 0 || c.Strays != 0 {
		t.Errorf("both are done: %+v", c)
	}
	if got := maxima(o.m); got[Routed] < 19_000 || got[Written] < 30_000 || got[Handled] < 30_000 {
		t.Errorf("the slower route is in no latency: %v", got)
	}
	if left := len(o.m.Rows().inFlight); left > 0 {
		t.Errorf("%d rows are still followed", left)
	}
}

func TestARowThatOneRouteMissesAndOneTakesUnseenIsHandled(t *testing.T) {
	for _, last := range []string{"missed", "handled"} {
		o := newRowsOut("elsewhere", "misses")
		o.fire(1, time.Second, time.Second)
		handle := func() { o.m.Rows().Handled("elsewhere", []record.Row{o.row(0)}, 3*time.Second, false) }
		miss := func() { o.m.Missed("misses", o.ids) }
		o.m.Routed("elsewhere", o.ids, 2*time.Second)
		if last == "missed" {
			handle()
			miss()
		} else {
			miss()
			handle()
		}
		if c := o.m.Rows().Counts(); c.InFlight != 0 || c.Handled != 1 || c.Unrouted != 0 {
			t.Errorf("%s last: %+v", last, c)
		}
		if !o.m.rows.tookElsewhere(o.ids[0]) {
			t.Errorf("%s last: nobody knows that it went elsewhere", last)
		}
	}
}

// The flush fires what no record did. The row waits, and no due time is known of it.
func TestARowThatNothingTriggeredWaitsWithoutAnAge(t *testing.T) {
	m := New(Config{})
	flushed := fired("a", record.NoDue, 0)
	flushed.Flushed = true
	m.Fired([]record.Fired{flushed}, 10*time.Second)
	m.see(15 * time.Second)
	if now := m.current(result.TableBacklog).whole.now; now.Records != 1 || now.Age(15*time.Second) != 0 {
		t.Errorf("%d rows wait, the oldest for %s", now.Records, now.Age(15*time.Second))
	}
	m.Written([]record.Row{flushed.Row}, 18*time.Second)
	var r result.Result
	m.Fill(&r, 20*time.Second)
	if b := r.Backlog[result.TableBacklog]; b.MaxRecords != 1 || *b.MaxSeconds != 0 {
		t.Errorf("at most %v rows, %v s", b.MaxRecords, *b.MaxSeconds)
	}
	if _, ok := r.Latency[Written]; ok {
		t.Error("it is among the latencies")
	}
}
