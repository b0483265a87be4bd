package aggregator

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// cpuClock is the CPU time of the thread that it is called on, which the goroutine has to itself until release: so what the host takes away is not
// counted as work.
func cpuClock() (now func() time.Duration, release func()) {
	runtime.LockOSThread()
	return func() time.Duration {
		var t unix.Timespec
		_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) // this clock is always there
		return time.Duration(t.Nano())
	}, runtime.UnlockOSThread
}
