package result

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What a file lacks must not read as zero.
func TestAResultThatLacksAMemberIsDamaged(t *testing.T) {
	for before, test := range map[string]struct{ after, want string }{
		`"p99": 20.5`:                     {`"p99": null`, "it has no latency_ms.written.p99"},
		`"lost": `:                        {`"was": `, "it has no records.lost"},
		`"verdict": "pass"`:               {`"verdict": null`, "it has no verdict"},
		`"records": {`:                    {`"records": null, "were": {`, "it has no records"},
		`"drained_in_ms": `:               {`"were": `, ""}, // may be not measured
		`"version": 2`:                    {`"version": "one"`, "damaged: json"},
		"{\n":                             {"[\n", "damaged: invalid character"},
		`"started": "2026-01-02T03:04:05`: {`"started": "yesterday`, "damaged: parsing time"},
	} {
		folder := &Folder{path: t.TempDir()}
		if err := folder.WriteResult(measured()); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder.path, ResultFile)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wrong := strings.Replace(string(text), before, test.after, 1)
		if wrong == string(text) {
			t.Fatalf("%s is not in %s", before, text)
		}
		if err := os.WriteFile(path, []byte(wrong), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = folder.ReadResult()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), path+": ") || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("with %s: %v", test.after, err)
		}
	}
}

func measured() *Result {
	return &Result{
		Version: Version, Verdict: "pass", Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Latency: map[string]Latency{"written": {Count: 9, P99: 20.5}},
	}
}

func TestATrialThatCannotBeIsNamed(t *testing.T) {
	folder := &Folder{path: t.TempDir()}
	good := SizingTrial{SizingConfig: SizingConfig{Shards: 1, Parallelism: 1, Load: 1}, Measured: SizingSight{Verdict: "pass"}}
	bad := good
	bad.Shards = 0
	if err := folder.WriteSizing(&Sizing{Version: SizingVersion, Trials: []SizingTrial{good, bad}}); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.ReadSizing(); err == nil || !strings.HasSuffix(err.Error(), "trial 2 of 2: 0 shards") {
		t.Errorf("%v", err)
	}
}

// The file is one that a weir wrote whose sizing.json was of version 1: it has not what version 2 has first, and lacks nothing.
func TestASearchOfVersion1IsRead(t *testing.T) {
	text, err := os.ReadFile("testdata/sizing-v1.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ before, after, want string }{
		{"", "", ""},
		{`"sure": `, `"was": `, "damaged: it has no answer.sure"},
		{`"version": 1`, `"version": 2`, "damaged: it has no answer.use"},
		{`"version": 1`, `"version": 3, "trials": "of another kind"`, "version 3, and this weir reads up to version 2"},
	} {
		folder := &Folder{path: t.TempDir()}
		changed := strings.Replace(string(text), test.before, test.after, 1)
		if err := os.WriteFile(filepath.Join(folder.path, SizingFile), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := folder.ReadSizing()
		if test.want != "" {
			if err == nil || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("with %s: %v", test.after, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if s.WholeBacklog() || len(s.Trials) != 1 || s.Advice.Uses[0].BusyShare != 0.5 {
			t.Errorf("%+v", s)
		}
	}
}
