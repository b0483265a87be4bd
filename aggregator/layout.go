package aggregator

import (
	"errors"
	"math"
	"math/bits"
	"sync"

	"weir/record"
)

// layout is which shard is read by which source subtask, and all subtasks. It is never changed: a reshard puts another in its place.
type layout struct {
	inputs  []*input
	sources []*sourceSubtask
	windows []*windowSubtask
}

// lay assigns the shards to source subtasks and makes everything that the run needs.
func (a *Aggregator) lay(shards []record.Shard) (*layout, error) {
	if len(shards) == 0 {
		return nil, errors.New("the stream has no shards")
	}
	n := a.config.Parallelism
	l := &layout{}
	assigned := make([][]*input, n)
	for _, shard := range shards {
		in := newInput(shard, n)
		l.inputs = append(l.inputs, in)
		assigned[in.subtask] = append(assigned[in.subtask], in)
	}
	pool := &sync.Pool{New: func() any { return new(batch) }}
	for range n {
		l.windows = append(l.windows, newWindowSubtask(a, pool))
	}
	for i, inputs := range assigned {
		s, err := newSourceSubtask(a, i, inputs, l.windows, pool)
		if err != nil {
			return nil, err
		}
		for _, in := range inputs {
			in.queue = s.queue
		}
		l.sources = append(l.sources, s)
		if len(inputs) == 0 {
			for _, w := range l.windows {
				w.closed.Raise(i, math.MaxInt64) // without shards it holds nothing back
			}
		}
	}
	return l, nil
}

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
