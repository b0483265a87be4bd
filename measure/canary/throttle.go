package canary

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// readThrottled is how long the process's cgroup and those around it were held back by a CPU quota of theirs, by name. It is empty where
// there is no cgroup v2 with a quota.
func readThrottled(files fs.FS) map[string]time.Duration {
	text, err := fs.ReadFile(files, "proc/self/cgroup")
	if err != nil {
		return nil
	}
	throttled := make(map[string]time.Duration)
	for line := range strings.Lines(string(text)) {
		group, isV2 := strings.CutPrefix(strings.TrimSpace(line), "0::/")
		for isV2 {
			if t, ok := readCPUStat(files, group); ok {
				throttled[group] = t
			}
			if group == "" || group == "." {
				break
			}
			group = path.Dir(group)
		}
	}
	return throttled
}

// readCPUStat reads throttled_usec of a cgroup's cpu.stat (Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files").
func readCPUStat(files fs.FS, group string) (throttled time.Duration, ok bool) {
	text, err := fs.ReadFile(files, path.Join("sys/fs/cgroup", group, "cpu.stat"))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if usec, found := strings.CutPrefix(strings.TrimSpace(line), "throttled_usec "); found {
			n, err := strconv.ParseInt(usec, 10, 64)
			return time.Duration(n) * time.Microsecond, err == nil
		}
	}
	return 0, false
}

// throttledShare is [Facts.Throttled].
func throttledShare(before, after map[string]time.Duration, wall time.Duration) *float64 {
	var worst time.Duration
	observed := false
	for group, t := range after {
		if b, ok := before[group]; ok {
			observed = true
			worst = max(worst, t-b)
		}
	}
	if !observed {
		return nil
	}
	return percent(float64(worst), float64(wall))
}
