package aggregator

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A mutant is the aggregator with one fault, as a patch in testdata/mutants.
const mutants = "testdata/mutants/*.patch"

// mutate applies a patch to the one file that it is for, and gives the file's path and what is then in it. Each of its hunks has to be there, and once: lines may
// have moved since.
func mutate(t *testing.T, patch string) (file, text string) {
	t.Helper()
	data, err := os.ReadFile(patch)
	if err != nil {
		t.Fatal(err)
	}
	head, body, ok := strings.Cut(string(data), "\n@@")
	_, file, named := strings.Cut(head, "+++ b/aggregator/")
	if !ok || !named {
		t.Fatalf("%s is no patch of the aggregator", patch)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = string(source)
	for hunk := range strings.SplitSeq(body, "\n@@") {
		var before, after strings.Builder
		_, lines, _ := strings.Cut(hunk, "\n")
		for line := range strings.SplitAfterSeq(lines, "\n") {
			if line == "" {
				continue
			}
			if kept := line[0] == ' '; kept || line[0] == '-' {
				before.WriteString(line[1:])
			}
			if kept := line[0] == ' '; kept || line[0] == '+' {
				after.WriteString(line[1:])
			}
		}
		was := strings.TrimSuffix(before.String(), "\n")
		if n := strings.Count(text, was); n != 1 {
			t.Fatalf("%s does not apply: %d places are as it has it", patch, n)
		}
		text = strings.Replace(text, was, strings.TrimSuffix(after.String(), "\n"), 1)
	}
	return file, text
}

func patches(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(mutants)
	if err != nil || len(found) < 25 {
		t.Fatalf("%d mutants, %v", len(found), err)
	}
	return found
}

func TestEachMutantStillApplies(t *testing.T) {
	for _, patch := range patches(t) {
		mutate(t, patch)
	}
}

// The oracle finds what is wrong with each mutant; that it finds nothing wrong with the aggregator itself is TestTheOracleFindsNothingWrong.
func TestProveTheOracleFindsEachMutant(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove compiles each mutant")
	}
	for _, patch := range patches(t) {
		t.Run(strings.TrimSuffix(filepath.Base(patch), ".patch"), func(t *testing.T) {
			file, text := mutate(t, patch)
			out, err := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-count=1", "-timeout=2m", "-overlay", overlay(t, file, text),
				"-run", "^TestTheOracleFindsNothingWrong$", ".").CombinedOutput()
			if err == nil || !strings.Contains(string(out), "the oracle says: ") {
				t.Errorf("the oracle does not find it: %v\n%s", err, out)
			}
		})
	}
}

// overlay has Go compile another text for a file.
func overlay(t *testing.T, file, text string) string {
	t.Helper()
	dir := t.TempDir()
	original, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	mutated, config := filepath.Join(dir, "mutated.go"), filepath.Join(dir, "overlay.json")
	data, err := json.Marshal(map[string]map[string]string{"Replace": {original: mutated}})
	if err != nil {
		t.Fatal(err)
	}
	for path, data := range map[string][]byte{mutated: []byte(text), config: data} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config
}
