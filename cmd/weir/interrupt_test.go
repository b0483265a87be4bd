package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"weir/measure/verdict"
)

// Twenty runs of a minute go on at once, each with an AWS of its own, and each gets Ctrl-C at a moment of its own.
func TestProveARunThatIsInterruptedAtAnyMomentLeavesBooksThatAddUp(t *testing.T) {
	program := build(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range 20 {
		after := time.Duration(random.Int64N(int64(time.Minute)))
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "run")
			command := exec.CommandContext(t.Context(), program, "run", "smoke", "--out", out,
				"--set", "load.rate=[{shape: hold, at: 200/s, for: 1m}]", "--set", "pipeline.shape="+[]string{"direct", "routed"}[i%2])
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(after)
			if err := command.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			_ = command.Wait() // the exit code is that of the verdict
			if code := command.ProcessState.ExitCode(); code != verdict.ExitInterrupted {
				t.Errorf("after %s: exit code %d", after, code)
			}
			if _, err := os.Stat(out); os.IsNotExist(err) && after < time.Second {
				return // it was not a run yet
			}
			r := readRun(t, out)
			c := &r.Records
			if c.Offered != c.Acked+c.Failed+c.Unknown+c.Unsent || c.Acked+c.Found+c.Duplicated+c.Phantom != c.Read+c.Unread+c.Lost || c.Lost != 0 {
				t.Errorf("after %s: %+v", after, c)
			}
			if r.Verdict != verdict.Interrupted || (r.Rows != nil && r.Rows.Wrong+r.Rows.Missing+r.Rows.Unexpected != 0) {
				t.Errorf("after %s: %s, %v, %+v", after, r.Verdict, r.Reasons, r.Rows)
			}
		})
	}
}
