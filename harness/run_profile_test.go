package harness_test

import (
	"bytes"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

// shareOf takes a profile of the CPU while work goes on, and says what part of it was spent in calls to packages under a path.
func shareOf(b *testing.B, path string, work func()) float64 {
	var profiled bytes.Buffer
	if err := pprof.StartCPUProfile(&profiled); err != nil {
		b.Skip(err) // the benchmark itself is being profiled
	}
	work()
	pprof.StopCPUProfile()
	p, err := profile.Parse(&profiled)
	if err != nil {
		b.Fatal(err)
	}
	var within, all int64
	for _, s := range p.Sample {
		n := s.Value[len(s.Value)-1] // nanoseconds
		all += n
		if calls(s, path) {
			within += n
		}
	}
	return float64(within) / float64(all)
}

func calls(s *profile.Sample, path string) bool {
	for _, at := range s.Location {
		for _, line := range at.Line {
			if strings.HasPrefix(line.Function.Name, path) {
				return true
			}
		}
	}
	return false
}
