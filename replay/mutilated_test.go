package replay

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

// mutilate reads n mutilated files of all formats. Whatever they are, reading ends; a record of a faithful mutilation is one that was there; and what is
// skipped has its file, and a place in it.
func mutilate(t *testing.T, n int) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(formats, "orders.*"))
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(27, 3))
	folder := t.TempDir()
	whole := make(map[string]map[string]bool)
	for i := range n {
		name := names[i%len(names)]
		file, other := mustReadFile(t, name), mustReadFile(t, names[r.IntN(len(names))])
		if whole[name] == nil {
			whole[name] = recordsOf(t, name)
		}
		m := &mutilations[r.IntN(len(mutilations))]
		path := filepath.Join(folder, filepath.Base(name))
		if err := os.WriteFile(path, m.apply(r, file, other), 0o600); err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("file %d, %s %s", i, filepath.Base(name), m.name)
		records, skipped := parseFields(t, mustFind(t, path), AutoFormat, record.DefaultFields())
		for _, data := range records {
			if m.faithful && !whole[name][strings.TrimSpace(data)] && !truncatedRow(name) && !(m.name == "another's header" && unsealed(name)) {
				t.Errorf("%s: nobody wrote %s", at, data)
			}
		}
		for _, s := range skipped.Samples {
			if s.File == "" {
				t.Errorf("%s: a skip has no file: %+v", at, s)
			}
		}
		if len(records) < len(whole[name]) && skipped.Count == 0 && m.name == "flipped" {
			t.Errorf("%s: %d of %d records, and nothing is said", at, len(records), len(whole[name]))
		}
	}
}

// unsealed says that a file's first bytes are those of its first record, or nearly so, and nothing seals them: others make another record.
func unsealed(name string) bool {
	return slices.Contains([]string{".ndjson", ".json", ".csv"}, filepath.Ext(name)) || strings.HasSuffix(name, ".raw.snappy")
}

// truncatedRow says that a file's last row may be whole when it is cut: a row of CSV is one without its last digits, too.
func truncatedRow(name string) bool { return filepath.Ext(name) == ".csv" }

func mustReadFile(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// recordsOf are the records of a file.
func recordsOf(t *testing.T, name string) map[string]bool {
	t.Helper()
	all := make(map[string]bool)
	records, _ := parseFields(t, mustFind(t, name), AutoFormat, record.DefaultFields())
	for _, data := range records {
		all[data] = true
	}
	return all
}

func TestMutilatedFilesInventNothing(t *testing.T) { mutilate(t, 150) }

// TestProveMutilatedFilesInventNothing is the whole of it.
func TestProveMutilatedFilesInventNothing(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it")
	}
	mutilate(t, 5000)
}
