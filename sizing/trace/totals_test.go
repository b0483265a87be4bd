package trace

import (
	"math/rand/v2"
	"testing"
	"time"

	"weir/record"
)

// TestTheBusiestShardIsTheOneThatCountingFinds holds the sums against counting record by record.
func TestTheBusiestShardIsTheOneThatCountingFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	recorder := NewRecorder(1)
	const feed = 4 * time.Second
	for due := time.Duration(0); due < feed; due += time.Duration(r.Int64N(int64(8 * time.Millisecond))) {
		key := string(rune('a' + r.IntN(r.IntN(40)+1)))
		if err := recorder.Add([]record.Record{{PartitionKey: key, Data: make([]byte, r.IntN(500)), Due: due, Event: record.Event{Key: key}}}); err != nil {
			t.Fatal(err)
		}
	}
	load := recorder.Trace()
	stretches := []Stretch{{0, feed}, {time.Second, 2 * time.Second}, {1500 * time.Millisecond, 3 * time.Second}}
	totals := load.Totals(stretches)
	for shards := range 20 {
		shards++
		var records, bytes float64
		for _, over := range stretches {
			n, size := make([]float64, shards), make([]float64, shards)
			for i := range load.Records {
				if at := &load.Records[i]; at.Due >= over.Start && at.Due < over.End {
					n[ShardOf(Starts(shards), at.Hash)]++
					size[ShardOf(Starts(shards), at.Hash)] += float64(at.Bytes)
				}
			}
			for i := range n {
				records, bytes = max(records, n[i]/(over.End-over.Start).Seconds()), max(bytes, size[i]/(over.End-over.Start).Seconds())
			}
		}
		if a, b := totals.Busiest(shards); a != records || b != bytes {
			t.Errorf("%d shards: %g records and %g bytes a second, and by counting %g and %g", shards, a, b, records, bytes)
		}
	}
}
