package scenarios

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzRead reads anything: it never panics, every mistake has a place in the text, and what is read without one is written so that it
// reads as the same.
func FuzzRead(f *testing.F) {
	for _, pattern := range []string{"shipped/*.yaml", "testdata/*.yaml", "testdata/mistakes/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > maxFile {
			return
		}
		s, err := reread(text)
		if err != nil {
			checkPlaces(t, text, err)
			return
		}
		var written bytes.Buffer
		if _, err := s.WriteTo(&written); err != nil {
			t.Fatal(err)
		}
		again, err := reread(written.Bytes())
		if err != nil {
			t.Fatalf("%v\n%s", err, written.Bytes())
		}
		if diff := cmp.Diff(s, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-read +again):\n%s\n%s", diff, written.Bytes())
		}
	})
}

func checkPlaces(t *testing.T, text []byte, err error) {
	t.Helper()
	var mistakes *Mistakes
	if !errors.As(err, &mistakes) || len(mistakes.All) == 0 || err.Error() == "" {
		t.Fatalf("no mistakes: %v", err)
	}
	for _, m := range mistakes.All {
		if m.Line < 1 || m.Column < 1 || m.Line > strings.Count(plainText(text), "\n")+2 || m.Text == "" {
			t.Fatalf("a mistake without a place: %+v", m)
		}
	}
}
