package canary

import (
	"io/fs"
	"strings"
)

// CPUModel is what the CPUs call themselves, as /proc/cpuinfo has it (proc_cpuinfo(5)), so that one machine's numbers are not taken for another's; empty where it is not
// told, as on ARM and off Linux. Files are where proc is.
func CPUModel(files fs.FS) string {
	text, err := fs.ReadFile(files, "proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return ""
}
