package canary

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// readThrottled is how long the process's cgroup was held back by a CPU quota, its own or that of one around it. Nil where there is no
// cgroup v2 with a quota.
func readThrottled(files fs.FS) *time.Duration {
	text, err := fs.ReadFile(files, "proc/self/cgroup")
	if err != nil {
		return nil
	}
	var worst *time.Duration
	for line := range strings.Lines(string(text)) {
		own, isV2 := strings.CutPrefix(strings.TrimSpace(line), "0::/")
		if !isV2 {
			continue
		}
		for group := own; ; group = path.Dir(group) {
			if t := readCPUStat(files, group); t != nil && (worst == nil || *t > *worst) {
				worst = t
			}
			if group == "." || group == "" {
				break
			}
		}
	}
	return worst
}

// readCPUStat reads throttled_usec of a cgroup's cpu.stat (Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files").
func readCPUStat(files fs.FS, group string) *time.Duration {
	text, err := fs.ReadFile(files, path.Join("sys/fs/cgroup", group, "cpu.stat"))
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if usec, ok := strings.CutPrefix(strings.TrimSpace(line), "throttled_usec "); ok {
			if n, err := strconv.ParseInt(usec, 10, 64); err == nil {
				t := time.Duration(n) * time.Microsecond
				return &t
			}
		}
	}
	return nil
}

// throttledShare is [Facts.Throttled].
func throttledShare(before, after *time.Duration, wall time.Duration) *float64 {
	if before == nil || after == nil {
		return nil
	}
	return percent(float64(max(0, *after-*before)), float64(wall))
}
