// Package canary watches the host under a run: whether it lets the harness run when the harness wants to. A run on a host that does
// not is void, for its latencies would be the host's.
//
// # What it must tell apart
//
// weir's own load shares the process and the CPUs with the canary, and must not make a run void: a pipeline that is too busy is what a
// run is there to show. So the canary sleeps by a system call that Go's scheduler knows nothing of, and takes the time before the scheduler
// can: what it measures is the kernel's run queue, not Go's. A goroutine that sleeps by Go's timer measures both, and so would a thread of the
// canary's own that sleeps by an ordinary system call, for it waits for Go's scheduler before it can look at the clock. Beside a load of
// weir's own that takes every CPU, the p99 is 0.2 to 0.7 ms; with two other busy processes a CPU, 8 to 11 ms; with these and the process at nice
// level 10, 70 ms:
//
//	WEIR_PROVE=1 go test -count=1 -v -run TestProve ./measure/canary
//
// A thread that mostly sleeps is woken before one that is busy, and a virtual machine may not be told what was stolen from it: so the
// canary also counts how long all the threads of the process waited to run. Pressure stall information (/proc/pressure/cpu) says the same of the
// whole machine, the others' waits included, and so nothing of this process.
package canary

import (
	"context"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// defaultEvery gives a run of a quarter of a minute some 1,500 samples.
	defaultEvery = 10 * time.Millisecond
	// napTime is short, for the goroutine keeps its processor (a P of Go's scheduler) meanwhile: it is 1 % of one.
	napTime = 100 * time.Microsecond
	// spinTime is as short, for it takes a CPU: 1 % of one.
	spinTime = 100 * time.Microsecond
	// leastGaps is how often time has to have been stolen from a spin until it is told of: a run has so few spins that a single one says nothing.
	leastGaps = 3
	// shortest is how long a run is that has a p99: one of less is too few samples. It is not a number of samples, for a canary that
	// does not come to take them has seen enough.
	shortest = time.Second
	// longest and precision bound the histogram, in microseconds and significant digits.
	longest   = time.Hour
	precision = 3
)

// Config is what a canary is made with. Zero stands for the default of each field.
type Config struct {
	// Every is how often the canary sleeps. Default 10 ms.
	Every time.Duration
	// Files is where proc and sys/fs/cgroup are. Default: the root of this machine.
	Files fs.FS
}

// Canary watches the host. It is safe for concurrent use.
type Canary struct {
	config Config
	nap    func(time.Duration) (overshoot time.Duration, ok bool)
	spin   func(time.Duration) (spun, stolen time.Duration, gaps int)
	// shortest is how long it has to have run for a p99.
	shortest time.Duration
	wall     *wallClock

	mu    sync.Mutex
	facts Facts
}

// Facts are what a canary saw of the host; nil is not observed. Percentages are of the time from Run's start to its end.
type Facts struct {
	// SleepOvershootP99 is how late the kernel woke a thread that slept: 99 of 100 times at most that. It takes a second, and
	// Linux: elsewhere it could not be told from weir's own load.
	SleepOvershootP99 *time.Duration
	// CPUSteal is the share of the machine's CPU time that its hypervisor gave to others (/proc/stat, steal), in percent.
	CPUSteal *float64
	// Stolen is the share of the time of a spinning thread in which it had a CPU, by the kernel's books, and did nothing, in percent: a hypervisor gave the
	// CPU to others, and did not say so. It is zero where that happened less than three times (Linux).
	Stolen *float64
	// RunDelay is the share of the CPU time wanted by this process's threads that they waited for in the kernel's run queue,
	// in percent: other processes had it, or more threads of weir's own wanted it than there are CPUs. It is of no less than one CPU's
	// time, so that an idle process, whose few waits are a large share of nearly nothing, shows none (/proc/self/task/*/schedstat).
	RunDelay *float64
	// Throttled is how long the process's cgroup was held back by its CPU quota, in percent of one CPU's time: summed over the CPUs, as
	// the kernel does, so that it may exceed 100 (cgroup v2, cpu.stat, throttled_usec). It is that of the worst of the cgroup and those around it.
	Throttled *float64
	// ClockStep is the greatest step of the wall clock, forwards or backwards (negative); nil if there was none. Nothing that weir measures hangs
	// on that clock, but arrival times do.
	ClockStep *time.Duration
}

// New makes a canary that has seen nothing.
func New(c Config) *Canary {
	if c.Every == 0 {
		c.Every = defaultEvery
	}
	if c.Files == nil {
		c.Files = os.DirFS("/")
	}
	return &Canary{config: c, nap: nap, spin: spin, shortest: shortest, wall: newWallClock()}
}

// Facts are what was seen from Run's start to its end; all are absent before that.
func (c *Canary) Facts() Facts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.facts
}

// Run watches until ctx ends, which is no error.
func (c *Canary) Run(ctx context.Context) error {
	before := read(c.config.Files)
	overshoot, stolen := c.watch(ctx)
	after := read(c.config.Files)
	facts := after.since(before)
	facts.Stolen = stolen
	if after.at.Sub(before.at) >= c.shortest && overshoot.TotalCount() > 0 {
		p99 := time.Duration(overshoot.ValueAtQuantile(99)) * time.Microsecond
		facts.SleepOvershootP99 = &p99
	}
	if step := c.wall.greatest; step != 0 {
		facts.ClockStep = &step
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.facts = facts
	return nil
}

// watch sleeps and spins again and again, and returns by how many microseconds it slept too long, and the share that was stolen of its spins. A nap that
// swallows the ones after it counts for them too: else a host that stands still for a second in ten would be late once in 900 times.
func (c *Canary) watch(ctx context.Context) (overshoots *hdrhistogram.Histogram, stolenShare *float64) {
	var spun, stolen time.Duration
	gaps := 0
	samples := hdrhistogram.New(1, longest.Microseconds(), precision)
	ticker := time.NewTicker(c.config.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			if gaps < leastGaps {
				stolen = 0
			}
			return samples, percent(float64(stolen), float64(spun))
		case <-ticker.C:
		}
		c.wall.look()
		if overshoot, ok := c.nap(napTime); ok {
			overshoot = min(max(overshoot, 0), longest)
			_ = samples.RecordCorrectedValue(overshoot.Microseconds(), c.config.Every.Microseconds()) // fails out of range alone, and it is not
		}
		more, lost, n := c.spin(spinTime)
		spun, stolen, gaps = spun+more, stolen+lost, gaps+n
	}
}
