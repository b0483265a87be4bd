package canary

import (
	"context"
	"io/fs"
	"runtime"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// runFor runs a canary for a time, in a bubble, on a host whose naps are as nap says.
func runFor(t *testing.T, files fs.FS, duration time.Duration, nap func(n int) (overshoot time.Duration, ok bool)) Facts {
	t.Helper()
	var facts Facts
	synctest.Test(t, func(t *testing.T) {
		c := New(Config{Files: files})
		c.spin = func(d time.Duration) (time.Duration, time.Duration, int) { return 0, 0, 0 }
		n := 0
		c.nap = func(d time.Duration) (time.Duration, bool) {
			n++
			overshoot, ok := nap(n)
			time.Sleep(d + max(0, overshoot))
			return overshoot, ok
		}
		ctx, cancel := context.WithTimeout(t.Context(), duration)
		defer cancel()
		if err := c.Run(ctx); err != nil {
			t.Fatal(err)
		}
		facts = c.Facts()
	})
	return facts
}

func punctual(int) (time.Duration, bool) { return 60 * time.Microsecond, true }

func TestOvershootIsThatOfTheWorstOfAHundredNaps(t *testing.T) {
	tests := map[string]struct {
		nap      func(n int) (time.Duration, bool)
		duration time.Duration
		want     *time.Duration
	}{
		"punctual":                          {punctual, 10 * time.Second, new(60 * time.Microsecond)},
		"1 in 200 late":                     {oneIn(200, 7*time.Millisecond), 10 * time.Second, new(60 * time.Microsecond)},
		"1 in 50 late":                      {oneIn(50, 7*time.Millisecond), 10 * time.Second, new(7 * time.Millisecond)},
		"woken early by a clock of its own": {func(int) (time.Duration, bool) { return -time.Millisecond, true }, 10 * time.Second, new(time.Duration(0))},
		"ended by signals":                  {func(int) (time.Duration, bool) { return time.Hour, false }, 10 * time.Second, nil},
		"too short to tell":                 {punctual, 900 * time.Millisecond, nil},
		"hardly comes to sleep":             {func(i int) (time.Duration, bool) { return 300 * time.Millisecond, i%2 == 0 }, 10 * time.Second, new(300 * time.Millisecond)},
		"stands still for a second in ten":  {oneIn(900, time.Second), 10 * time.Second, new(900 * time.Millisecond)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := runFor(t, fstest.MapFS{}, test.duration, test.nap).SleepOvershootP99
			if (got == nil) != (test.want == nil) {
				t.Fatalf("p99 %v, want %v", got, test.want)
			}
			if got != nil && (*got-*test.want).Abs() > *test.want/50 {
				t.Errorf("p99 %v, want %v", *got, *test.want)
			}
		})
	}
}

func TestTimeStolenFromSpinsIsTold(t *testing.T) {
	for name, test := range map[string]struct {
		gaps int // in all
		want *float64
	}{"never": {0, new(0.0)}, "twice": {2, new(0.0)}, "five times": {5, new(10.0)}} {
		synctest.Test(t, func(t *testing.T) {
			c := New(Config{Files: fstest.MapFS{}})
			c.nap = func(time.Duration) (time.Duration, bool) { return 0, false }
			spins := 0
			c.spin = func(time.Duration) (time.Duration, time.Duration, int) {
				if spins++; spins > 10 {
					return 0, 0, 0
				}
				if spins <= test.gaps {
					return 10 * time.Millisecond, 2 * time.Millisecond, 1
				}
				return 10 * time.Millisecond, 0, 0
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			if err := c.Run(ctx); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, c.Facts().Stolen); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		})
	}
}

// Every gap that is counted was spent on a CPU: so a thread that waits, as on a machine that is busy with something else, is not told of as robbed.
func TestASpinIsAsLongAsItIsToldToBe(t *testing.T) {
	spun, stolen, gaps := spin(5 * time.Millisecond)
	if runtime.GOOS != "linux" {
		return
	}
	if spun < 5*time.Millisecond || stolen > spun || (gaps == 0) != (stolen == 0) {
		t.Errorf("spun %s, stolen %s in %d gaps", spun, stolen, gaps)
	}
}

func TestALookBeforeARunIsShortAndSeesTheHost(t *testing.T) {
	facts := Look(t.Context(), 50*time.Millisecond)
	if runtime.GOOS == "linux" && (facts.SleepOvershootP99 == nil || facts.Stolen == nil) {
		t.Errorf("%+v", facts)
	}
}

func oneIn(n int, overshoot time.Duration) func(int) (time.Duration, bool) {
	return func(i int) (time.Duration, bool) {
		if i%n == 0 {
			return overshoot, true
		}
		return punctual(i)
	}
}

// changing is a machine whose files are before at the start of a run, and after from a second later on.
type changing struct {
	before, after fstest.MapFS
	start         time.Time
}

func (c *changing) Open(name string) (fs.File, error) {
	if c.start.IsZero() {
		c.start = time.Now()
	}
	if time.Since(c.start) < time.Second {
		return c.before.Open(name)
	}
	return c.after.Open(name)
}

func files(contents map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range contents {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

const (
	schedstat1 = "proc/self/task/11/schedstat"
	schedstat2 = "proc/self/task/12/schedstat"
	cgroup     = "proc/self/cgroup"
	podStat    = "sys/fs/cgroup/kube/pod/cpu.stat"
	kubeStat   = "sys/fs/cgroup/kube/cpu.stat"
)

func TestFactsAreWhatHappenedWhileItRan(t *testing.T) {
	// Each runs for ten seconds.
	tests := map[string]struct {
		before, after map[string]string
		want          Facts
	}{
		"another system": {nil, nil, Facts{}},
		"steal": {
			map[string]string{"proc/stat": "cpu  100 0 100 1000 0 0 0 50 30 0\ncpu0 9 9 9\n"},
			map[string]string{"proc/stat": "cpu  600 0 500 1900 50 25 25 150 400 0\ncpu0 9 9 9\n"},
			Facts{CPUSteal: new(5.0)}, // 100 of 2000; the guests' 370 are the user's
		},
		"steal that went back": {
			map[string]string{"proc/stat": "cpu  100 0 0 0 0 0 0 50 0 0\n"},
			map[string]string{"proc/stat": "cpu  200 0 0 0 0 0 0 49 0 0\n"},
			Facts{CPUSteal: new(0.0)},
		},
		"a statistic cut short": {
			map[string]string{"proc/stat": "cpu  100 0 0\n"}, map[string]string{"proc/stat": "cpu  200 0 0\n"}, Facts{},
		},
		"a statistic that is no number": {
			map[string]string{"proc/stat": "cpu  1 0 0 0 0 0 0 x 0 0\n"}, map[string]string{"proc/stat": "cpu  2 0 0 0 0 0 0 x 0 0\n"}, Facts{},
		},
		"threads that waited, one of them new": {
			map[string]string{schedstat1: "1000000000 500000000 7\n"},
			map[string]string{schedstat1: "10000000000 2500000000 9\n", schedstat2: "3000000000 4000000000 9\n"},
			Facts{RunDelay: new(100 * 6.0 / 18)}, // waited 2 s and 4 s, ran 9 s and 3 s
		},
		"an idle process whose few waits are most of what it wanted": {
			map[string]string{schedstat1: "0 0 0\n"}, map[string]string{schedstat1: "100000000 200000000 9\n"}, Facts{RunDelay: new(2.0)},
		},
		"a kernel that keeps no statistics": {map[string]string{schedstat1: "0 0 0\n"}, map[string]string{schedstat1: "0 0 0\n"}, Facts{}},
		"throttled by the quota of the group around its own": {
			map[string]string{cgroup: "0::/kube/pod\n", podStat: "usage_usec 1\nthrottled_usec 1000000\n", kubeStat: "nr_throttled 4\nthrottled_usec 500000\n"},
			map[string]string{cgroup: "0::/kube/pod\n", podStat: "usage_usec 9\nthrottled_usec 1200000\n", kubeStat: "nr_throttled 9\nthrottled_usec 1000000\n"},
			Facts{Throttled: new(5.0)},
		},
		"a quota that was never reached, seen from inside a container": {
			map[string]string{cgroup: "0::/\n", "sys/fs/cgroup/cpu.stat": "throttled_usec 0\n"},
			map[string]string{cgroup: "0::/\n", "sys/fs/cgroup/cpu.stat": "throttled_usec 0\n"},
			Facts{Throttled: new(0.0)},
		},
		"no cgroup v2": {
			map[string]string{cgroup: "1:cpu:/kube/pod\n", podStat: "throttled_usec 0\n"},
			map[string]string{cgroup: "1:cpu:/kube/pod\n", podStat: "throttled_usec 9\n"},
			Facts{},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := runFor(t, &changing{before: files(test.before), after: files(test.after)}, 10*time.Second, punctual)
			got.SleepOvershootP99 = nil
			// The last nap ends after the ten seconds.
			if d := cmp.Diff(test.want, got, cmpopts.EquateApprox(0.001, 0)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestThisMachineIsSeen(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the canary knows Linux alone")
	}
	c := New(Config{Every: time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), shortest+100*time.Millisecond)
	defer cancel()
	if err := c.Run(ctx); err != nil {
		t.Fatal(err)
	}
	facts := c.Facts()
	if facts.SleepOvershootP99 == nil {
		t.Error("no overshoot was observed")
	}
	for what, share := range map[string]*float64{"steal": facts.CPUSteal, "run delay": facts.RunDelay, "throttled": facts.Throttled} {
		switch {
		case share == nil:
			t.Logf("%s was not observed", what)
		case *share < 0 || what != "throttled" && *share > 100:
			t.Errorf("%s is %g %%", what, *share)
		}
	}
}

func TestFactsAreAbsentBeforeTheEnd(t *testing.T) {
	if facts := New(Config{}).Facts(); facts != (Facts{}) {
		t.Errorf("%+v", facts)
	}
}
