package canary

import (
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// leastGap is the least time between two looks at the clock that is no interrupt's: those take microseconds.
const leastGap = 500 * time.Microsecond

// spin looks at the clocks again and again for d. A gap between two looks during which the thread's CPU clock ran on is one in which the thread had a CPU
// by the kernel's own books, and did nothing: a hypervisor took it away and did not say so. A thread that waits, for another process or for Go's
// scheduler, is charged nothing meanwhile.
func spin(d time.Duration) (spun, stolen time.Duration, gaps int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start, ok := readClocks()
	for last := start; ok && last.wall-start.wall < d; {
		var next clocks
		if next, ok = readClocks(); !ok {
			break
		}
		if gap := next.wall - last.wall; gap >= leastGap && next.thread-last.thread >= gap/2 {
			stolen += gap
			gaps++
		}
		last = next
		spun = last.wall - start.wall
	}
	return spun, stolen, gaps
}

// clocks are the monotonic clock and that of the thread's CPU time.
type clocks struct{ wall, thread time.Duration }

func readClocks() (clocks, bool) {
	var wall, thread unix.Timespec
	_, _, err1 := unix.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_MONOTONIC, uintptr(unsafe.Pointer(&wall)), 0)
	_, _, err2 := unix.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_THREAD_CPUTIME_ID, uintptr(unsafe.Pointer(&thread)), 0)
	return clocks{time.Duration(wall.Nano()), time.Duration(thread.Nano())}, err1|err2 == 0
}
