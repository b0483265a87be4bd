package measure

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/measure/oracle"
	"weir/record"
	"weir/result"
)

// loopback is a stream of several shards that hands each call over to its reader before it answers.
type loopback struct {
	meter  *Meter
	clock  record.Clock
	events int // a shard
	calls  int
}

func (l *loopback) run(shards int) {
	var work sync.WaitGroup
	for shard := range shards {
		pages := make(chan []record.Stored, 4)
		work.Go(func() { l.write(strconv.Itoa(shard), pages) })
		work.Go(func() { l.read(strconv.Itoa(shard), pages) })
	}
	work.Wait()
}

func (l *loopback) write(shard string, pages chan<- []record.Stored) {
	defer close(pages)
	for call := range l.calls {
		sends := make([]record.Send, l.events/l.calls)
		stored := make([]record.Stored, len(sends))
		for i := range sends {
			n := call*len(sends) + i
			sends[i] = record.Send{
				Record: record.Record{
					PartitionKey: "k", Data: fmt.Append(nil, shard, n), Due: l.clock.Now(),
					Event: record.Event{Kind: "order", Key: shard, Time: int64(n) * 1000, Value: "0.1"},
				},
				Position: int64(n), Attempts: 1, Outcome: record.Acked, Sequence: strconv.Itoa(1000 + n),
			}
			stored[i] = record.Stored{Sequence: sends[i].Sequence, PartitionKey: "k", Data: sends[i].Data}
		}
		l.meter.Input().Sending(shard, sends)
		pages <- stored
		l.meter.Input().Answered(shard, sends, l.clock.Now())
	}
}

func (l *loopback) read(shard string, pages <-chan []record.Stored) {
	for records := range pages {
		l.meter.JoinInput(&record.Page{Shard: shard, Records: records, Asked: l.clock.Now(), At: l.clock.Now(), Behind: 1})
	}
}

// Writers and readers of all shards at once, some reads before their answers: the books balance, and the table is proved.
func TestAPipelineOfSeveralShardsIsProved(t *testing.T) {
	clock := record.NewClock(time.Now())
	m := New(Config{Clock: clock, Oracle: oracle.Config{Window: time.Minute, OutOfOrderness: time.Second, Shards: 4}})
	l := loopback{meter: m, clock: clock, events: 1200, calls: 24}
	l.run(4)
	var table []record.Row
	for shard := range 4 {
		for window := range int64(20) {
			table = append(table, record.Row{
				RowID:     record.RowID{Kind: "order", Key: strconv.Itoa(shard), WindowStart: window * 60_000},
				WindowEnd: (window + 1) * 60_000, Count: 60, Sum: "6", Min: "0.1", Max: "0.1",
			})
		}
	}
	var r result.Result
	m.Fill(&r, clock.Now())
	m.Prove(&r, table, 0, false)
	if want := (result.Records{Acked: 4800, Read: 4800}); r.Records != want {
		t.Errorf("records %+v, want %+v", r.Records, want)
	}
	want := &result.Rows{Expected: 80, Matched: 80, ByKind: map[string]int64{"order": 80}}
	if d := cmp.Diff(want, r.Rows); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	for _, point := range []string{Acked, Read} {
		if got := r.Latency[point].Count; got != 4800 {
			t.Errorf("%s has %d samples of 4800", point, got)
		}
	}

	table[7].Sum = "6.1"
	m.Prove(&r, append(table[:3:3], table[4:]...), 2, false)
	want = &result.Rows{Expected: 80, Matched: 78, Wrong: 1, Missing: 1, Unexpected: 2, ByKind: map[string]int64{"order": 80}}
	if d := cmp.Diff(want, r.Rows); d != "" {
		t.Errorf("rows of the altered table (-want +got):\n%s", d)
	}
	if o := r.Offenders; len(o.Wrong) != 1 || o.Wrong[0].Actual.Sum != "6.1" || o.Wrong[0].Expected.Sum != "6" || len(o.Missing) != 1 {
		t.Errorf("offenders %+v", o)
	}
}

func TestUnreadableRecordsAreCountedAndSampled(t *testing.T) {
	m := New(Config{})
	for i := range 50 {
		m.Unreadable(record.ID{Shard: "s", Sequence: strconv.Itoa(i)}, make([]byte, 1000), record.ErrBadValue)
	}
	var r result.Result
	m.Fill(&r, 0)
	if r.Records.Unreadable != 50 || len(r.UnreadableSamples) != result.OffendersKept {
		t.Errorf("%d are counted, %d sampled", r.Records.Unreadable, len(r.UnreadableSamples))
	}
	if s := r.UnreadableSamples[0]; s.Sequence != "0" || s.Reason != record.ErrBadValue.Error() || len(s.Sample) != sampleBytes {
		t.Errorf("sample %+v", s)
	}
}
