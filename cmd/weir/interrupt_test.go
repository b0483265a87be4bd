package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"weir/measure/verdict"
	"weir/result"
)

// Twenty runs of a minute go on at once, each with an AWS of its own, and each gets Ctrl-C at a moment of its own.
func TestProveARunThatIsInterruptedAtAnyMomentLeavesBooksThatAddUp(t *testing.T) {
	needsProve(t)
	program := build(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var runs sync.WaitGroup // subtests would go on two at a time
	for i := range 20 {
		after := time.Duration(random.Int64N(int64(time.Minute)))
		out, shape := filepath.Join(t.TempDir(), "run"), []string{"direct", "routed"}[i%2]
		runs.Go(func() {
			if err := interruptedRun(t.Context(), program, out, shape, after); err != nil {
				t.Errorf("after %s: %v", after, err)
			}
		})
	}
	runs.Wait()
}

// interruptedRun says what is wrong with a run that was interrupted after a time.
func interruptedRun(ctx context.Context, program, out, shape string, after time.Duration) error {
	command := exec.CommandContext(ctx, program, "run", "smoke", "--out", out,
		"--set", "load.rate=[{shape: hold, at: 200/s, for: 1m}]", "--set", "pipeline.shape="+shape)
	if err := command.Start(); err != nil {
		return err
	}
	time.Sleep(after)
	if err := command.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	_ = command.Wait() // the exit code is that of the verdict
	if _, err := os.Stat(out); os.IsNotExist(err) && after < 2*time.Second {
		return nil // twenty programs that start at once: it was not a run yet, if it was running at all
	}
	if code := command.ProcessState.ExitCode(); code != verdict.ExitInterrupted {
		return fmt.Errorf("exit code %d", code)
	}
	folder, err := result.Open(out)
	if err != nil {
		return err
	}
	r, err := folder.ReadResult()
	if err != nil {
		return err
	}
	c := &r.Records
	if c.Offered != c.Acked+c.Failed+c.Unknown+c.Unsent || c.Acked+c.Found+c.Duplicated+c.Phantom != c.Read+c.Unread+c.Lost || c.Lost != 0 {
		return fmt.Errorf("the books do not add up: %+v", c)
	}
	if r.Verdict != verdict.Interrupted || (r.Rows != nil && r.Rows.Wrong+r.Rows.Missing+r.Rows.Unexpected != 0) {
		return fmt.Errorf("%s, %v, %+v", r.Verdict, r.Reasons, r.Rows)
	}
	return nil
}
