package replay

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"weir/record"
)

// TestParquetIsReadFromS3 by ranges of the very object that was begun, over connections that break.
func TestParquetIsReadFromS3(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(formats, "orders.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(s *brittleS3) (records []string, skipped Skipped) {
		synctest.Test(t, func(t *testing.T) {
			f, err := findObjects(t.Context(), s, "s3://bucket/k")
			if err != nil {
				t.Fatal(err)
			}
			records, skipped = parseFields(t, f, AutoFormat, record.DefaultFields())
		})
		return records, skipped
	}
	want, _ := parseFields(t, mustFind(t, filepath.Join(formats, "orders.parquet")), AutoFormat, record.DefaultFields())
	whole := &brittleS3{content: string(content), etag: "1", ranges: true, matches: true, lasts: func(int) int { return 700 }}
	if records, skipped := read(whole); !slices.Equal(records, want) || skipped.Count != 0 || len(want) != 20 {
		t.Errorf("%d of %d records, %+v", len(records), len(want), skipped)
	}
	replaced := &brittleS3{content: string(content), etag: "1", ranges: true, matches: true, lasts: func(int) int { return 1 << 20 }}
	replaced.before = func(s *brittleS3, call int) {
		if call == 6 {
			s.etag = "2"
		}
	}
	if records, skipped := read(replaced); len(records) >= 20 || skipped.ByReason[Changed] != 1 {
		t.Errorf("%d records, %+v", len(records), skipped)
	}
}

func TestParquetThatCannotBeReadIsOneSentence(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(formats, "orders.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ file, want string }{
		"cut":        {string(content[:len(content)-9]), "x: file breaks off (it is cut: Parquet has its schema at its end, and there is none)"},
		"damaged":    {string(content[:100]) + strings.Repeat("\xff", 60) + string(content[160:]), "x:1: Parquet that cannot be read (row 1, column "},
		"compressed": {zipped(t, string(content)), "x: file is compressed or encoded in a way that is not read (a Parquet file compresses its columns itself, and this file is compressed as a whole: unpack it first (gzip))"},
	} {
		root := folder(t, map[string]string{"x": test.file})
		o := formatOptions(filepath.Join(root, "x"))
		if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := formatOptions(filepath.Join(formats, "orders.parquet"))
	o.Columns = []string{"key", "prize"}
	if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), `Parquet that cannot be read (it has no column "prize"; it has kind, key,`) {
		t.Error(err)
	}
	o.Columns = []string{"key", "event_time"}
	if records, _ := play(t, o); len(records) != 20 || string(records[0].Data) != `{"key":"customer-41","event_time":"2024-03-01T12:00:00Z"}` {
		t.Errorf("%d records", len(records))
	}
}
