package aggregator

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"weir/record"
)

// steady hands over pages of ten records of one window, of as many keys, as fast as they are taken.
type steady struct {
	pages int
	taken int
}

func (s *steady) Shards(context.Context) ([]record.Shard, error) { return shardsOf(1), nil }

func (s *steady) Read(ctx context.Context, shard record.Shard, _ record.Position, to record.Receiver) error {
	for range s.pages {
		page := record.Page{Shard: shard.ID}
		for n := range 10 {
			page.Records = append(page.Records, stored(n, eventOf("k", string(rune('a'+n)), 0, "")))
		}
		if err := asked(ctx, to, page); err != nil {
			return err
		}
		s.taken++
	}
	<-ctx.Done()
	return ctx.Err()
}

// costing runs an aggregator whose records cost a wait, in a bubble: time passes only while something waits, so that each share is exact.
func costing(t *testing.T, source Source, parallelism int, each, limit time.Duration) (status Status) {
	synctest.Test(t, func(t *testing.T) {
		config := seconds(parallelism)
		config.Source, config.Sink, config.Observer = source, new(kept), new(kept)
		config.Fields, config.Clock, config.ElementQueueCapacity = record.DefaultFields(), record.NewClock(time.Now()), 1
		config.Cost = &Cost{Draw: func(int) func() time.Duration { return func() time.Duration { return each } }}
		a := New(config)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- a.Run(ctx, record.Position{}) }()
		time.Sleep(limit)
		synctest.Wait()
		status = a.Status()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return status
}

// 1,000 records of 100 µs come a second: a tenth of what a subtask can do.
func TestASubtaskIsBusyForAsLongAsItsRecordsCost(t *testing.T) {
	const limit, work = 10*time.Second + 5*time.Millisecond, time.Second
	status := costing(t, &trickle{}, 1, 100*time.Microsecond, limit)
	of := status.Windows[0]
	if of.Busy != work || of.Idle != limit-work || of.BackPressured != 0 {
		t.Errorf("window subtask %+v", of)
	}
	if source := status.Sources[0]; source.BackPressured != 0 || source.Idle != limit {
		t.Errorf("source subtask %+v", source)
	}
}

// trickle hands over ten records every ten milliseconds.
type trickle struct{ steady }

func (s *trickle) Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error {
	for ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
		page := record.Page{Shard: shard.ID}
		for n := range 10 {
			page.Records = append(page.Records, stored(n, eventOf("k", "a", 0, "")))
		}
		if err := asked(ctx, to, page); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// A window subtask that cannot keep up is busy all the time and back-pressured never; what is before it is back-pressured, and no more is read
// than waits in between. That is where Flink's web interface shows a bottleneck: busy, with back-pressure upstream.
func TestASlowWindowSubtaskIsBusyAndThoseBeforeItAreBackPressured(t *testing.T) {
	const limit = 10 * time.Second
	source := &steady{pages: 1000}
	status := costing(t, source, 1, 100*time.Millisecond, limit)
	if of := status.Windows[0]; of.Busy != limit || of.BackPressured != 0 {
		t.Errorf("window subtask %+v", of)
	}
	if of := status.Sources[0]; of.BackPressured != limit {
		t.Errorf("source subtask %+v", of)
	}
	if most := 10 + queueBatches + 4; source.taken > most {
		t.Errorf("%d pages were read, of at most %d: a page costs a second", source.taken, most)
	}
}

// With twice the window subtasks, and keys that fall to both, more is done in the same time.
func TestParallelismDividesTheCost(t *testing.T) {
	one, two := &steady{pages: 1000}, &steady{pages: 1000}
	alone := costing(t, one, 1, 100*time.Millisecond, 30*time.Second)
	both := costing(t, two, 2, 100*time.Millisecond, 30*time.Second)
	if alone.Counted < 280 || alone.Counted > 300 {
		t.Errorf("%d records in 30 s, at 100 ms each", alone.Counted)
	}
	if both.Counted < alone.Counted*3/2 {
		t.Errorf("%d records by two subtasks, %d by one", both.Counted, alone.Counted)
	}
}

func TestBurningTakesCPUTime(t *testing.T) {
	clock, release := cpuClock()
	defer release()
	before := clock()
	const wanted = 3 * time.Millisecond
	if spent := burn(wanted); spent < wanted || clock()-before < wanted {
		t.Errorf("burnt %v in %v of the thread", spent, clock()-before)
	}
}
