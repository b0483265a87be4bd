package replay

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// zipOf is a ZIP archive of files, each a name and a text.
func zipOf(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		member, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = member.Write([]byte(files[i+1]))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestTheFilesOfAnArchiveAreFiles of their own: each has a format, a compression, lines from 1 and a name, and what is wrong with one is its own.
func TestTheFilesOfAnArchiveAreFiles(t *testing.T) {
	const a, b, c, d = `{"t":1,"key":"a"}`, `{"t":2,"key":"b"}`, `{"t":3,"key":"c"}`, `{"t":4,"key":"d"}`
	archive := zipOf(
		t, "a.ndjson", a+"\nbroken", "__MACOSX/a", "\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X", "folder/", "", "folder/b.gz", zipped(t, b+"\nbroken\n"),
		"c.csv", "t,key\n3,c\n4,d,e\n", "bad.csv", "t,\"key\"x\n1,a\n", "cut.gz", zipped(t, a)[:12], "_metadata", "PAR1", "x.avro", "Obj\x01....", "in.zip", zipOf(t, "d", d+"\n"),
	)
	for name, file := range map[string]string{"plain": archive, "in gzip": zipped(t, archive)} {
		records, skipped := parseAll(t, inMemory(file, a), AutoFormat)
		if want := []string{a, b, c, d, a}; !slices.Equal(records, want) {
			t.Errorf("%s: %q, want %q", name, records, want)
		}
		var skips []string
		for _, s := range skipped.Samples {
			skips = append(skips, fmt.Sprintf("%s:%d %s", s.File, s.Line, s.Reason))
		}
		want := []string{
			"file0!a.ndjson:2 not a JSON object", "file0!__MACOSX/a:0 file that a program puts beside data, left out", "file0!folder/b.gz:2 not a JSON object", "file0!c.csv:3 not a row of the CSV header's columns",
			"file0!bad.csv:1 CSV header is unusable", "file0!cut.gz:1 file breaks off", "file0!_metadata:0 file that a program puts beside data, left out",
			"file0!x.avro:0 file is compressed or encoded in a way that is not read",
		}
		if !slices.Equal(skips, want) {
			t.Errorf("%s: skipped\n%q, want\n%q", name, skips, want)
		}
	}
	records, skipped := parseAll(t, inMemory(archive[:len(archive)/2], a), AutoFormat)
	if len(records) < 2 || records[len(records)-1] != a || skipped.ByReason[Broken] != 2 {
		t.Errorf("an archive that breaks off behind cut.gz: %q, %+v", records, skipped)
	}
}

// TestAnArchiveIsNamedInASurvey by each of its files.
func TestAnArchiveIsNamedInASurvey(t *testing.T) {
	o := textOptions(zipOf(t, "a", `{"t":1,"key":"a"}`+"\n", "b.csv", "t,key\n2,b\n"))
	found, err := TakeSurvey(t.Context(), o, 1)
	if err != nil || found.Files != 2 || !strings.Contains(found.String(), "csv, ZIP: 1 file, as -!b.csv") {
		t.Errorf("%s, %v", &found, err)
	}
}

// TestAStoredFileWithoutALengthIsRefusedAsSuch and not by a method of packing that has no other file.
func TestAStoredFileWithoutALengthIsRefusedAsSuch(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	member, err := w.CreateHeader(&zip.FileHeader{Name: "a", Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = member.Write([]byte(`{"t":1,"key":"a"}`))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, skipped := parseAll(t, inMemory(b.String()), AutoFormat); skipped.Count != 1 || !strings.Contains(skipped.Samples[0].Detail, "its length stands behind it") {
		t.Errorf("%+v", skipped)
	}
}
