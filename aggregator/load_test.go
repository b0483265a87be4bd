package aggregator

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"weir/aggregator/window"
	"weir/record"
)

// slowSink blocks for a second a call.
type slowSink struct{ kept }

func (s *slowSink) Emit(context.Context, []record.Fired) error {
	time.Sleep(time.Second)
	return nil
}

// pulse hands over a page that fires a window every so often, from one shard.
type pulse struct {
	every time.Duration
	pages int
	taken int
}

func (p *pulse) Shards(context.Context) ([]record.Shard, error) { return shardsOf(1), nil }

func (p *pulse) Read(ctx context.Context, shard record.Shard, _ record.Position, to record.Receiver) error {
	for n := range p.pages {
		time.Sleep(p.every)
		page := record.Page{Shard: shard.ID, Records: []record.Stored{stored(n, eventOf("k", "a", int64(n)*2000, ""))}}
		if err := asked(ctx, to, page); err != nil {
			return err
		}
		p.taken++
	}
	<-ctx.Done()
	return ctx.Err()
}

// loadAfter runs an aggregator for a time and shows the loads of its two subtasks.
func loadAfter(t *testing.T, source Source, sink Sink, limit time.Duration) (ofSource, ofWindow Load) {
	status := statusAfter(t, source, sink, limit)
	return status.Sources[0], status.Windows[0]
}

// statusAfter runs an aggregator of parallelism 1 for a time and shows its status then.
func statusAfter(t *testing.T, source Source, sink Sink, limit time.Duration) (status Status) {
	synctest.Test(t, func(t *testing.T) {
		config := seconds(1)
		config.Source, config.Sink, config.Observer = source, sink, new(kept)
		config.Fields, config.Clock, config.ElementQueueCapacity = record.DefaultFields(), record.NewClock(time.Now()), 1
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

// Time stands still while code runs in a bubble, so nothing here is busy; what waits is exact.
func TestSubtasksThatWaitForInputAreIdle(t *testing.T) {
	source, windows := loadAfter(t, &pulse{every: time.Second, pages: 3}, new(kept), 10*time.Second)
	if want := (Load{Idle: 10 * time.Second}); source != want || windows != want {
		t.Errorf("source %+v, window %+v", source, windows)
	}
}

func TestSlowSinkShowsAsBackPressure(t *testing.T) {
	// The pages at 4 s, 6 s and 8 s fire a window each, and each blocks for a second; the look is at 8.5 s.
	source, windows := loadAfter(t, &pulse{every: 2 * time.Second, pages: 9}, new(slowSink), 8*time.Second+500*time.Millisecond)
	if want := (Load{Idle: 8*time.Second + 500*time.Millisecond}); source != want {
		t.Errorf("source %+v, want %+v", source, want)
	}
	if want := (Load{Idle: 6 * time.Second, BackPressured: 2*time.Second + 500*time.Millisecond}); windows != want {
		t.Errorf("window %+v, want %+v", windows, want)
	}
}

func TestBackPressureReachesTheReader(t *testing.T) {
	p := &pulse{every: time.Millisecond, pages: 1000}
	source, windows := loadAfter(t, p, new(slowSink), 10*time.Second)
	// One page a second leaves by the sink; what waits in between is the two queues and what the subtasks hold.
	if most := 10 + 1 + queueBatches + 4; p.taken > most {
		t.Errorf("%d pages were taken from the reader, of at most %d", p.taken, most)
	}
	if source.BackPressured < 9*time.Second || windows.BackPressured < 9*time.Second {
		t.Errorf("source %+v, window %+v", source, windows)
	}
}

// Whoever drains a pipeline waits for Emitted: it rises when the sink has taken the rows, not when they fire.
func TestEmittedFollowsTheSink(t *testing.T) {
	for _, c := range []struct {
		after   time.Duration
		rows    int64
		emitted int64
	}{
		{1 * time.Second, 0, window.Unset},
		{2500 * time.Millisecond, 0, -1000}, // the watermark of -500 has passed a bound, and no window
		{4500 * time.Millisecond, 1, -1000}, // the sink is at it
		{5500 * time.Millisecond, 1, 1000},
	} {
		s := statusAfter(t, &pulse{every: 2 * time.Second, pages: 9}, new(slowSink), c.after)
		if s.Rows != c.rows || s.Emitted != c.emitted {
			t.Errorf("after %s: %d rows fired, emitted %d, want %d and %d", c.after, s.Rows, s.Emitted, c.rows, c.emitted)
		}
	}
}
