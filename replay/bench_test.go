package replay

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

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
	p, err := newParser(flightFields(), &skipLog{})
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
	source := &Source{sequence: newSequence(ByFile, Pace{}), chunks: make(chan []record.Record), free: make(chan []record.Record, 1)}
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
