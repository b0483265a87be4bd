package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"weir/measure/verdict"
	"weir/result"
)

// yearOfRecords is where the whole year lies, of which only January ships with weir.
const yearOfRecords = "../../../shared/recordings/nycflights13/months"

// voidTries is how often a run that the machine has spoiled is tried again: it says nothing of weir.
const voidTries = 4

// needsProve skips a proof that make prove alone runs.
func needsProve(t *testing.T) {
	t.Helper()
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("takes a minute and more: make prove runs it")
	}
}

// build builds weir, as internal/house does, so that Go's cache has what both need.
func build(t *testing.T, flags ...string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "weir")
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-o", program}, flags...)
	if out, err := exec.CommandContext(t.Context(), "go", append(args, ".")...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// proveYear replays the year in a minute with AWS's limits on, and returns what came of it.
func proveYear(t *testing.T, shards string) *result.Result {
	t.Helper()
	needsProve(t)
	program := build(t)
	if _, err := os.Stat(yearOfRecords); err != nil {
		t.Skipf("the year's records are not there: %v", err)
	}
	for try := 1; ; try++ {
		r := replayYear(t, program, shards)
		if r.Verdict != verdict.Void || try == voidTries {
			return r
		}
		t.Logf("void, so it is run again: %v", r.Reasons)
	}
}

func replayYear(t *testing.T, program, shards string) *result.Result {
	t.Helper()
	out := filepath.Join(t.TempDir(), "run")
	command := exec.CommandContext(t.Context(), program, "replay", yearOfRecords, "--speed", "525600x", "--shards", shards, "--parallelism", "2",
		"--field", "kind=kind", "--field", "event_time=event_time", "--field", "key=origin", "--field", "value=delay",
		"--field", "partition_key=origin", "--field", "partition_key=flight",
		"--window", "1h", "--out-of-orderness", "5m", "--out", out)
	var text bytes.Buffer
	command.Stdout, command.Stderr = &text, &text
	err := command.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatal(err)
	}
	t.Log(text.String())
	return readRun(t, out)
}

func readRun(t *testing.T, out string) *result.Result {
	t.Helper()
	folder, err := result.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	r, err := folder.ReadResult()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// checkYear holds what is true of the year whatever the shards: nothing lost, nothing wrong, every row accounted for.
func checkYear(t *testing.T, r *result.Result) {
	t.Helper()
	if r.ExitCode != verdict.ExitPass {
		t.Errorf("exit code %d: %v", r.ExitCode, r.Reasons)
	}
	if r.Records.Offered != 690237 || r.Records.Acked+r.Records.Found != 690237 || r.Records.Read != 690237 || r.Records.Lost != 0 {
		t.Errorf("records %+v", r.Records)
	}
	rows := r.Rows
	if rows.Expected != 74044 || rows.Matched != 74044 || rows.Wrong+rows.Missing+rows.Unexpected+rows.Unproven != 0 {
		t.Errorf("rows %+v", rows)
	}
	if written := r.Latency["written"].Count; written+rows.Flushed != 74044 {
		t.Errorf("%d rows written and timed, %d flushed: not 74,044", written, rows.Flushed)
	}
}

func TestProveAYearInAMinuteHoldsAtTwentyFourShards(t *testing.T) {
	r := proveYear(t, "24")
	checkYear(t, r)
	if r.Rows.Flushed > 24 {
		t.Errorf("%d rows were flushed, and at most 24 may be", r.Rows.Flushed)
	}
	if handed := r.Latency["handed"].P99; handed > 5 {
		t.Errorf("handed p99 %v ms, at most 5", handed)
	}
}

func TestProveAYearInAMinuteThrottlesAtTwelveShardsAndLosesNothing(t *testing.T) {
	r := proveYear(t, "12")
	checkYear(t, r)
	if r.Records.Throttled == 0 {
		t.Error("nothing was throttled, though the hottest shard gets 1,063 records a second")
	}
	if r.Backlog["input"].MaxRecords == 0 {
		t.Error("no backlog was seen")
	}
	if r.Records.Late > r.Records.Reordered {
		t.Errorf("%d late, and only %d reordered", r.Records.Late, r.Records.Reordered)
	}
}
