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

func TestBalancedSubtasksHaveAlikeManyShards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		subtasks := rapid.IntRange(1, 8).Draw(t, "subtasks")
		a := newAssigner(Balanced, subtasks)
		var all []int // the subtasks of the shards that are being read
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			if len(all) > 0 && rapid.IntRange(0, 3).Draw(t, "step") == 0 {
				a.over(all[0])
				all = all[1:]
				continue
			}
			start := rapid.Uint64().Draw(t, "start")
			shard := record.Shard{Start: record.HashKey{Hi: start}, End: record.HashKey{Hi: start | 1<<40}}
			before := slices.Clone(a.shards)
			subtask := a.next(&shard)
			if before[subtask] != slices.Min(before) {
				t.Fatalf("a shard went to subtask %d of %v", subtask, before)
			}
			all = append(all, subtask)
		}
	})
}
