package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/harness/pacing"
	"weir/measure/backlog"
	"weir/record"
	"weir/stream"
)

// schedule is a source whose records are due at stated times; its payloads are their numbers.
type schedule struct {
	due  []time.Duration
	next int
	all  bool // everything is due, as at --speed max
}

func (s *schedule) Fill(batch *record.Batch, until time.Duration) error {
	for s.next < len(s.due) && (s.all || s.due[s.next] < until) {
		batch.Records = append(batch.Records, record.Record{Data: fmt.Append(nil, s.next), Due: s.due[s.next]})
		s.next++
	}
	if s.next == len(s.due) {
		return io.EOF
	}
	return nil
}

func (s *schedule) Next() (time.Duration, bool) { return s.due[s.next], true }

// bounded is a queue that holds at most room records, and that another goroutine may empty.
type bounded struct {
	room  int
	taken []record.Record
}

func (q *bounded) Put(records []record.Record) (int, error) {
	n := min(q.room, len(records))
	q.room -= n
	q.taken = append(q.taken, records[:n]...)
	if n < len(records) {
		return n, stream.ErrQueueFull
	}
	return n, nil
}

func (q *bounded) PutWait(ctx context.Context, records []record.Record) (int, error) {
	time.Sleep(time.Duration(len(records)) * time.Second)
	return q.Put(records)
}

// handedLog draws when each record was handed over.
type handedLog struct {
	lines   strings.Builder
	dropped int
}

func (l *handedLog) Handing([]record.Record, time.Duration) {}

func (l *handedLog) Handed(records []record.Record, at time.Duration) {
	for i := range records {
		fmt.Fprintf(&l.lines, "%s due %v, %v late\n", records[i].Data, records[i].Due, at-records[i].Due)
	}
}

func (l *handedLog) Dropped(records []record.Record) { l.dropped += len(records) }

func newFeeder(source Source, q queue, log *handedLog) *feeder {
	return &feeder{source: source, queue: q, clock: record.NewClock(time.Now()), observer: log, sleeper: pacing.Timer()}
}

func TestFeederHandsEveryRecordOverWithinATickOfItsDueTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log handedLog
		source := &schedule{due: []time.Duration{0, 0, 300 * time.Microsecond, 5 * time.Millisecond, time.Hour}}
		if err := newFeeder(source, &bounded{room: 10}, &log).run(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := `0 due 0s, 1ms late
1 due 0s, 1ms late
2 due 300µs, 700µs late
3 due 5ms, 1ns late
4 due 1h0m0s, 1ns late
`
		if diff := cmp.Diff(want, log.lines.String()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestScheduleBeginsWhenTheFeedDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log handedLog
		q := &bounded{room: 10}
		feed := newFeeder(&schedule{due: []time.Duration{0, time.Second}}, q, &log)
		time.Sleep(time.Minute) // streams are made, and the run's clock runs
		feed.start = feed.clock.Now()
		if err := feed.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := "0 due 1m0s, 1ns late\n1 due 1m1s, 1ns late\n"
		if diff := cmp.Diff(want, log.lines.String()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFullQueueEndsTheFeedAsSaturatedAndCountsWhatFoundNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log handedLog
		q := &bounded{room: 2}
		err := newFeeder(&schedule{due: make([]time.Duration, 5)}, q, &log).run(t.Context())
		if !errors.Is(err, errSaturated) {
			t.Errorf("error %v, want %v", err, errSaturated)
		}
		if len(q.taken) != 2 || log.dropped != 3 {
			t.Errorf("%d taken and %d dropped, want 2 and 3", len(q.taken), log.dropped)
		}
	})
}

func TestFullQueueThatNeverEmptiesSaturatesTheClosedLoopToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log handedLog
		feed := newFeeder(&schedule{due: make([]time.Duration, 3), all: true}, &bounded{room: 1}, &log)
		feed.closed = true
		if err := feed.run(t.Context()); !errors.Is(err, errSaturated) || log.dropped != 2 {
			t.Errorf("error %v and %d dropped, want %v and 2", err, log.dropped, errSaturated)
		}
	})
}

func TestClosedLoopMakesRecordsDueWhenTheyAreHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log handedLog
		q := &bounded{room: 10}
		feed := newFeeder(&schedule{due: []time.Duration{7 * time.Hour, 9 * time.Hour}, all: true}, q, &log)
		feed.closed = true
		time.Sleep(time.Minute)
		if err := feed.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, r := range q.taken {
			if r.Due != time.Minute {
				t.Errorf("record %s is due at %v, want %v", r.Data, r.Due, time.Minute)
			}
		}
	})
}

func TestInterruptStopsTheFeedWhileItSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var log handedLog
		feed := newFeeder(&schedule{due: []time.Duration{0, time.Hour}}, &bounded{room: 10}, &log)
		if err := feed.run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
		}
		if now := feed.clock.Now(); now != time.Second {
			t.Errorf("stopped after %v, want 1s", now)
		}
	})
}

// counted is a schedule that can count what is due.
type counted struct{ schedule }

func (c *counted) Waiting(until time.Duration) (records int64, oldest time.Duration) {
	oldest = record.NoDue
	for _, due := range c.due[c.next:] {
		if due < until {
			if records == 0 {
				oldest = due
			}
			records++
		}
	}
	return records, oldest
}

// A feeder that does not come to hand over leaves a backlog of its own.
func TestWhatIsDueAndNotHandedOverIsTheHarnesss(t *testing.T) {
	due := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, time.Hour}
	for name, test := range map[string]struct {
		source Source
		closed bool
		want   backlog.Extent
	}{
		"a source that counts":                      {&counted{schedule{due: due}}, false, backlog.Extent{Records: 3, Oldest: 11 * time.Second}},
		"a source that knows when the next is due":  {&schedule{due: due}, false, backlog.Extent{Records: 1, Oldest: 11 * time.Second}},
		"a closed loop, in which nothing is behind": {&schedule{due: due}, true, backlog.None},
	} {
		f := newFeeder(test.source, &bounded{}, &handedLog{})
		f.start, f.closed = 10*time.Second, test.closed
		f.next.Store(int64(record.NoDue))
		if got := f.late(20 * time.Second); got != backlog.None {
			t.Errorf("%s: %+v before anything is known", name, got)
		}
		f.note()
		if got := f.late(20 * time.Second); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
		if got := f.late(10 * time.Second); got != backlog.None {
			t.Errorf("%s: %+v when none is due", name, got)
		}
	}
}
