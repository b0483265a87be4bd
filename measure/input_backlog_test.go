package measure

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/measure/backlog"
	"weir/record"
	"weir/result"
)

// way is a run whose records are moved by hand, second by second.
type way struct {
	t    *testing.T
	m    *Meter
	sent []record.Send
	read int64
	done int64
}

func newWay(t *testing.T, rewinds bool) *way {
	w := &way{t: t, m: New(Config{Rewinds: rewinds})}
	w.m.Input().Waits(func() []backlog.Shard {
		e := backlog.None
		for i := range w.sent {
			if !w.sent[i].Outcome.Final() {
				e = e.Plus(backlog.Extent{Records: 1, Bytes: int64(w.sent[i].Size()), Oldest: w.sent[i].Due})
			}
		}
		return []backlog.Shard{{Shard: "s", Extent: e}}
	})
	return w
}

// hand hands n records over, each due a millisecond after the one before, the first at a time.
func (w *way) hand(n int, due, at time.Duration) {
	var records []record.Record
	for i := range n {
		records = append(records, record.Record{
			PartitionKey: "k", Data: fmt.Appendf(nil, "%09d", len(w.sent)+i), Due: due + time.Duration(i)*time.Millisecond,
		})
	}
	w.m.Handing(records, at)
	w.m.Handed(records, at)
	for i := range records {
		w.sent = append(w.sent, record.Send{Record: records[i], Position: int64(len(w.sent)), Attempts: 1})
	}
}

// store has the stream acknowledge the next n records.
func (w *way) store(n int, at time.Duration) {
	first := 0
	for w.sent[first].Outcome.Final() {
		first++
	}
	sends := w.sent[first : first+n]
	w.m.Input().Sending("s", sends)
	for i := range sends {
		sends[i].Outcome, sends[i].Sequence = record.Acked, fmt.Sprintf("%d", 1000+first+i)
	}
	w.m.Input().Answered("s", sends, at)
}

// readNext has the aggregator given the next n records.
func (w *way) readNext(n int, at, behind time.Duration) {
	page := &record.Page{Shard: "s", Asked: at, At: at, Behind: behind}
	for range n {
		s := &w.sent[w.read]
		page.Records = append(page.Records, record.Stored{Sequence: s.Sequence, PartitionKey: s.PartitionKey, Data: s.Data})
		w.read++
	}
	w.m.JoinInput(page)
}

// process has the aggregator done with the next n records.
func (w *way) process(n int, at time.Duration) {
	var places []int64
	for range n {
		places = append(places, w.done)
		w.done++
	}
	w.m.Processed("s", places, at)
}

// records are what waits in each part now.
func (w *way) records(at time.Duration) map[string]int64 {
	w.m.see(at)
	s := w.m.current(result.InputBacklog)
	got := make(map[string]int64)
	for _, part := range s.all() {
		got[part.name] = part.now.Records
	}
	return got
}

func (w *way) want(at time.Duration, whole, harness, writer, stream, engine int64) {
	w.t.Helper()
	want := map[string]int64{"": whole, result.HarnessPart: harness, result.WriterPart: writer, result.StreamPart: stream, result.EnginePart: engine}
	if d := cmp.Diff(want, w.records(at)); d != "" {
		w.t.Errorf("at %s (-want +got):\n%s", at, d)
	}
}

func TestARecordIsInOnePartOfTheBacklogAtEachMoment(t *testing.T) {
	w := newWay(t, false)
	w.m.Due(func(time.Duration) backlog.Extent { return backlog.Extent{Records: 4, Oldest: time.Second} })
	w.want(2*time.Second, 4, 4, 0, 0, 0)
	w.m.Due(func(time.Duration) backlog.Extent { return backlog.None })
	w.hand(10, time.Second, 2*time.Second)
	w.want(2*time.Second, 10, 0, 10, 0, 0)
	w.store(6, 3*time.Second)
	w.want(3*time.Second, 10, 0, 4, 6, 0)
	w.readNext(5, 4*time.Second, 7*time.Second)
	w.want(4*time.Second, 10, 0, 4, 1, 5)
	w.process(3, 6*time.Second)
	w.want(6*time.Second, 7, 0, 4, 1, 2)
	w.store(4, 7*time.Second)
	w.readNext(5, 8*time.Second, 0)
	w.process(7, 9*time.Second)
	w.want(20*time.Second, 0, 0, 0, 0, 0)

	var r result.Result
	w.m.Fill(&r, 20*time.Second)
	got := r.Backlog[result.InputBacklog]
	size := int64(10) // of a record
	waited := func(records int64, seconds float64) result.Waited {
		return result.Waited{MaxRecords: records, MaxBytes: new(records * size), MaxSeconds: &seconds}
	}
	harness := waited(10, 1)
	harness.MaxBytes = nil
	// The last record was due 9 ms after the first, and left the parts at 7, 8 and 9 s; the oldest of those that left the engine last was due at 1.003 s.
	want := result.Backlog{
		Waited: waited(10, 7.997), IteratorAge: new(7.0),
		Parts: map[string]result.BacklogPart{
			result.HarnessPart: {Waited: harness}, result.WriterPart: {Waited: waited(10, 5.994)},
			result.StreamPart: {Waited: waited(6, 6.995)}, result.EnginePart: {Waited: waited(7, 7.997)},
		},
		Shards: map[string]result.Waited{"s": waited(10, 4.997)}, // as of the looks: at 6 s, the oldest that waited was due at 1.003 s
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("backlog (-want +got):\n%s", d)
	}
}

func TestWhatARestoredStateLacksWaitsInTheStreamAgain(t *testing.T) {
	w := newWay(t, true)
	w.hand(10, 0, 0)
	w.store(10, time.Second)
	w.readNext(8, 2*time.Second, time.Second)
	w.process(5, 3*time.Second)
	w.want(3*time.Second, 5, 0, 0, 2, 3)
	// The checkpoint is behind the second record. The aggregator was killed when it had processed five and read eight.
	w.m.Rewound(map[string]string{"s": w.sent[1].Sequence}, nil)
	w.want(4*time.Second, 8, 0, 0, 8, 0)
	if age := w.m.InputBacklog(4 * time.Second).Age(4 * time.Second); age != 4*time.Second-2*time.Millisecond {
		t.Errorf("the oldest waits since %s", age)
	}
	w.read, w.done = 2, 0
	w.readNext(8, 5*time.Second, 0)
	w.want(5*time.Second, 8, 0, 0, 0, 8)
	if w.m.Reading().Done() {
		t.Error("it is done, and has processed nothing again")
	}
	w.process(8, 6*time.Second)
	w.want(6*time.Second, 0, 0, 0, 0, 0)
	if c := w.m.Reading().Counts(); c.Read != 10 || c.Again != 6 {
		t.Errorf("%+v", c)
	}
}

func TestAPhasesBacklogEndsWithThePhase(t *testing.T) {
	m := New(Config{Phases: []Phase{{Name: "a", End: 10 * time.Second}, {Name: "b", Start: 10 * time.Second, End: 20 * time.Second}}})
	w := newWay(t, false)
	w.m = m
	m.Begin(0)
	w.hand(5, time.Second, time.Second)
	w.store(5, 2*time.Second)
	w.readNext(5, 3*time.Second, 0)
	w.process(4, 4*time.Second) // between two looks
	m.see(10 * time.Second)
	w.hand(2, 11*time.Second, 11*time.Second)
	m.see(20 * time.Second)
	m.End(20 * time.Second)
	w.store(2, 21*time.Second)
	w.readNext(2, 22*time.Second, 0)
	w.process(3, 30*time.Second) // the drain
	var r result.Result
	m.Fill(&r, 31*time.Second)
	for i, want := range []struct {
		records int64
		seconds float64
	}{{5, 8.996}, {3, 18.996}} {
		if b := r.Phases[i].Backlog[result.InputBacklog]; b.MaxRecords != want.records || *b.MaxSeconds != want.seconds {
			t.Errorf("phase %d: %d records, %v s, want %+v", i, b.MaxRecords, *b.MaxSeconds, want)
		}
	}
	if b := r.Backlog[result.InputBacklog]; b.MaxRecords != 5 || *b.MaxSeconds != 28.996 {
		t.Errorf("the run: %d records, %v s", b.MaxRecords, *b.MaxSeconds)
	}
}
