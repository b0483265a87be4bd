package replay

import (
	"archive/tar"
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// TestWhatIsNotReadIsNamed with what to do instead, be it short or long, and compressed by what is read.
func TestWhatIsNotReadIsNamed(t *testing.T) {
	for _, n := range []int{1, 20, 5000} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintln(&text, event(fmt.Sprint("k", i*i*7919%1000), i))
		}
		for file, want := range map[string]string{
			tarOf(t, tar.FormatUSTAR, "a", text.String()):                                                               "a tar archive: unpack",
			tarOf(t, tar.FormatGNU, "recording.ndjson", text.String()):                                                  "a tar archive: unpack",
			tarOf(t, tar.FormatPAX, strings.Repeat("é", 150)+".ndjson", text.String()):                                  "a tar archive: unpack",
			written(t, text.String(), func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }):                    "compressed by zlib: unpack",
			written(t, text.String(), func(w io.Writer) io.WriteCloser { z, _ := zlib.NewWriterLevel(w, 1); return z }): "compressed by zlib: unpack",
			written(t, text.String(), func(w io.Writer) io.WriteCloser { z, _ := zlib.NewWriterLevel(w, 9); return z }): "compressed by zlib: unpack",
			written(t, text.String(), func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }):                  "compressed by Brotli: unpack",
			"ARROW1\x00\x00\xff\xff\xff\xff" + text.String():                                                            "Arrow, which Feather is, too: write it as Parquet",
			"\xff\xff\xff\xff\x98\x00\x00\x00\x10\x00" + text.String():                                                  "a stream of Arrow's: write it as Parquet",
			"FEA1\x00\x00\x00\x00\x01\x00\x00\x00" + text.String():                                                      "Feather: write it as Parquet",
			"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x05" + text.String():                            "snappy in the frames of xerial's library: unpack",
		} {
			for form, file := range map[string]string{"plain": file, "in gzip": zipped(t, file)} {
				records, skipped := parseAll(t, inMemory(file), AutoFormat)
				if len(records) > 0 || skipped.ByReason[UnknownEncoding] != 1 || !strings.HasPrefix(skipped.Samples[0].Detail, "it is "+want) {
					t.Errorf("%d lines, %s, %s: %d records, %+v", n, want, form, len(records), skipped)
				}
			}
		}
	}
}

// TestTextIsNotTakenForSomethingPacked be it in another encoding.
func TestTextIsNotTakenForSomethingPacked(t *testing.T) {
	one := event("a", 1)
	for _, text := range []string{
		"x^t,key\n1,a\n", "FEA1,key\n1,a\n", "x\x9c;Gr\xf6\xdfe\n" + one, "\x82SNAPPY\n" + one, one + "\n" + strings.Repeat("\x00", 1000), "\xe4\xf6\xfc\n" + one,
	} {
		if _, skipped := parseAll(t, inMemory(text), AutoFormat); skipped.ByReason[UnknownEncoding] > 0 {
			t.Errorf("%q: %+v", text, skipped)
		}
	}
}

// written is a text as an encoder writes it.
func written(t *testing.T, text string, encoder func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var b bytes.Buffer
	w := encoder(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tarOf is a tar archive of one file.
func tarOf(t *testing.T, format tar.Format, name, text string) string {
	t.Helper()
	return written(t, "", func(w io.Writer) io.WriteCloser {
		archive := tar.NewWriter(w)
		if err := archive.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644, Format: format}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(archive, text); err != nil {
			t.Fatal(err)
		}
		return archive
	})
}

// TestACompressionIsNamedFromTheInsideOut as its words say: gzip in bzip2 was compressed by gzip first.
func TestACompressionIsNamedFromTheInsideOut(t *testing.T) {
	o := textOptions(zipOf(t, "a.gz", zipped(t, event("a", 1)+"\n")))
	found, err := TakeSurvey(t.Context(), o, 1)
	if err != nil || len(found.Forms) != 1 || found.Forms[0].Compression != "gzip in ZIP" {
		t.Errorf("%+v, %v", found.Forms, err)
	}
}

// TestWhatIsCompressedTooOftenDoesNotBreakOff but is of a kind that is not read.
func TestWhatIsCompressedTooOftenDoesNotBreakOff(t *testing.T) {
	text := event("a", 1)
	for range 6 {
		text = zipped(t, text)
	}
	if _, skipped := parseAll(t, inMemory(text), AutoFormat); skipped.Count != 1 || skipped.ByReason[UnknownEncoding] != 1 {
		t.Errorf("%+v", skipped)
	}
}
