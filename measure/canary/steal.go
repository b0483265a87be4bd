package canary

import (
	"io/fs"
	"strconv"
	"strings"
)

// cpuTicks are the machine's CPU times, all CPUs together, in ticks of 10 ms.
type cpuTicks struct{ total, steal uint64 }

// readCPU reads the first line of /proc/stat (proc_stat(5)):
//
//	cpu user nice system idle iowait irq softirq steal guest guest_nice
//
// The guests' times are in user and nice already.
func readCPU(files fs.FS) *cpuTicks {
	text, err := fs.ReadFile(files, "proc/stat")
	if err != nil {
		return nil
	}
	line, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return nil
	}
	var ticks cpuTicks
	for i, field := range fields[1:9] {
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			return nil
		}
		ticks.total += n
		if i == 7 {
			ticks.steal = n
		}
	}
	return &ticks
}

// stealShare is the share of the CPU time between two readings that was stolen, in percent. The kernel's counters may go back by a
// tick or two.
func stealShare(before, after *cpuTicks) *float64 {
	if before == nil || after == nil || after.total <= before.total {
		return nil
	}
	stolen := max(0, int64(after.steal-before.steal))
	return percent(float64(stolen), float64(after.total-before.total))
}
