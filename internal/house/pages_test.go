package house

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/measure/verdict"
	"weir/result"
)

func TestHousePageOfTheRunFolderNamesEveryFieldOfTheResult(t *testing.T) {
	page := readFile(t, "docs/run-folder.md")
	var golden map[string]any
	if err := json.Unmarshal([]byte(readFile(t, "result/testdata/result.json")), &golden); err != nil {
		t.Fatal(err)
	}
	fields := slices.Collect(maps.Keys(golden))
	for _, part := range []string{"records", "rows", "rate", "host", "watermark"} {
		fields = slices.AppendSeq(fields, maps.Keys(golden[part].(map[string]any)))
	}
	for _, part := range []string{"routes", "backlog", "latency_ms"} {
		for _, entry := range golden[part].(map[string]any) {
			fields = slices.AppendSeq(fields, maps.Keys(entry.(map[string]any)))
		}
	}
	for _, field := range fields {
		if !strings.Contains(page, "`"+field+"`") {
			t.Errorf("docs/run-folder.md does not name `%s`", field)
		}
	}
}

func TestHousePageOfTheRunFolderNamesEveryFile(t *testing.T) {
	page := readFile(t, "docs/run-folder.md")
	for _, file := range []string{result.ResultFile, result.LatencyFile, result.SeriesFile, result.WindowsFile, result.ScenarioFile} {
		if !strings.Contains(page, "`"+file+"`") {
			t.Errorf("docs/run-folder.md does not name %s", file)
		}
	}
}

func TestHousePageOfComparisonsNamesEveryFieldOfItsFiles(t *testing.T) {
	page := readFile(t, "docs/compare.md")
	for _, file := range []string{result.ComparisonFile, result.BaselineFile} {
		var golden map[string]any
		if err := json.Unmarshal([]byte(readFile(t, "result/testdata/"+file)), &golden); err != nil {
			t.Fatal(err)
		}
		fields := slices.Collect(maps.Keys(golden))
		for _, list := range []string{"metrics", "runs"} {
			if entries, ok := golden[list].([]any); ok {
				if entry, ok := entries[0].(map[string]any); ok {
					fields = slices.AppendSeq(fields, maps.Keys(entry))
				}
			}
		}
		for _, field := range fields {
			if !strings.Contains(page, "`"+field+"`") {
				t.Errorf("docs/compare.md does not name `%s` of %s", field, file)
			}
		}
	}
}

func TestHousePageOfTheExitCodesHasThemInTheOrderInWhichTheyApply(t *testing.T) {
	page := readFile(t, "docs/exit-codes.md")
	from := 0
	for _, code := range []struct {
		code    int
		verdict string
	}{
		{verdict.ExitUsage, verdict.Error},
		{verdict.ExitError, verdict.Error},
		{verdict.ExitWrong, verdict.Fail},
		{verdict.ExitInterrupted, verdict.Interrupted},
		{verdict.ExitVoid, verdict.Void},
		{verdict.ExitRegressed, verdict.Regressed},
		{verdict.ExitFail, verdict.Fail},
		{verdict.ExitInconclusive, verdict.Inconclusive},
		{verdict.ExitPass, verdict.Pass},
	} {
		line := fmt.Sprintf("\n| %d | `%s` |", code.code, code.verdict)
		at := strings.Index(page[from:], line)
		if at < 0 {
			t.Errorf("docs/exit-codes.md lacks %q, or has it too early", strings.TrimSpace(line))
			continue
		}
		from += at
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
