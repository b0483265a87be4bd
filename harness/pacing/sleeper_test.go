package pacing

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTimerSleepsInVirtualTime(t *testing.T) {
	for _, d := range []time.Duration{-time.Second, 0, 300 * time.Microsecond, time.Millisecond, 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			Timer().Sleep(t.Context(), d)
			if slept, want := time.Since(start), max(0, d); slept != want {
				t.Errorf("slept %v, want %v", slept, want)
			}
		})
	}
}

func TestTimerIsInterruptedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		Timer().Sleep(ctx, time.Hour)
		if slept := time.Since(start); slept != time.Second {
			t.Errorf("slept %v, want 1s", slept)
		}
	})
}

func TestBoundSleeperIsNeverEarly(t *testing.T) {
	s := Bind()
	defer s.Release()
	for _, d := range []time.Duration{-time.Second, 0, time.Nanosecond, 100 * time.Microsecond, timerMargin, 2 * timerMargin, 3 * timerMargin, 20 * time.Millisecond} {
		for range 5 {
			start := time.Now()
			s.Sleep(t.Context(), d)
			if slept := time.Since(start); slept < d {
				t.Errorf("slept %v, want at least %v", slept, d)
			}
		}
	}
}

// What bounds how long a sleep goes on after its context has ended is that all of it but the last few milliseconds is the timer's.
func TestBoundSleeperIsInterrupted(t *testing.T) {
	s := Bind()
	defer s.Release()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(5*time.Millisecond, cancel)
	s.Sleep(ctx, time.Hour) // or the test ends by its time limit
	if ctx.Err() == nil {
		t.Error("woke before it was interrupted")
	}
	s.Sleep(ctx, time.Hour)
}

func TestReleasedSleeperIsTheTimer(t *testing.T) {
	s := Bind()
	s.Release()
	s.Release()
	if s.Tick() != Timer().Tick() {
		t.Errorf("tick %v, want %v", s.Tick(), Timer().Tick())
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s.Sleep(t.Context(), time.Hour)
		if slept := time.Since(start); slept != time.Hour {
			t.Errorf("slept %v, want 1h", slept)
		}
	})
}
