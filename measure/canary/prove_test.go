package canary

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The test's binary plays two parts besides its own, by the value of this variable.
const (
	part    = "WEIR_CANARY_TEST"
	hog     = "hog"     // takes one CPU, for ten seconds at most
	watched = "watched" // runs a canary beside a load of its own for four seconds, and prints its facts
)

func TestMain(m *testing.M) {
	switch os.Getenv(part) {
	case hog:
		for start := time.Now(); time.Since(start) < 10*time.Second; {
		}
	case watched:
		if err := watch(); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
	default:
		goleak.VerifyTestMain(m)
	}
}

// watch is a process whose own load takes every CPU, and keeps Go's scheduler and its garbage collector busy.
func watch() error {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	for range 4 * runtime.GOMAXPROCS(0) {
		go churn(ctx)
	}
	c := New(Config{})
	if err := c.Run(ctx); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(c.Facts())
}

// churn allocates small objects and keeps 20,000 of them.
func churn(ctx context.Context) {
	kept := make([]*[64]byte, 20_000)
	for i := 0; ctx.Err() == nil; i++ {
		kept[i%len(kept)] = new([64]byte)
	}
}

// The bounds are those of a void run (measure/verdict).
func TestProveCanaryTellsAStarvedHarnessFromABusyOne(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" || runtime.GOOS != "linux" {
		t.Skip("takes half a minute and every CPU of a quiet Linux machine: make prove")
	}
	tests := []struct {
		name    string
		hogs    int // a CPU
		nice    int // of the harness, above the hogs'
		starved bool
	}{
		{"busy", 0, 0, false},
		{"busy, beside others that want as much", 2, 0, true},
		{"busy, behind others that want as much", 2, 10, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for range test.hogs * runtime.NumCPU() {
				startHog(t)
			}
			// Where nobody is to starve the harness, somebody else on this machine may: it has to be told for busy once.
			tries := 5
			if test.starved {
				tries = 1
			}
			for try := range tries {
				facts := watchAt(t, test.nice)
				late, delayed := *facts.SleepOvershootP99 > 5*time.Millisecond, *facts.RunDelay > 50
				t.Logf("sleep overshoot p99 %v, run delay %.1f %%, steal %.1f %%", *facts.SleepOvershootP99, *facts.RunDelay, *facts.CPUSteal)
				if late == test.starved && delayed == test.starved {
					return
				}
				if try == tries-1 {
					t.Errorf("late is %v and delayed is %v, want %v", late, delayed, test.starved)
				}
			}
		})
	}
}

// startHog takes a CPU until the test ends.
func startHog(t *testing.T) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), part+"="+hog)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		_ = command.Wait()         // killed
	})
}

// watchAt runs the watched process at a nice level.
func watchAt(t *testing.T, nice int) Facts {
	t.Helper()
	command := exec.CommandContext(t.Context(), "nice", "-n", strconv.Itoa(nice), os.Args[0])
	command.Env = append(os.Environ(), part+"="+watched)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var facts Facts
	if err := json.Unmarshal(out, &facts); err != nil {
		t.Fatal(err)
	}
	if facts.SleepOvershootP99 == nil || facts.RunDelay == nil || facts.CPUSteal == nil {
		t.Fatalf("not observed: %+v", facts)
	}
	return facts
}
