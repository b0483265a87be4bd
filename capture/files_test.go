package capture

import (
	"io"
	"os"
	"testing"

	"github.com/klauspost/compress/gzip"
)

func discard() *gzip.Writer { return gzip.NewWriter(io.Discard) }

func unzip(t *testing.T, name string) string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	from, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
