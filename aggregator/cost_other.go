//go:build !linux

package aggregator

import "time"

// cpuClock is the time that passes.
func cpuClock() (now func() time.Duration, release func()) {
	begun := time.Now()
	return func() time.Duration { return time.Since(begun) }, func() {}
}
