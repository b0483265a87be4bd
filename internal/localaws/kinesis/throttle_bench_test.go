package kinesis

import (
	"testing"
	"time"
)

// BenchmarkThrottle is what the limits of a shard cost a record of 200 bytes: calls of 500, spread over 256 shards, at a rate that each takes.
func BenchmarkThrottle(b *testing.B) {
	shards := make([]*throttle, 256)
	for i := range shards {
		shards[i] = newThrottle()
	}
	now, n := time.Duration(0), 0
	for b.Loop() {
		now += 4 * time.Millisecond
		for range 500 {
			if !shards[n%len(shards)].write(now, 210) {
				b.Fatal("throttled")
			}
			n += 7
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(500*b.N), "ns/record")
}
