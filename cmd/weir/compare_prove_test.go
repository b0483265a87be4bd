package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"weir/measure/verdict"
	"weir/result"
)

// compareMe is short, so that six pairs take less than a minute.
const compareMe = `version: 1
load:
  kinds:
    order: {keys: {uniform: {count: 100}}, size: 200B, value: {uniform: 1..9}}
  rate:
    - {shape: hold, at: 500/s, for: 1s}
pipeline:
  input: {shards: 2}
  aggregator: {window: 200ms, out_of_orderness: 50ms}
`

// proveComparison compares the scenario with itself, changed by the flags, in six pairs and with a floor that no machine's noise comes near; nil if the machine let too few runs count.
func proveComparison(t *testing.T, flags ...string) *result.Comparison {
	t.Helper()
	needsProve(t)
	program, dir := build(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "short.yaml"), []byte(compareMe), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program,
		append([]string{"compare", "short.yaml", "short.yaml", "--pairs", "6", "--gate", "written.p50=50%", "--out", "compared"}, flags...)...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatal(err)
	}
	t.Logf("%s", out)
	text, err := os.ReadFile(filepath.Join(dir, "compared", result.ComparisonFile))
	if err != nil {
		t.Fatal(err)
	}
	var c result.Comparison
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if code := command.ProcessState.ExitCode(); code != c.ExitCode {
		t.Errorf("exit code %d, and %d in the file", code, c.ExitCode)
	}
	if c.ExitCode == verdict.ExitVoid {
		t.Log("void: the machine is too busy to say anything")
		return nil
	}
	return &c
}

func TestProveASlowerTableIsARegression(t *testing.T) {
	c := proveComparison(t, "--set-b", "latency={table: {fixed: 600ms}}")
	if c != nil && (c.ExitCode != verdict.ExitRegressed || c.PairsCompared != 6) {
		t.Errorf("%s, %d pairs: %q", c.Verdict, c.PairsCompared, c.Reasons)
	}
}

func TestProveAScenarioIsNotSlowerThanItself(t *testing.T) {
	if c := proveComparison(t); c != nil && c.ExitCode != verdict.ExitPass && c.ExitCode != verdict.ExitInconclusive {
		t.Errorf("%s: %q", c.Verdict, c.Reasons)
	}
}
