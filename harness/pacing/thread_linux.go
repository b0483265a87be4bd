package pacing

import (
	"errors"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// slack is by how much the kernel may wake the thread late in order to wake several at once: the least there is, for 50 µs by default
// (prctl(2), PR_SET_TIMERSLACK).
const slack = time.Nanosecond

// yieldEvery is how long the goroutine stays away from Go's scheduler, about. From 10 ms on, the runtime's monitor thinks that it has kept its
// processor all the time (forcePreemptNS, in the runtime's proc.go), takes the processor away at each of its sleeps, and looks for the next
// one every 20 µs: as much CPU again as the sleeps themselves take (22 % of a core instead of 12.6).
const yieldEvery = 5 * time.Millisecond

// thread is the calling goroutine's, wired to it. A thread inherits the slack of the one that started it, but the runtime starts none
// from a wired one.
type thread struct {
	before  int // its slack, in nanoseconds
	yielded time.Time
}

// bindThread wires the calling goroutine to its thread. It returns nil where a sandbox refuses what the sleeper needs.
func bindThread() *thread {
	if sleepUntil(unix.Timespec{}) != nil {
		return nil
	}
	runtime.LockOSThread()
	before, err := timerSlack()
	if err == nil {
		err = setTimerSlack(int(slack))
	}
	if err != nil {
		runtime.UnlockOSThread()
		return nil
	}
	return &thread{before: before, yielded: time.Now()}
}

// release gives the thread back to the runtime as it was. One that cannot be restored stays wired, and so ends with its goroutine.
func (t *thread) release() {
	if setTimerSlack(t.before) == nil {
		runtime.UnlockOSThread()
	}
}

// sleep returns after d.
func (t *thread) sleep(d time.Duration) {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) != nil {
		time.Sleep(d)
		return
	}
	t.yield()
	if sleepUntil(unix.NsecToTimespec(now.Nano()+int64(d))) != nil {
		time.Sleep(d)
	}
}

// yield shows the goroutine to Go's scheduler from time to time.
func (t *thread) yield() {
	if now := time.Now(); now.Sub(t.yielded) >= yieldEvery {
		t.yielded = now
		runtime.Gosched()
	}
}

// sleepUntil returns when the monotonic clock shows deadline. A signal ends a sleep early: the deadline is absolute, so that it can
// simply go on.
func sleepUntil(deadline unix.Timespec) error {
	for {
		err := unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &deadline, nil)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func timerSlack() (int, error) {
	return unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
}

// setTimerSlack sets the calling thread's slack, in nanoseconds.
func setTimerSlack(ns int) error {
	return unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(ns), 0, 0, 0)
}
