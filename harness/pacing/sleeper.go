// Package pacing wakes the feeder when records come due: to a fraction of a millisecond where the system allows it, and by the
// runtime's timer where not.
//
// # What it costs, and what it gives
//
// Go's timers wake an idle process a millisecond late at worst, for the network poller counts in milliseconds. On Linux, a [Sleeper] that
// is bound sleeps by clock_nanosleep(2) instead, on a thread whose timer slack is 1 ns.
//
//	go test -run '^$' -bench Feeder ./harness
//
// measures both.
package pacing

import (
	"context"
	"time"
)

// How often a feeder is to ask for what has come due. A tick of the thread's sleeper costs some 30 µs of CPU, nearly all of it in the
// kernel. The timer's is what the timer itself can do.
const (
	threadTick = 250 * time.Microsecond
	timerTick  = time.Millisecond
)

// timerMargin is how much of a long sleep is left to the thread: more than the runtime's timer is late by, unless the process is busy.
const timerMargin = 2 * time.Millisecond

// Sleeper is how a feeder waits. It belongs to one goroutine.
type Sleeper struct {
	thread *thread // nil: the runtime's timer
}

// Timer returns a sleeper by the runtime's timer, which lives in virtual time in a test.
func Timer() *Sleeper { return &Sleeper{} }

// Bind returns the finest sleeper that the system has, for the calling goroutine alone. Until Release, that goroutine is wired to its
// thread. Where the system has none finer, it is the timer's.
func Bind() *Sleeper { return &Sleeper{thread: bindThread()} }

// Release gives the thread back as it was. After it, the sleeper is the timer's.
func (s *Sleeper) Release() {
	if s.thread != nil {
		s.thread.release()
		s.thread = nil
	}
}

// Tick is how often a feeder is to ask for what has come due, at most.
func (s *Sleeper) Tick() time.Duration {
	if s.thread != nil {
		return threadTick
	}
	return timerTick
}

// Sleep returns after d, or when ctx ends: at once by the timer, within two milliseconds by the thread.
func (s *Sleeper) Sleep(ctx context.Context, d time.Duration) {
	if s.thread == nil {
		sleepByTimer(ctx, d)
		return
	}
	deadline := time.Now().Add(d)
	if d > 2*timerMargin {
		sleepByTimer(ctx, d-timerMargin)
		d = time.Until(deadline)
	}
	if d > 0 && ctx.Err() == nil {
		s.thread.sleep(d)
	}
}

func sleepByTimer(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
