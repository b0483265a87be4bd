// Package pacing wakes the feeder when records come due: to a fraction of a millisecond where the system allows it, and by the
// runtime's timer where not.
//
// # What it gives, and what it costs
//
// Go's timers wake an idle process up to a millisecond late, for the network poller counts in milliseconds. On Linux, a [Sleeper] that
// is bound sleeps by clock_nanosleep(2) instead, on a thread whose timer slack is 1 ns. On two cores of a virtual machine, with Go 1.26:
//
//	                                                late p99                of a core
//	                                                bound       timer       bound     timer
//	10,000 or 100,000 records a second, no queue    0.25 ms     1.1 ms      9-12 %    5 %
//	100,000, into the writer's queue                0.4-0.5 ms  1.7-3 ms    12-14 %
//	100,000, beside a busy HTTP server              1.7-3 ms    4 ms
//	11,000 through the whole pipeline, in process   0.8 ms      2.1 ms
//
// The first three are of
//
//	go test -run '^$' -bench Feeder ./harness
//
// and the share of a core is of the feeder's whole loop. The last is of a recording's replay, with the embedded AWS in the same process.
//
// In a busy process, what is left is Go's scheduler: a thread that comes back from the system call needs a processor (a P), and where none is
// idle, it waits behind the goroutines that have them. A periodic timerfd(2) read through the network poller, which needs no thread, was
// as good in an idle process and worse in a busy one, where nobody polls (p99 17 to 35 ms for 6 with sixteen busy clients). A sleep that
// keeps its processor costs the pipeline one of two, and with a third for two cores, it is threads that wait for a core (p99 6 to 10 ms
// beside the busy server).
package pacing

import (
	"context"
	"time"
)

// How often a feeder is to ask for what has come due. A tick of the thread costs some 25 µs of CPU, nearly all of it in the kernel; a
// record is late by up to a tick and the time that it takes to wake. The timer's tick is what the timer itself can do.
const (
	threadTick = 250 * time.Microsecond
	timerTick  = time.Millisecond
)

// timerMargin is how much of a long sleep is left to the thread, which nothing interrupts: more than the runtime's timer is late by, unless
// the process is busy.
const timerMargin = 2 * time.Millisecond

// Sleeper is how a feeder waits. It belongs to one goroutine.
type Sleeper struct {
	thread *thread // nil: the runtime's timer
}

// Timer returns a sleeper by the runtime's timer, which lives in virtual time in a test.
func Timer() *Sleeper { return &Sleeper{} }

// Bind returns the finest sleeper that the system has, for the calling goroutine alone. Until Release, that goroutine is wired to its
// thread. Where the system has none finer, it is the timer's. It sleeps in real time: a testing/synctest bubble takes it for running.
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

// Sleep returns after d, or soon after ctx ends: at once by the timer, within four milliseconds by the thread.
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
