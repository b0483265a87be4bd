package aggregator

import (
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/record"
)

// The examples are those of Flink's UniformShardAssigner: how many shards fall to each subtask.
func TestUniformShardsSpreadAsInFlink(t *testing.T) {
	for _, c := range []struct {
		shards, subtasks int
		want             []int
	}{
		{4, 3, []int{1, 2, 1}},
		{8, 3, []int{3, 2, 3}},
		{6, 4, []int{2, 1, 2, 1}},
		{2, 4, []int{1, 0, 1, 0}},
		{3, 2, []int{2, 1}},
		{1, 1, []int{1}},
		{4, 2, []int{2, 2}},
		{24, 2, []int{12, 12}},
	} {
		got := make([]int, c.subtasks)
		for _, shard := range uniform(c.shards) {
			got[assign(&shard, c.subtasks)]++
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d shards on %d subtasks: %v, want %v", c.shards, c.subtasks, got, c.want)
		}
	}
}

// uniform splits the hash range exactly, each end one below the next start.
func uniform(n int) []record.Shard {
	all := new(big.Int).Lsh(big.NewInt(1), 128)
	bound := func(i int) *big.Int {
		b := new(big.Int).Mul(all, big.NewInt(int64(i)))
		return b.Div(b, big.NewInt(int64(n)))
	}
	shards := make([]record.Shard, n)
	for i := range shards {
		shards[i].Start, _ = record.ParseHashKey(bound(i).String())
		shards[i].End, _ = record.ParseHashKey(bound(i+1).Sub(bound(i+1), big.NewInt(1)).String())
	}
	return shards
}

func TestAssignIsTheFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) record.HashKey {
			return record.HashKey{Hi: rapid.Uint64().Draw(t, name+" hi"), Lo: rapid.Uint64().Draw(t, name+" lo")}
		}
		shard := record.Shard{Start: draw("start"), End: draw("end")}
		n := rapid.IntRange(1, 1000).Draw(t, "subtasks")
		want := new(big.Int).Add(shard.Start.Big(), shard.End.Big())
		want.Rsh(want, 1).Mul(want, big.NewInt(int64(n))).Rsh(want, 128)
		if got := assign(&shard, n); int64(got) != want.Int64() {
			t.Fatalf("%d, want %s", got, want)
		}
	})
}

// A key falls to the same window subtask in every run and every process: these are fixed for good.
func TestSplitIsStableAndSpreads(t *testing.T) {
	count := make([]int, 4)
	for i := range 4000 {
		count[split(&record.Event{Kind: "k", Key: string(rune('a'+i%26)) + string(rune('0'+i/26))}, 4)]++
	}
	if slices.Min(count) < 800 {
		t.Errorf("4,000 keys on 4 subtasks: %v", count)
	}
	got := []int{
		split(&record.Event{Kind: "order", Key: "42"}, 256), split(&record.Event{Kind: "", Key: ""}, 256),
		split(&record.Event{Kind: "a", Key: "b"}, 256), split(&record.Event{Kind: "ab", Key: ""}, 256),
	}
	if want := []int{0, 34, 168, 54}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
