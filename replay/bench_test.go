package replay

import (
	"bufio"
	"bytes"
	stdgzip "compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"weir/record"
)

// BenchmarkReplay is the whole way of January's records, from the file to the feeder's batch.
func BenchmarkReplay(b *testing.B) {
	o := Options{Source: filepath.Join(flights, "2013-01.ndjson.gz"), Fields: flightFields(), Pace: mustSpeed(b, "max")}
	records := 0
	for b.Loop() {
		source, err := Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- source.Run(b.Context()) }()
		var batch record.Batch
		for {
			batch.Reset()
			if err := source.Fill(&batch, 0); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			records += len(batch.Records)
		}
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}

// BenchmarkRead is the way of January's records from a file's bytes to decoded records on one core, in each form; the peer reads the
// first with the standard library alone.
func BenchmarkRead(b *testing.B) {
	original, err := os.ReadFile(filepath.Join(flights, "2013-01.ndjson.gz"))
	if err != nil {
		b.Fatal(err)
	}
	lines, _ := parseFile(b, original, flightFields())
	ndjson, concatenated := strings.Join(lines, "\n"), strings.Join(lines, "")
	for _, form := range []struct {
		name string
		file []byte
	}{
		{"ndjson.gz", original},
		{"concatenated.gz", []byte(zipped(b, concatenated))},
		{"ndjson.zst", []byte(zstdOf(b, ndjson))},
		{"csv.gz", []byte(zipped(b, asCSV(b, lines)))},
		{"ndjson", []byte(ndjson)},
		{"concatenated", []byte(concatenated)},
	} {
		b.Run(form.name, func(b *testing.B) {
			records := 0
			for b.Loop() {
				data, _ := parseFile(b, form.file, flightFields())
				records += len(data)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
		})
	}
	b.Run("peer=encoding/json,bufio/ndjson.gz", func(b *testing.B) {
		records := 0
		for b.Loop() {
			records += peerRead(b, original)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
	})
}

// parseFile reads one file in the caller's goroutine.
func parseFile(t testing.TB, file []byte, f record.Fields) (data []string, skipped Skipped) {
	t.Helper()
	var skips skipLog
	p, err := newParser(&Options{Fields: f}, &skips)
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{files: make(map[string]io.Reader)}
	m.add("file", bytes.NewReader(file))
	l := &lines{open: oneByOne(m)}
	data = make([]string, 0, 1<<16)
	for {
		b, err := l.next(t.Context())
		if err == io.EOF {
			return data, skips.snapshot()
		}
		if err != nil {
			t.Fatal(err)
		}
		p.parse(&b, func(r *record.Record) { data = append(data, unsafe.String(unsafe.SliceData(r.Data), len(r.Data))) })
	}
}

// asCSV is the same records as rows of the fields that are read.
func asCSV(t testing.TB, lines []string) string {
	t.Helper()
	var text strings.Builder
	w := csv.NewWriter(&text)
	columns := []string{"kind", "event_time", "origin", "carrier", "flight", "dest", "delay"}
	_ = w.Write(columns) // a Builder takes everything
	for _, line := range lines {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(columns))
		for i, name := range columns {
			if value, ok := object[name]; ok {
				row[i] = fmt.Sprint(value)
			}
		}
		_ = w.Write(row)
	}
	w.Flush()
	return text.String()
}

// peerRead does what most would write first.
func peerRead(b *testing.B, file []byte) (records int) {
	b.Helper()
	unzipped, err := stdgzip.NewReader(bytes.NewReader(file))
	if err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(unzipped)
	for lines.Scan() {
		var flight struct {
			Kind   string
			Time   time.Time `json:"event_time"`
			Origin string
			Flight json.Number
			Delay  json.Number
		}
		if err := json.Unmarshal(lines.Bytes(), &flight); err != nil {
			b.Fatal(err)
		}
		records++
	}
	return records
}

// BenchmarkParse is the way from decompressed lines to records.
func BenchmarkParse(b *testing.B) {
	file, err := os.Open(filepath.Join(flights, "2013-01.ndjson.gz"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	var c content
	if err := c.reset(file); err != nil {
		b.Fatal(err)
	}
	text, err := io.ReadAll(&c)
	if err != nil {
		b.Fatal(err)
	}
	p, err := newParser(&Options{Fields: flightFields()}, &skipLog{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		p.parse(&block{data: text}, func(*record.Record) { records++ })
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}

// BenchmarkFill is the seam alone: what is decoded moves to the batch, a millisecond at a time, 8 records in each.
func BenchmarkFill(b *testing.B) {
	chunk := make([]record.Record, chunkRecords)
	for i := range chunk {
		chunk[i] = record.Record{PartitionKey: "key", Data: []byte("data"), Due: time.Duration(i) * time.Millisecond / 8}
	}
	source := &Source{sequence: newSequence(&Options{Order: ByFile}, new(skipLog), false), chunks: make(chan []record.Record), free: make(chan []record.Record, 1)}
	var batch record.Batch
	records := 0
	for b.Loop() {
		source.current = chunk
		for at := time.Millisecond; len(source.current) > 0; at += time.Millisecond {
			batch.Reset()
			if err := source.Fill(&batch, at); err != nil {
				b.Fatal(err)
			}
			records += len(batch.Records)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}
