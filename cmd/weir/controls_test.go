package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingOfARecordingControlsTheTerminal has commands print texts that hold an escape sequence: names of files, of a scenario, and what is in both.
func TestNothingOfARecordingControlsTheTerminal(t *testing.T) {
	t.Chdir(t.TempDir())
	const esc = "\x1b[31m\u009b31m"
	recording, scenario := "e"+esc+".ndjson", "s"+esc+".yaml"
	for name, text := range map[string]string{
		recording: `{"kind":"a` + `\u001b` + `b","key":"k\u001bk","event_time":"2013-01-31T18:05:09Z"}` + "\nno \x1b JSON\n",
		scenario:  "version: 1\nname: \"a\\e[31mb\"\nabout: \"x\\e[31my\"\nload: {replay: {source: \"e\\e[31m\\u009b31m.ndjson\", speed: max}}\nlimits: off\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"check", recording, "--columns", "a" + esc},
		{"check", scenario},
		{"check", recording + "x"},
		{"check", recording, "--field", "key=" + esc},
		{"import", recording},
		{"replay", recording, "--speed", "max", "--limits", "off", "--shards", "1", "--out", "runs/" + esc},
		{"report", "runs/" + esc},
		{"report", "runs/" + esc, "--out", "-"},
		{"compare", "runs/" + esc, "runs/" + esc},
	} {
		var out bytes.Buffer
		c := &cli{args: args, stdin: strings.NewReader(""), stdout: &out, stderr: &out}
		c.run()
		if out.Len() == 0 {
			t.Errorf("%q prints nothing", args)
		}
		noControls(t, strings.Join(args, " "), out.Bytes())
	}
	for _, name := range []string{"report.html", "summary.md", "bench.txt", "junit.xml"} {
		text, err := os.ReadFile(filepath.Join("runs", esc, name))
		if err != nil {
			t.Fatal(err)
		}
		noControls(t, name, text)
	}
}

func noControls(t *testing.T, what string, text []byte) {
	t.Helper()
	if at := bytes.IndexAny(text, "\x1b\u009b"); at >= 0 {
		t.Errorf("%q: %q", what, text[max(0, at-60):min(len(text), at+60)])
	}
}
