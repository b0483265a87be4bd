package canary

import (
	"io/fs"
	"time"
)

// reading is what the kernel's counters stood at.
type reading struct {
	at        time.Time
	cpu       *cpuTicks
	threads   map[string]threadTime    // by thread id
	throttled map[string]time.Duration // by cgroup
}

// read takes every counter that there is. One that is not, or that cannot be read, is not observed.
func read(files fs.FS) reading {
	return reading{at: time.Now(), cpu: readCPU(files), threads: readThreads(files), throttled: readThrottled(files)}
}

// since is what happened since an earlier reading.
func (r reading) since(before reading) Facts {
	wall := r.at.Sub(before.at)
	return Facts{
		CPUSteal:  stealShare(before.cpu, r.cpu),
		RunDelay:  delayShare(before.threads, r.threads, wall),
		Throttled: throttledShare(before.throttled, r.throttled, wall),
	}
}

// percent is a share of a whole, nil of nothing.
func percent(part, whole float64) *float64 {
	if whole <= 0 {
		return nil
	}
	share := 100 * part / whole
	return &share
}
