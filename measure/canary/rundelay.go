package canary

import (
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// threadTime is how long a thread ran, and how long it was ready to run and had no CPU.
type threadTime struct{ ran, waited time.Duration }

// readThreads reads /proc/self/task/*/schedstat: nanoseconds run, nanoseconds waited, time slices (Documentation/scheduler/sched-stats.rst,
// "/proc/<pid>/schedstat"). A thread that ends meanwhile is left out.
func readThreads(files fs.FS) map[string]threadTime {
	tasks, err := fs.ReadDir(files, "proc/self/task")
	if err != nil {
		return nil
	}
	threads := make(map[string]threadTime, len(tasks))
	for _, task := range tasks {
		text, err := fs.ReadFile(files, "proc/self/task/"+task.Name()+"/schedstat")
		if err != nil {
			continue
		}
		fields := strings.Fields(string(text))
		if len(fields) != 3 {
			continue
		}
		ran, err1 := strconv.ParseInt(fields[0], 10, 64)
		waited, err2 := strconv.ParseInt(fields[1], 10, 64)
		if err1 == nil && err2 == nil {
			threads[task.Name()] = threadTime{time.Duration(ran), time.Duration(waited)}
		}
	}
	return threads
}

// delayShare is [Facts.RunDelay]. Threads that ended in between are not in it; Go's seldom do. A kernel without these statistics shows
// threads that ran for no time at all.
func delayShare(before, after map[string]threadTime, wall time.Duration) *float64 {
	var ran, waited time.Duration
	for id, t := range after {
		ran += t.ran - before[id].ran
		waited += t.waited - before[id].waited
	}
	if ran <= 0 {
		return nil
	}
	return percent(float64(waited), float64(max(ran+waited, wall)))
}
