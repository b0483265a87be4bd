package simulator

import (
	"testing"

	"weir/scenarios"
	"weir/sizing/trace"
)

// BenchmarkSimulate simulates the shipped capacity scenario: 85 s with 0.8 million records, and a spike.
func BenchmarkSimulate(b *testing.B) {
	for _, name := range []string{"capacity", "size-parallelism"} {
		b.Run(name, func(b *testing.B) {
			s, err := scenarios.Shipped(name)
			if err != nil {
				b.Fatal(err)
			}
			s.Resolve()
			t, err := trace.Of(s)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Run(t, s, Idle, 0); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(t.Records)), "ns/record")
		})
	}
}
