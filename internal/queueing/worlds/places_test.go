package worlds

import (
	"fmt"
	"testing"

	"weir/aggregator"
	"weir/record"
	"weir/sizing/trace"
)

// The places are worked out apart, and have to be those of a run.
func TestKeysFallWhereARunHasThem(t *testing.T) {
	for i := range 2000 {
		key := fmt.Sprintf("k%03d-é😀", i)
		for n := 1; n <= 5; n++ {
			want, err := aggregator.WindowSubtask(&record.Event{Kind: "a", Key: key}, 0, n)
			if err != nil {
				t.Fatal(err)
			}
			if got := subtaskOf("a", key, n); got != want {
				t.Fatalf("%s is at subtask %d of %d, want %d", key, got, n, want)
			}
			if got, want := shardOf(key, n), trace.ShardOf(trace.Starts(n), record.HashOf(key).Hi); got != want {
				t.Fatalf("%s is at shard %d of %d, want %d", key, got, n, want)
			}
		}
	}
}
