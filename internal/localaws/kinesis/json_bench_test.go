package kinesis

import (
	"encoding/json"
	"strings"
	"testing"
)

// BenchmarkPutRecordsJSON reads a call of 500 records of 200 bytes: in one pass, and as encoding/json does.
func BenchmarkPutRecordsJSON(b *testing.B) {
	record := `{"Data":"` + strings.Repeat("eHh4", 67) + `","PartitionKey":"key-1"}`
	body := []byte(`{"Records":[` + strings.Repeat(record+",", 499) + record + `],"StreamName":"s"}`)
	for name, read := range map[string]func() bool{
		"one-pass":      func() bool { return new(putRecordsInput).DecodeJSON(body) },
		"encoding-json": func() bool { return json.Unmarshal(body, new(plainPutRecords)) == nil },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if !read() {
					b.Fatal("not read")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(500*b.N), "ns/record")
		})
	}
}
