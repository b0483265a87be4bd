package parquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

func TestRunsOfMoreValuesThanAPageHasAreRefused(t *testing.T) {
	run := func(count uint64, value ...byte) []byte { return append(binary.AppendUvarint(nil, count<<1), value...) }
	packed := func(groups uint64, bytes int) []byte {
		return append(binary.AppendUvarint(nil, groups<<1|1), make([]byte, bytes)...)
	}
	for _, test := range []struct {
		name  string
		runs  []byte
		width int
		want  bool
	}{
		{"as many", run(20, 1), 1, true},
		{"two runs", slices.Concat(run(12, 1), run(8, 0)), 1, true},
		{"a group filled up", packed(3, 3), 1, true},
		{"the last 504 filled up", packed(63, 63), 1, true},
		{"many more", run(1<<31, 1), 1, false},
		{"many more behind those that are there", slices.Concat(run(20, 1), run(1<<30, 0)), 1, false},
		{"many more groups than there are bytes", packed(1<<28, 3), 0, false},
		{"groups without end", packed(1<<63-1, 3), 3, false},
		{"zeros behind", append(run(20, 1), 0, 0, 0), 1, true},
		{"broken", []byte{0x80}, 1, true},
		{"nothing", nil, 1, true},
	} {
		if got := hybridFits(test.runs, test.width, 20); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

// TestEveryRunOfAPageIsLookedAt has one of two billion in each place in turn, which the library would expand.
func TestEveryRunOfAPageIsLookedAt(t *testing.T) {
	good, huge := append(binary.AppendUvarint(nil, 20<<1), 1), append(binary.AppendUvarint(nil, 1<<32), 1)
	sized := func(runs []byte) []byte {
		return append(binary.LittleEndian.AppendUint32(nil, uint32(len(runs))), runs...)
	}
	n := &node{repetition: 1, definition: 1}
	for name, parts := range map[string][3][]byte{
		"none": {good, good, good}, "repetition": {huge, good, good}, "definition": {good, huge, good}, "values": {good, good, huge},
	} {
		indices := append([]byte{1}, parts[2]...)
		v1 := format.PageHeader{DataPageHeader: thrift.New(format.DataPageHeader{NumValues: 20, Encoding: format.RLEDictionary})}
		v2 := format.PageHeader{DataPageHeaderV2: thrift.New(format.DataPageHeaderV2{
			NumValues: 20, Encoding: format.RLEDictionary, RepetitionLevelsByteLength: int32(len(parts[0])), DefinitionLevelsByteLength: int32(len(parts[1])),
		})}
		booleans := format.PageHeader{DataPageHeader: thrift.New(format.DataPageHeader{NumValues: 20, Encoding: format.RLE})}
		for version, fits := range map[string]bool{
			"first":    runsFit(slices.Concat(sized(parts[0]), sized(parts[1]), indices), &v1, n),
			"second":   runsFit(slices.Concat(parts[0], parts[1], indices), &v2, n),
			"booleans": runsFit(slices.Concat(sized(parts[0]), sized(parts[1]), sized(parts[2])), &booleans, n),
		} {
			if fits != (name == "none") {
				t.Errorf("%s, %s: %v", version, name, fits)
			}
		}
	}
}

// TestDeltasFitWhatIsWritten goes through the lengths of texts that share their beginnings, which are stored delta by delta, twice.
func TestDeltasFitWhatIsWritten(t *testing.T) {
	type row struct {
		A int64  `parquet:"a,delta"`
		B string `parquet:"b,delta"`
		C []byte `parquet:"c,delta"`
	}
	for _, n := range []int{1, 2, 31, 32, 33, 128, 129, 1000, 5000} {
		rows := make([]row, n)
		for i := range rows {
			rows[i] = row{int64(i * i * i), fmt.Sprintf("customer-%d", i*i), bytes.Repeat([]byte{'x'}, i%300)}
		}
		for _, version := range []int{1, 2} {
			if got, err := readAll(t, write(t, rows, parquet.DataPageVersion(version))); err != nil || len(got) != n {
				t.Errorf("%d rows, version %d: %d, %v", n, version, len(got), err)
			}
		}
	}
	for total, want := range map[uint64]bool{20: true, 21: false, 1 << 40: false} {
		header := binary.AppendUvarint([]byte{0x80, 1, 4}, total)
		if _, ok := deltasFit(append(header, 0), 20); ok != want {
			t.Errorf("%d values of 20: %v", total, ok)
		}
	}
}
