package kpl

import (
	"crypto/md5"
	"fmt"
	"testing"
)

// aggregate is 200 records of 230 bytes with as many keys: 51 KB.
func aggregate() []Record {
	records := make([]Record, 200)
	for i := range records {
		records[i] = Record{PartitionKey: fmt.Sprintf("key-%012d", i), Data: fmt.Appendf(nil, "%0230d", i)}
	}
	return records
}

func BenchmarkPack(b *testing.B) {
	records := aggregate()
	var p Packer
	var to []byte
	b.ReportAllocs()
	for b.Loop() {
		for i := range records {
			p.Add(&records[i])
		}
		to = p.Append(to[:0])
		Seal(to)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/record")
}

func BenchmarkOpen(b *testing.B) {
	packed := pack(aggregate())
	var o Opener
	var to []Record
	b.ReportAllocs()
	for b.Loop() {
		to, _ = o.Open(packed)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(to)), "ns/record")
}

// BenchmarkMD5 is the part of both that nobody can do without.
func BenchmarkMD5(b *testing.B) {
	packed := pack(aggregate())
	for b.Loop() {
		_ = md5.Sum(packed[len(magic) : len(packed)-md5.Size])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*200), "ns/record")
}
