package report

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestBrowser opens the page of a run that failed, and one of ten hours, in a real browser: see browser/page.test.js. make test-browser runs it.
func TestBrowser(t *testing.T) {
	if os.Getenv("WEIR_BROWSER") == "" {
		t.Skip("make test-browser runs it")
	}
	folder := t.TempDir()
	page := func(name string, run *Run) string {
		path := filepath.Join(folder, name)
		write(t, folder, name, text(t, run.WriteHTML))
		return path
	}
	command := exec.Command("node", "--test", "browser/")
	command.Env = append(os.Environ(), "REPORT="+page("failed.html", read(t, failed)), "LONG="+page("long.html", read(t, longRun(t, 10, 1440))))
	out, err := command.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}
