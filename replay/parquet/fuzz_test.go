package parquet

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// seeds are files of every codec and both versions of pages, with dictionaries and without, nested, of lists of before there were rules, and those that other programs
// wrote (testdata/formats).
func seeds(t testing.TB) (files [][]byte) {
	t.Helper()
	type item struct {
		SKU   string  `parquet:"sku,dict"`
		Count *int32  `parquet:"count,optional"`
		Tags  []int64 `parquet:"tags,list"`
	}
	type row struct {
		Kind   string            `parquet:"kind,dict"`
		At     int64             `parquet:"at,timestamp(millisecond),delta"`
		Value  int64             `parquet:"value,decimal(2:18)"`
		Note   *string           `parquet:"note,optional"`
		Items  []item            `parquet:"items,list"`
		Labels map[string]string `parquet:"labels"`
	}
	note, count := "left at the door", int32(3)
	rows := []row{
		{Kind: "order", At: 1_700_000_000_000, Value: -1205, Note: &note, Items: []item{{"s0", &count, []int64{1, 2}}, {"s1", nil, nil}}, Labels: map[string]string{"a": "b"}},
		{Kind: "order", At: 1_700_000_000_001},
		{Kind: "refund", At: 1_700_000_000_002, Value: 7, Items: []item{{"s0", nil, []int64{3}}}},
	}
	for _, codec := range []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Zstd, &parquet.Lz4Raw, &parquet.Brotli} {
		for _, version := range []int{1, 2} {
			files = append(files, write(t, rows, parquet.Compression(codec), parquet.DataPageVersion(version), parquet.MaxRowsPerRowGroup(2)))
		}
	}
	for _, l := range legacyLists() {
		files = append(files, legacyFile(t, l.node, l.rows...))
	}
	names, err := filepath.Glob(filepath.Join(formats, "*.parquet"))
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	for _, name := range names {
		files = append(files, mustRead(t, filepath.Base(name)))
	}
	return files
}

// TestSeedsAreRead sees to it that what the fuzzing starts with is whole.
func TestSeedsAreRead(t *testing.T) {
	for i, file := range seeds(t) {
		if rows, err := readAll(t, file); err != nil || len(rows) < 2 {
			t.Errorf("seed %d: %d rows, %v", i, len(rows), err)
		}
	}
}

func FuzzRows(f *testing.F) {
	for _, file := range seeds(f) {
		f.Add(file)
		f.Add(file[:len(file)/2])
		f.Add(file[:len(file)-9])                                                     // in its footer
		f.Add(append(append([]byte{}, file[:len(file)/3]...), file[len(file)/2:]...)) // a piece of its middle is missing
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, _ := readAll(t, file)
		for _, row := range rows {
			if !json.Valid([]byte(row)) {
				t.Fatalf("%q is not JSON", row)
			}
		}
	})
}
