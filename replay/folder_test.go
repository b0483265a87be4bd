package replay

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// folder makes files of the given relative paths and contents.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestAFolderIsReadInByteOrderOfItsPaths(t *testing.T) {
	root := folder(t, map[string]string{
		"2013/01/02/00/x": "3\n", "2013/01/01/09/b": "1\n", "2013/01.late": "0\n", "2013/01/01/09/c": "2\n", "B": "5\n", "a": "6\n",
		".hidden": "no\n", "2013/.git/x": "no\n", "2013/.git/y/z": "no\n", "2014/_SUCCESS": "", "2014/_metadata": "no\n", "2014/_temporary/0/x": "no\n",
		"2014/_spark_metadata/0": "no\n", "2014/_started_1": "no\n", "2014/_committed_1": "no\n", "2014/x.parquet.crc": "no\n",
	})
	if err := os.Symlink("2013", filepath.Join(root, "linked")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", filepath.Join(root, "z")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(root, "zz")); err != nil {
		t.Fatal(err)
	}
	f, err := findLocal(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		".hidden:0: hidden file, left out", "2013/.git:0: hidden folder, left out",
		"2013/01.late:1 0", "2013/01/01/09/b:1 1", "2013/01/01/09/c:1 2", "2013/01/02/00/x:1 3",
		"2014/_committed_1:0: file that a program puts beside data, left out",
		"2014/_metadata:0: file that a program puts beside data, left out", "2014/_spark_metadata/0:0: file that a program puts beside data, left out",
		"2014/_started_1:0: file that a program puts beside data, left out", "2014/_temporary/0/x:0: file that a program puts beside data, left out",
		"2014/x.parquet.crc:0: file that a program puts beside data, left out",
		"B:1 5", "a:1 6", "linked:0: link to a folder, not followed", "z:1 6", "zz:0: file cannot be opened",
	}
	if got := readLines(t, f); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAFileIsNamedByItsLastPart(t *testing.T) {
	root := folder(t, map[string]string{"x/y.ndjson": "1\n"})
	f, err := findLocal(filepath.Join(root, "x", "y.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if got := readLines(t, f); !slices.Equal(got, []string{"y.ndjson:1 1"}) {
		t.Error(got)
	}
}

func TestLocalSourcesThatAreNotThere(t *testing.T) {
	hidden := folder(t, map[string]string{".x": "1\n"})
	for source, want := range map[string]error{
		filepath.Join(hidden, "absent"): ErrNotFound,
		hidden:                          ErrEmpty,
		t.TempDir():                     ErrEmpty,
		"":                              ErrNotFound,
	} {
		if _, err := findLocal(source); !errors.Is(err, want) || !strings.Contains(err.Error(), source) {
			t.Errorf("%q: %v, want %v", source, err, want)
		}
	}
}

func TestAnEndInterruptsAReadOfANamedPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no named pipes here:", err)
	}
	writer, err := os.OpenFile(path, os.O_RDWR, 0) // both ways, so that opening waits for nobody
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	l := &lines{open: oneByOne(mustFind(t, path))}
	defer l.close()
	if b, err := l.next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", b, err)
	}
}
