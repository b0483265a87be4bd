package replay

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/record"
)

// mutilation is a way to break a file. A faithful one leaves every record that is still whole as it was.
type mutilation struct {
	name     string
	faithful bool
	apply    func(r *rand.Rand, file, other []byte) []byte
}

var mutilations = []mutilation{
	{"cut", true, func(r *rand.Rand, file, _ []byte) []byte { return file[:r.IntN(len(file))] }},
	{"another's header", true, func(r *rand.Rand, file, other []byte) []byte {
		n := 1 + r.IntN(16)
		return slices.Concat(other[:min(n, len(other))], file[min(n, len(file)):])
	}},
	{"without its header", true, func(r *rand.Rand, file, _ []byte) []byte { return file[min(1+r.IntN(40), len(file)):] }},
	{"flipped", false, func(r *rand.Rand, file, _ []byte) []byte {
		out := slices.Clone(file)
		for range 1 + r.IntN(4) {
			out[r.IntN(len(out))] ^= byte(1 + r.IntN(255))
		}
		return out
	}},
	{"with a piece elsewhere", false, func(r *rand.Rand, file, _ []byte) []byte {
		out := slices.Clone(file)
		from, to := r.IntN(len(out)), r.IntN(len(out))
		copy(out[to:], out[from:min(from+1+r.IntN(32), len(out))])
		return out
	}},
}

// sample is a file whose rows are known from elsewhere than the code that reads it.
type sample struct {
	name string // by its ending, its form
	file []byte
	text []byte          // what the file is of; nil for Parquet
	rows map[string]bool // as canonical JSON
}

// samples are what other programs wrote, and CSV that encoders of the standard library and of zstd compress.
func samples(t *testing.T) (all []sample) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(formats, "orders.*"))
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	orders, rows := mustReadFile(t, filepath.Join(formats, "orders.ndjson")), mustReadFile(t, filepath.Join(formats, "orders.csv"))
	for _, name := range names {
		s := sample{name: filepath.Base(name), file: mustReadFile(t, name), rows: make(map[string]bool)}
		switch {
		case s.isPlain():
			s.text = s.file
		case strings.HasPrefix(s.name, "orders.ndjson."):
			s.text = orders
		}
		for _, row := range rowsOf(t, mustReadFile(t, filepath.Join(formats, reference(s.name)))) {
			s.rows[jsonOf(t, row)] = true
		}
		all = append(all, s)
	}
	of := all[slices.IndexFunc(all, func(s sample) bool { return s.name == "orders.csv" })].rows
	text := string(rows)
	for name, file := range map[string]string{"orders.csv.gz": zipped(t, text), "orders.csv.zst": zstdOf(t, text), "orders.csv.zip": zipOf(t, "orders.csv", text), "orders.csv.members.gz": zipped(t, text[:300], text[300:])} {
		all = append(all, sample{name, []byte(file), rows, of})
	}
	slices.SortFunc(all, func(a, b sample) int { return strings.Compare(a.name, b.name) })
	return all
}

func (s *sample) isPlain() bool {
	return slices.Contains([]string{"orders.ndjson", "orders.concatenated.json", "orders.array.json", "orders.csv"}, s.name)
}

func (s *sample) isParquet() bool { return strings.HasSuffix(s.name, ".parquet") }

// isSealed says that the file has checksums of all its text.
func (s *sample) isSealed() bool {
	unsealed := []string{"orders.ndjson.raw.snappy", "orders.ndjson.hadoop.snappy", "orders.ndjson.zst"}
	return !s.isPlain() && !s.isParquet() && !slices.Contains(unsealed, s.name)
}

// jsonOf is a canonical value as text.
func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// mutilate reads n mutilated files of all formats. Whatever they are, reading ends; no record is one that nobody wrote, as far as the file can tell; no record is lost
// in silence; and what is skipped has its file, and its place in it.
func mutilate(t *testing.T, n int) {
	t.Helper()
	all := samples(t)
	r := rand.New(rand.NewPCG(27, 3))
	folder := t.TempDir()
	for i := range n {
		s, other := &all[i%len(all)], &all[r.IntN(len(all))]
		m := &mutilations[r.IntN(len(mutilations))]
		file := m.apply(r, s.file, other.file)
		path := filepath.Join(folder, s.name)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		records, skipped := parseFields(t, mustFind(t, path), AutoFormat, record.DefaultFields())
		at := fmt.Sprintf("file %d, %s %s", i, s.name, m.name)
		s.checkRecords(t, at, m, file, records, skipped.Count)
		s.checkPlaces(t, at, m, file, skipped.Samples)
		if mayLose := m.name == "cut" && s.isPlain() || len(file) == 0; len(records) < len(s.rows) && skipped.Count == 0 && !mayLose {
			t.Errorf("%s: %d of %d records, and nothing is said", at, len(records), len(s.rows))
		}
	}
}

// checkRecords finds the records that nobody wrote.
func (s *sample) checkRecords(t *testing.T, at string, m *mutilation, file []byte, records []string, skipped int64) {
	t.Helper()
	for i, data := range records {
		if s.rows[jsonOf(t, valueOf(t, []byte(data)))] {
			continue
		}
		may := false
		switch {
		case s.name == "orders.csv":
			may = isRowOf(t, file, data) // the last row of a plain file is whole as far as anybody knows
		case s.isPlain():
			may = m.name != "cut" && bytes.Contains(file, []byte(data))
		case s.isSealed():
			may = !m.faithful && skipped > 0 // what is read before a checksum fails is given out
		default:
			may = !m.faithful || m.name == "another's header" && strings.HasSuffix(s.name, ".raw.snappy")
		}
		if !may {
			t.Errorf("%s: record %d: nobody wrote %s", at, i, data)
		}
	}
}

// isRowOf says that a record has the fields of a row of CSV, as the standard library reads it.
func isRowOf(t *testing.T, file []byte, data string) bool {
	t.Helper()
	values := memberValues(t, data)
	rows := csv.NewReader(bytes.NewReader(file))
	rows.LazyQuotes, rows.FieldsPerRecord, rows.Comma = true, -1, ','
	for {
		row, err := rows.Read()
		switch {
		case err == io.EOF:
			return false
		case err == nil && slices.Equal(row, values):
			return true
		}
	}
}

// memberValues are the values of an object without an object in it, as text: null is the empty one.
func memberValues(t *testing.T, object string) (values []string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(object))
	d.UseNumber()
	for i := 0; ; i++ {
		token, err := d.Token()
		switch {
		case err != nil:
			t.Fatalf("%s: %v", object, err)
		case token == json.Delim('}'):
			return values
		case i == 0 || i%2 == 1: // the bracket, and names
		case token == nil:
			values = append(values, "")
		default:
			values = append(values, fmt.Sprint(token))
		}
	}
}

// checkPlaces holds the place of each skip against the text, where it is known.
func (s *sample) checkPlaces(t *testing.T, at string, m *mutilation, file []byte, skips []Skip) {
	t.Helper()
	const told = 32 // bytes by which each form is told
	var text []byte
	switch {
	case s.isPlain() && m.name != "another's header":
		text = file
	case m.name == "cut" && len(file) >= told:
		text = s.text
	}
	for _, skip := range skips {
		if !strings.HasPrefix(skip.File, s.name) {
			t.Errorf("%s: a skip is of another file: %+v", at, skip)
		}
		if skip.Line == 0 || text == nil {
			continue
		}
		if skip.Offset > int64(len(text)) || skip.Line != int64(bytes.Count(text[:skip.Offset], []byte{'\n'}))+1 {
			t.Errorf("%s: a skip is in another place: %+v", at, skip)
			continue
		}
		if rest := text[skip.Offset:]; utf8.Valid(rest) && skip.Reason != BadHeader && !bytes.HasPrefix(rest, []byte(skip.Sample)) {
			t.Errorf("%s: a skip is of something else: %+v", at, skip)
		}
	}
}

func mustReadFile(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestMutilatedFilesInventNothing(t *testing.T) { mutilate(t, 150) }

// TestProveMutilatedFilesInventNothing is the whole of it.
func TestProveMutilatedFilesInventNothing(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it")
	}
	mutilate(t, 5000)
}
