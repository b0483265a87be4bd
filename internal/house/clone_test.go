package house

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// leftOut is what a fresh clone does not have, and what only git needs.
var leftOut = []string{".git", ".interop", "bin", "out", "runs"}

// build builds weir once for all pages, and returns the path of the binary.
func build(t *testing.T) string {
	t.Helper()
	watch(t)
	binary := filepath.Join(t.TempDir(), "weir")
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "./cmd/weir")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// copyRepository copies the repository, without what git ignores, so that commands can write whatever they like.
func copyRepository(t *testing.T, to string) {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if slices.Contains(leftOut, entry.Name()) {
			continue
		}
		from, target := filepath.Join(root, entry.Name()), filepath.Join(to, entry.Name())
		if entry.IsDir() {
			err = os.CopyFS(target, os.DirFS(from))
		} else {
			err = copyFile(from, target)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// copyFile copies a file that can be run, or not, and makes its folder.
func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, info.Mode().Perm())
}

// watch opens all source files, and so makes go test run these tests again where one has changed: its cache knows the files that a
// test has opened, and not those that the programs have which it ran.
func watch(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		return file.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
}
