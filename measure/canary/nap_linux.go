package canary

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nap sleeps for d and says by how much it was longer. It is a raw system call: the goroutine stays on its thread and keeps its processor,
// so that nothing but the kernel stands between the timer and the second reading of the clock. A sleep that a signal has ended
// early says nothing.
func nap(d time.Duration) (overshoot time.Duration, ok bool) {
	request := unix.NsecToTimespec(int64(d))
	start := time.Now()
	_, _, errno := unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, 0, uintptr(unsafe.Pointer(&request)), 0, 0, 0)
	return time.Since(start) - d, errno == 0
}
