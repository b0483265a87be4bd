package harness_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"weir/internal/localaws"
	"weir/measure/verdict"
)

// A harness whose CPU others take says nothing about its pipeline.
func TestProveStarvedHarnessIsVoidAndNotAFailure(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" || runtime.GOOS != "linux" {
		t.Skip("takes every CPU of a Linux machine: make prove")
	}
	s := flights(filepath.Join(recordings, "2013-01.ndjson.gz"))
	s.Fields.PartitionKey = []string{"origin", "flight"}
	s.Load.Replay.Speed = "400000x" // 8,200 records a second, for seven seconds
	for range 2 * runtime.NumCPU() {
		startHog(t)
	}
	o, err := execute(t, s, startAWS(t, localaws.Config{}), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &o.Result
	checkBooks(t, &r.Records)
	if r.Verdict != verdict.Void || r.ExitCode != verdict.ExitVoid {
		t.Errorf("%s (%d): %v", r.Verdict, r.ExitCode, r.Reasons)
	}
	t.Log(r.Reasons)
}

// startHog takes a CPU until the test ends, and for a minute or two at most.
func startHog(t *testing.T) {
	t.Helper()
	command := exec.Command("sh", "-c", "i=0; while [ $i -lt 50000000 ]; do i=$((i+1)); done")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		_ = command.Wait()         // killed
	})
}
