package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// resealed is a file with other bytes in front of its footer, and another footer.
func resealed(t *testing.T, file, more []byte, change func(m *format.FileMetaData, at int64)) []byte {
	t.Helper()
	start := len(file) - 8 - int(binary.LittleEndian.Uint32(file[len(file)-8:]))
	var m format.FileMetaData
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), file[start:len(file)-8], &m); err != nil {
		t.Fatal(err)
	}
	change(&m, int64(start))
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &m)
	if err != nil {
		t.Fatal(err)
	}
	out := slices.Concat(file[:start], more, footer)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), Magic...)
}

func TestAColumnThatLiesOutsideOfTheFileIsAnError(t *testing.T) {
	type row struct {
		A int64 `parquet:"a,plain"`
		B int64 `parquet:"b,plain"`
	}
	file := write(t, []row{{1, 10}, {2, 20}, {3, 30}})
	for _, at := range []int64{math.MaxInt64, math.MaxInt64 - 5, int64(len(file)), int64(len(file)) - 20, 0, -1, math.MinInt64} {
		rows, err := readAll(t, resealed(t, file, nil, func(m *format.FileMetaData, _ int64) {
			b := &m.RowGroups[0].Columns[1].MetaData
			b.DataPageOffset, b.DictionaryPageOffset = at, 0
		}))
		if !errors.Is(err, errPage) || len(rows) > 0 {
			t.Errorf("at %d: %q, %v", at, rows, err)
		}
	}
}

// shortened is a file that became shorter since its size was asked for.
type shortened struct{ *bytes.Reader }

func (s shortened) ReadAt(p []byte, at int64) (int, error) {
	if at < 20 {
		return s.Reader.ReadAt(p[:len(p)-1], at)
	}
	return s.Reader.ReadAt(p, at)
}

func TestAColumnThatCannotBeReadWholeIsAnError(t *testing.T) {
	type row struct {
		A int64 `parquet:"a,plain"`
	}
	file := write(t, []row{{1}, {2}, {3}})
	r, err := Open(shortened{bytes.NewReader(file)}, int64(len(file)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if text, n, err := r.Append(nil, 1000); !errors.Is(err, errPage) || n > 0 {
		t.Errorf("%s: %v", text, err)
	}
}

// zeros are pages of so many bytes each, which zstd makes a few kilobytes of.
func zeros(t *testing.T, pages, size int, values int32) (chunk []byte) {
	t.Helper()
	pack, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := pack.EncodeAll(make([]byte, size), nil)
	for range pages {
		head, err := thrift.Marshal(new(thrift.CompactProtocol), &format.PageHeader{
			Type: format.DataPage, UncompressedPageSize: int32(size), CompressedPageSize: int32(len(packed)),
			DataPageHeader: thrift.New(format.DataPageHeader{NumValues: values}),
		})
		if err != nil {
			t.Fatal(err)
		}
		chunk = append(append(chunk, head...), packed...)
	}
	return chunk
}

func TestPagesThatAreDecompressedToMoreThanTheFooterSaysAreRefused(t *testing.T) {
	type row struct {
		A int64 `parquet:"a,plain"`
	}
	const size = 8 << 20
	for name, test := range map[string]struct {
		values   int32
		unpacked int64
	}{
		"no value, and the footer says so many bytes": {0, 3 * size},
		"more than in the footer":                     {size / 8, 100},
		"a footer that says nonsense":                 {size / 8, math.MinInt64},
	} {
		chunk := zeros(t, 3, size, test.values)
		file := resealed(t, write(t, []row{{7}}, parquet.Compression(&parquet.Zstd)), chunk, func(m *format.FileMetaData, at int64) {
			c := &m.RowGroups[0].Columns[0].MetaData
			c.DataPageOffset, c.DictionaryPageOffset, c.TotalCompressedSize, c.TotalUncompressedSize = at, 0, int64(len(chunk)), test.unpacked
			c.NumValues = 3 * size / 8
		})
		r, err := Open(bytes.NewReader(file), int64(len(file)), Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		if _, n, err := r.Append(nil, 1000); !errors.Is(err, errPage) || n > 0 {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
		if held := cap(r.page) + cap(r.unpacked.columns[0]); held > 3*footerSlack {
			t.Errorf("%s: %d bytes are held", name, held)
		}
		r.Close()
	}
}

func TestTheColumnsOfARowGroupShareALimit(t *testing.T) {
	type row struct {
		A int64 `parquet:"a,plain"`
		B int64 `parquet:"b,plain"`
	}
	file := write(t, make([]row, 1000), parquet.Compression(&parquet.Zstd))
	for room, whole := range map[int64]bool{20_000: true, 12_000: false, 5000: false} {
		r, err := Open(bytes.NewReader(file), int64(len(file)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		r.room = room
		_, n, err := r.Append(nil, 1<<20)
		if whole && (n != 1000 || err != io.EOF) || !whole && (n > 0 || !errors.Is(err, errPage)) {
			t.Errorf("with room for %d bytes: %d rows, %v", room, n, err)
		}
		r.Close()
	}
}

func TestAPageWithoutValuesIsPassedOver(t *testing.T) {
	type row struct {
		A int64 `parquet:"a,plain"`
	}
	file := write(t, []row{{7}, {8}}, parquet.Compression(&parquet.Zstd))
	var data []byte
	empty := zeros(t, 2, 4, 0)
	file = resealed(t, file, nil, func(m *format.FileMetaData, _ int64) {
		c := &m.RowGroups[0].Columns[0].MetaData
		data = slices.Clone(file[c.DataPageOffset : c.DataPageOffset+c.TotalCompressedSize])
	})
	file = resealed(t, file, slices.Concat(empty, data), func(m *format.FileMetaData, at int64) {
		c := &m.RowGroups[0].Columns[0].MetaData
		c.DataPageOffset, c.TotalCompressedSize = at, int64(len(empty)+len(data))
	})
	rows, err := readAll(t, file)
	if err != nil || len(rows) != 2 || rows[1] != "{\"a\":8}\n" {
		t.Errorf("%q, %v", rows, err)
	}
}

func TestAnInt96OfNegativeNanosecondsIsATimeBeforeItsDay(t *testing.T) {
	type row struct {
		T deprecated.Int96 `parquet:"t"`
	}
	const day = 2440588
	at := func(nanos int64) row { return row{deprecated.Int96{uint32(nanos), uint32(nanos >> 32), day}} }
	rows, err := readAll(t, write(t, []row{at(1), at(-5), at(-1e9), at(-1e9 - 1), at(math.MinInt64), at(2)}))
	want := []string{
		`{"t":"1970-01-01T00:00:00.000000001Z"}`, `{"t":"1969-12-31T23:59:59.999999995Z"}`, `{"t":"1969-12-31T23:59:59Z"}`, `{"t":"1969-12-31T23:59:58.999999999Z"}`,
		`{"t":"1677-09-21T00:12:43.145224192Z"}`, `{"t":"1970-01-01T00:00:00.000000002Z"}`,
	}
	for i := range rows {
		rows[i] = rows[i][:len(rows[i])-1]
	}
	if err != nil || !slices.Equal(rows, want) {
		t.Errorf("%q, %v", rows, err)
	}
}

func TestAFooterWithASizeThatIsTooSmallIsNoReasonToRefuseAColumn(t *testing.T) {
	type row struct {
		A int64 `parquet:"a,plain"`
	}
	rows := make([]row, 400_000)
	for i := range rows {
		rows[i].A = int64(i * 7919)
	}
	file := write(t, rows, parquet.Compression(&parquet.Zstd))
	for _, size := range []int64{0, 1} {
		got, err := readAll(t, resealed(t, file, nil, func(m *format.FileMetaData, _ int64) {
			m.RowGroups[0].Columns[0].MetaData.TotalUncompressedSize = size
		}))
		if err != nil || len(got) != len(rows) {
			t.Errorf("%d rows, %v", len(got), err)
		}
	}
}
