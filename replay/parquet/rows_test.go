package parquet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

const formats = "../../testdata/formats"

// readAll are the rows of a file.
func readAll(t testing.TB, file []byte, columns ...string) (rows []string, err error) {
	t.Helper()
	r, err := Open(bytes.NewReader(file), int64(len(file)), Options{Columns: columns})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		text, n, err := r.Append(nil, 10_000)
		lines := slices.Collect(strings.Lines(string(text)))
		if int64(len(lines)) != n {
			t.Fatalf("%d lines, said to be %d", len(lines), n)
		}
		rows = append(rows, lines...)
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
	}
}

func write[T any](t testing.TB, rows []T, options ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAnEmptyRowGroupIsPassedOver writes groups as pyarrow does that was given no row: without a page, at no place.
func TestAnEmptyRowGroupIsPassedOver(t *testing.T) {
	type row struct {
		A int64  `parquet:"a,plain"`
		B string `parquet:"b,optional"`
	}
	file := write(t, []row{{1, "x"}, {2, ""}, {3, "y"}}, parquet.MaxRowsPerRowGroup(1))
	want, err := readAll(t, file)
	if err != nil || len(want) != 3 {
		t.Fatalf("%q, %v", want, err)
	}
	hollow := func(g format.RowGroup) format.RowGroup {
		g.Columns = slices.Clone(g.Columns)
		for i := range g.Columns {
			m := &g.Columns[i].MetaData
			m.DataPageOffset, m.DictionaryPageOffset, m.NumValues, m.TotalCompressedSize, m.TotalUncompressedSize = 0, 0, 0, 0, 0
		}
		g.NumRows, g.TotalByteSize, g.TotalCompressedSize, g.FileOffset = 0, 0, 0, 0
		return g
	}
	between := resealed(t, file, nil, func(m *format.FileMetaData, _ int64) {
		empty := hollow(m.RowGroups[0])
		m.RowGroups = []format.RowGroup{empty, m.RowGroups[0], empty, empty, m.RowGroups[1], m.RowGroups[2], empty}
		for i := range m.RowGroups {
			m.RowGroups[i].Ordinal = int16(i)
		}
	})
	if rows, err := readAll(t, between); err != nil || !slices.Equal(rows, want) {
		t.Errorf("%q, %v", rows, err)
	}
	alone := resealed(t, file, nil, func(m *format.FileMetaData, _ int64) {
		m.RowGroups, m.NumRows = []format.RowGroup{hollow(m.RowGroups[0])}, 0
	})
	if rows, err := readAll(t, alone); err != nil || len(rows) != 0 {
		t.Errorf("%q, %v", rows, err)
	}
	none := resealed(t, file, nil, func(m *format.FileMetaData, _ int64) { m.RowGroups, m.NumRows = nil, 0 })
	if rows, err := readAll(t, none); err != nil || len(rows) != 0 {
		t.Errorf("%q, %v", rows, err)
	}
	damaged := resealed(t, file, nil, func(m *format.FileMetaData, _ int64) { m.RowGroups[1].NumRows = 0 })
	if rows, err := readAll(t, damaged); err == nil {
		t.Errorf("a group with values and no row: %q", rows)
	}
}

// TestTypes writes each type by Go's own encoder.
func TestTypes(t *testing.T) {
	type nested struct {
		A *int32   `parquet:"a,optional"`
		B []string `parquet:"b,list"`
	}
	type row struct {
		Flag   bool             `parquet:"flag"`
		I32    int32            `parquet:"i32"`
		U32    uint32           `parquet:"u32"`
		I64    int64            `parquet:"i64"`
		U64    uint64           `parquet:"u64"`
		F32    float32          `parquet:"f32"`
		F64    float64          `parquet:"f64"`
		Text   string           `parquet:"text"`
		Bytes  []byte           `parquet:"bytes"`
		JSON   string           `parquet:"json,json"`
		Enum   string           `parquet:"enum,enum"`
		UUID   [16]byte         `parquet:"uuid,uuid"`
		Day    int32            `parquet:"day,date"`
		Clock  int64            `parquet:"clock,time(microsecond)"`
		MS     int64            `parquet:"ms,timestamp(millisecond)"`
		US     int64            `parquet:"us,timestamp(microsecond)"`
		NS     int64            `parquet:"ns,timestamp(nanosecond)"`
		Local  int64            `parquet:"local,timestamp(millisecond:local)"`
		Old    deprecated.Int96 `parquet:"old"`
		Cents  int64            `parquet:"cents,decimal(2:18)"`
		Maybe  *string          `parquet:"maybe,optional"`
		Deep   *nested          `parquet:"deep,optional"`
		Many   []nested         `parquet:"many,list"`
		Bare   []int32          `parquet:"bare"`
		Counts map[string]int32 `parquet:"counts"`
		Matrix [][]int32        `parquet:"matrix,list"`
	}
	at := time.Date(2013, 1, 31, 18, 5, 9, 250_000_000, time.UTC)
	text := "naïve \"quoted\"\\\n\x01"
	rows := []row{
		{
			true, -5, math.MaxUint32, math.MinInt64, math.MaxUint64, 0.1, 1e-9, text,
			[]byte{0, 255},
			"{\"a\":\n1}", "E",
			[16]byte{0x12, 15: 0xff},
			int32(at.Unix() / 86400), 18*3600e6 + 5, at.UnixMilli(), at.UnixMicro() + 1, at.UnixNano() + 1, at.UnixMilli(),
			deprecated.Int96{1_000_000, 0, 2440588 + 15736},
			-1205, &text,
			&nested{nil, []string{"x", ""}},
			[]nested{{new(int32), nil}, {nil, []string{"y"}}},
			[]int32{1, 2},
			map[string]int32{"k\"": 7},
			nil,
		},
		{F32: float32(math.NaN()), F64: math.Inf(1), JSON: "broken", Cents: 5, US: -1},
	}
	if !strings.Contains(fmt.Sprint(parquet.SchemaOf(row{})), "bare") {
		t.Fatal("no such schema")
	}
	got, err := readAll(t, write(t, rows))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"flag":true,"i32":-5,"u32":4294967295,"i64":-9223372036854775808,"u64":18446744073709551615,"f32":0.1,"f64":1e-09,"text":"naïve \"quoted\"\\\n\u0001",` +
			`"bytes":"AP8=","json":{"a": 1},"enum":"E","uuid":"12000000-0000-0000-0000-0000000000ff","day":"2013-01-31","clock":"18:00:00.000005",` +
			`"ms":"2013-01-31T18:05:09.250Z","us":"2013-01-31T18:05:09.250001Z","ns":"2013-01-31T18:05:09.250000001Z","local":"2013-01-31T18:05:09.250",` +
			`"old":"2013-01-31T00:00:00.001000000Z","cents":-12.05,"maybe":"naïve \"quoted\"\\\n\u0001","deep":{"a":null,"b":["x",""]},` +
			`"many":[{"a":0,"b":[]},{"a":null,"b":["y"]}],"bare":[1,2],"counts":{"k\"":7}}`,
		`{"flag":false,"i32":0,"u32":0,"i64":0,"u64":0,"f32":null,"f64":null,"text":"","bytes":"","json":"broken","enum":"","uuid":"00000000-0000-0000-0000-000000000000",` +
			`"day":"1970-01-01","clock":"00:00:00","ms":"1970-01-01T00:00:00Z","us":"1969-12-31T23:59:59.999999Z","ns":"1970-01-01T00:00:00Z","local":"1970-01-01T00:00:00",` +
			`"old":"-4713-11-24T00:00:00Z","cents":0.05,"maybe":null,"deep":null,"many":[],"bare":[],"counts":{}}`,
	}
	for i := range want {
		if i >= len(got) || !json.Valid([]byte(got[i])) {
			t.Fatalf("%q", got)
		}
		line := strings.TrimSuffix(got[i], "\n")
		line = strings.Replace(line, `,"matrix":[]`, "", 1)
		if line != want[i] {
			t.Errorf("row %d:\n%s\nwant\n%s", i, line, want[i])
		}
	}
}

func TestOnlyTheColumnsThatAreAskedFor(t *testing.T) {
	file := mustRead(t, "orders.parquet")
	rows, err := readAll(t, file, "key", "items.list.element.sku", "value")
	if err != nil || rows[1] != `{"key":"customer-44","value":45509.54,"items":[{"sku":"s0"}]}`+"\n" {
		t.Errorf("%q, %v", rows, err)
	}
	_, err = readAll(t, file, "key", "prize")
	if err == nil || !strings.Contains(err.Error(), `it has no column "prize"; it has kind, key, event_time`) {
		t.Error(err)
	}
	_, err = readAll(t, file, "items.sku")
	if err == nil || !strings.Contains(err.Error(), `it has no column "items.sku"; it has items.list.element.sku`) {
		t.Error(err)
	}
}

// TestAColumnMayHaveAPointInItsName be it asked for as it is, or as paths of fields have it.
func TestAColumnMayHaveAPointInItsName(t *testing.T) {
	var b bytes.Buffer
	w := parquet.NewWriter(&b, parquet.NewSchema("t", parquet.Group{"a.b": parquet.Int(32), `c\d`: parquet.Int(32), "e": parquet.Group{"f.g": parquet.Int(32), "h": parquet.Int(32)}}))
	if _, err := w.WriteRows([]parquet.Row{{parquet.ValueOf(int32(1)).Level(0, 0, 0), parquet.ValueOf(int32(2)).Level(0, 0, 1), parquet.ValueOf(int32(3)).Level(0, 0, 2), parquet.ValueOf(int32(4)).Level(0, 0, 3)}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{`a\.b`: `{"a.b":1}`, "a.b": `{"a.b":1}`, `c\\d`: `{"c\\d":2}`, `e.f\.g`: `{"e":{"f.g":3}}`, "e.f.g": `{"e":{"f.g":3}}`} {
		if rows, err := readAll(t, b.Bytes(), column); err != nil || len(rows) != 1 || rows[0] != want+"\n" {
			t.Errorf("%s: %q, %v", column, rows, err)
		}
	}
}

func mustRead(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(formats, name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestFilesThatCannotBeRead(t *testing.T) {
	file := mustRead(t, "orders.parquet")
	encrypted := slices.Clone(file)
	copy(encrypted[len(encrypted)-4:], EncryptedMagic)
	for _, test := range []struct {
		name string
		file []byte
		want error
	}{
		{"cut", file[:len(file)-1], ErrCut},
		{"cut in two", file[:len(file)/2], ErrCut},
		{"a magic number", []byte(Magic), ErrCut},
		{"encrypted", encrypted, ErrEncrypted},
	} {
		if _, err := readAll(t, test.file); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	corrupt := slices.Clone(file)
	for i := 40; i < 200; i++ {
		corrupt[i] ^= 0x55
	}
	if _, err := readAll(t, corrupt); err == nil || !strings.Contains(err.Error(), "row 1, column kind") {
		t.Error(err)
	}
}

// TestAColumnOfATypeThatIsNotRead names it, and what to do.
func TestAColumnOfATypeThatIsNotRead(t *testing.T) {
	schema := parquet.NewSchema("t", parquet.Group{"key": parquet.String(), "place": parquet.Geometry("")})
	var b bytes.Buffer
	w := parquet.NewWriter(&b, schema)
	if _, err := w.WriteRows([]parquet.Row{{parquet.ValueOf("k").Level(0, 0, 0), parquet.ValueOf("x").Level(0, 0, 1)}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(t, b.Bytes()); err == nil || err.Error() != "column place is of a type that is not read: leave it out with --columns" {
		t.Error(err)
	}
	if rows, err := readAll(t, b.Bytes(), "key"); err != nil || !slices.Equal(rows, []string{`{"key":"k"}` + "\n"}) {
		t.Errorf("%q, %v", rows, err)
	}
}

// TestPagesOfEverySizeAreWhole has pages whose size is that of a piece of memory, of noise, which no codec makes smaller.
func TestPagesOfEverySizeAreWhole(t *testing.T) {
	type row struct {
		N int64 `parquet:"n,plain"`
	}
	r := rand.New(rand.NewPCG(27, 4))
	for _, codec := range []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Zstd, &parquet.Lz4Raw, &parquet.Brotli} {
		for _, n := range []int{1, 2, 3, 7, 8, 64, 512, 1023, 1024, 8192, 131_072} {
			rows, want := make([]row, n), make([]string, n)
			for i := range rows {
				rows[i].N = int64(r.Uint64())
				want[i] = fmt.Sprintf("{\"n\":%d}\n", rows[i].N)
			}
			got, err := readAll(t, write(t, rows, parquet.Compression(codec), parquet.PageBufferSize(8*n)))
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, %d values: %d rows, %v", codec, n, len(got), err)
			}
		}
	}
}

func TestLevelsAreCounted(t *testing.T) {
	for _, test := range []struct {
		levels []byte
		values int
		height byte
		want   int
	}{
		{[]byte{40, 1}, 20, 1, 20},                               // a run of twenty
		{[]byte{20, 0, 20, 1}, 20, 1, 10},                        // two runs
		{[]byte{3, 0b10110001}, 8, 1, 4},                         // a group of eight bits
		{[]byte{7, 0xff, 0xff, 0xff}, 20, 1, 20},                 // three groups, of which the last is padded
		{[]byte{3, 0b11100100, 0b00011011}, 8, 3, 2},             // two bits each
		{[]byte{3, 0b10001000, 0b11000110, 0b11111010}, 8, 7, 1}, // three bits each: 0 1 2 3 4 5 6 7
	} {
		if n, ok := countLevels(test.levels, test.values, test.height); !ok || n != test.want {
			t.Errorf("%v: %d, %v; want %d", test.levels, n, ok, test.want)
		}
	}
	for _, levels := range [][]byte{nil, {40}, {0, 1}, {3}, {0x80}} {
		if n, ok := countLevels(levels, 20, 1); ok {
			t.Errorf("%v: %d", levels, n)
		}
	}
}

// mutate cuts a file, flips bytes of it, or writes a piece of it over another.
func mutate(r *rand.Rand, file []byte) []byte {
	out := slices.Clone(file)
	switch r.IntN(3) {
	case 0:
		return out[:r.IntN(len(out))]
	case 1:
		for range 1 + r.IntN(4) {
			out[r.IntN(len(out))] ^= byte(1 + r.IntN(255))
		}
	default:
		from, to, n := r.IntN(len(out)), r.IntN(len(out)), 1+r.IntN(32)
		copy(out[to:], out[from:min(from+n, len(out))])
	}
	return out
}

// TestAMutilatedFileIsAnErrorOrRows goes through mutilated files: whatever comes is rows, or an error; never a panic.
func TestAMutilatedFileIsAnErrorOrRows(t *testing.T) { mutilate(t, 300) }

func mutilate(t *testing.T, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(27, 2))
	names, err := filepath.Glob(filepath.Join(formats, "*.parquet"))
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	whole := 0
	for i := range n {
		file := mustRead(t, filepath.Base(names[i%len(names)]))
		rows, err := readAll(t, mutate(r, file))
		if err == nil {
			whole++
		}
		for _, row := range rows {
			if !json.Valid([]byte(row)) {
				t.Fatalf("%s: %q is not JSON", names[i%len(names)], row)
			}
		}
	}
	t.Logf("%d of %d files were read to their end", whole, n)
}

// TestProveAMutilatedFileIsAnErrorOrRows takes more of them.
func TestProveAMutilatedFileIsAnErrorOrRows(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it")
	}
	mutilate(t, 20_000)
}

// BenchmarkRows reads rows as a pipeline has them: a kind, a key, a time, a value, and some more.
func BenchmarkRows(b *testing.B) {
	type order struct {
		Kind      string  `parquet:"kind,dict"`
		Key       string  `parquet:"key,dict"`
		EventTime int64   `parquet:"event_time,timestamp(millisecond)"`
		Value     int64   `parquet:"value,decimal(2:18)"`
		Note      *string `parquet:"note,optional"`
		Shop      int32   `parquet:"shop"`
		Ratio     float64 `parquet:"ratio"`
	}
	rows := make([]order, 200_000)
	note := "left at the door"
	for i := range rows {
		rows[i] = order{"order", fmt.Sprintf("customer-%d", i%1000), 1_700_000_000_000 + int64(i), int64(i), nil, int32(i % 50), float64(i) / 8}
		if i%3 == 0 {
			rows[i].Note = &note
		}
	}
	file := write(b, rows, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(50_000))
	text := make([]byte, 0, 300<<10)
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(bytes.NewReader(file), int64(len(file)), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			text, _, err = r.Append(text[:0], 256<<10)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
		r.Close()
	}
	b.ReportMetric(float64(b.N)*float64(len(rows))/b.Elapsed().Seconds(), "rows/s")
}
