package replay

import (
	"bytes"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

// formats are files that other programs wrote (interop/python/recordings.py), and what an independent reader has read in them.
const formats = "../testdata/formats"

// rowsOf are the lines of a reference, each as encoding/json reads it.
func rowsOf(t testing.TB, text []byte) (rows []any) {
	t.Helper()
	for line := range bytes.Lines(text) {
		rows = append(rows, valueOf(t, line))
	}
	return rows
}

// valueOf is JSON in which a number is what math/big makes of it, so that 1.50 is 1.5.
func valueOf(t testing.TB, text []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return canonical(v)
}

func canonical(v any) any {
	switch v := v.(type) {
	case json.Number:
		const bits = 256 // of 77 digits
		if n, _, err := big.ParseFloat(string(v), 10, bits, big.ToNearestEven); err == nil {
			return n.Text('p', 0)
		}
	case string: // a time may have more zeros than another
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at.Format(time.RFC3339Nano)
		}
	case map[string]any:
		for name := range v {
			v[name] = canonical(v[name])
		}
	case []any:
		for i := range v {
			v[i] = canonical(v[i])
		}
	}
	return v
}

// rowsReplayed are the records of a recording, as values.
func rowsReplayed(t testing.TB, o *Options) (rows []any) {
	t.Helper()
	records, stats := play(t, *o)
	for i := range records {
		rows = append(rows, valueOf(t, records[i].Data))
	}
	if stats.Skipped.Count > 0 {
		t.Errorf("%s: %+v", o.Source, stats.Skipped)
	}
	return rows
}

func formatOptions(file string) Options {
	return Options{Source: file, Fields: record.Fields{Kind: "kind", EventTime: "event_time", Key: []string{"key"}, Value: "value"}, Order: ByFile}
}

// reference is the file that has the rows of another.
func reference(name string) string {
	switch {
	case strings.HasPrefix(name, "orders.fastparquet"):
		return "fastparquet.ndjson"
	case strings.HasSuffix(name, ".parquet"):
		return "rows.ndjson"
	}
	return "orders.ndjson"
}

// notRead are files of kinds that are named as not read.
var notRead = map[string]string{"orders.ndjson.xz": "it is xz: unpack it first"}

// compareFormats holds every file of a folder against its reference.
func compareFormats(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "orders.*"))
	if err != nil || len(files) < 15 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			o := formatOptions(file)
			if why := notRead[name]; why != "" {
				if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), why) {
					t.Error(err)
				}
				return
			}
			want, err := os.ReadFile(filepath.Join(folder, reference(name)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(rowsOf(t, want), rowsReplayed(t, &o)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatOtherProgramsWriteIsReadAsTheyReadIt(t *testing.T) { compareFormats(t, formats) }

// TestFormatsThatWereMadeAnew is for files that make test-interop has other programs write.
func TestFormatsThatWereMadeAnew(t *testing.T) {
	folder := os.Getenv("WEIR_FORMATS")
	if folder == "" {
		t.Skip("make test-interop has files made for it")
	}
	compareFormats(t, folder)
}
