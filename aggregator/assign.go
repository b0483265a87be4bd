package aggregator

import (
	"math/bits"
	"slices"

	"weir/record"
)

// Assign says how shards go to source subtasks.
type Assign string

const (
	// Uniform is Flink's UniformShardAssigner: by the middle of the shard's hash range. Shards that split the range evenly, and neighbours, spread;
	// after reshards of a part of the range, some subtasks have more than others, as in Flink.
	Uniform Assign = "uniform"
	// Balanced has each subtask read as many shards as any other, give or take one: what Flink does not do.
	Balanced Assign = "balanced"
)

// assigner gives out the shards of a stream.
type assigner struct {
	how    Assign
	shards []int // how many each subtask has that were not read to their ends
}

func newAssigner(how Assign, subtasks int) *assigner {
	return &assigner{how: how, shards: make([]int, subtasks)}
}

// next is the source subtask of a shard, which it has from now on.
func (a *assigner) next(shard *record.Shard) int {
	subtask := assign(shard, len(a.shards))
	if a.how == Balanced {
		least := slices.Min(a.shards)
		// Of those that have the fewest, the one that it would have in Flink, or the next.
		for a.shards[subtask] > least {
			subtask = (subtask + 1) % len(a.shards)
		}
	}
	a.shards[subtask]++
	return subtask
}

// over says that a subtask has read a shard to its end.
func (a *assigner) over(subtask int) { a.shards[subtask]-- }

// assign is the source subtask of a shard: floor(middle of its hash range × subtasks / 2^128), as Flink's
// UniformShardAssigner has it, so that neighbouring shards of a uniformly split stream spread evenly.
func assign(shard *record.Shard, subtasks int) int {
	low, carry := bits.Add64(shard.Start.Lo, shard.End.Lo, 0)
	high, carry := bits.Add64(shard.Start.Hi, shard.End.Hi, carry)
	low, high = low>>1|high<<63, high>>1|carry<<63
	n := uint64(subtasks)
	carried, _ := bits.Mul64(low, n)
	task, middle := bits.Mul64(high, n)
	_, carry = bits.Add64(middle, carried, 0)
	return int(task + carry)
}
