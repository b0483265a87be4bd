package aggregator

import (
	"errors"
	"math"
	"math/bits"
	"sync"

	"weir/aggregator/window"
	"weir/record"
)

// layout is which shard is read by which source subtask, and all subtasks.
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
	l := &layout{inputs: newInputs(shards)}
	assigned := make([][]*input, n)
	for _, in := range l.inputs {
		in.subtask = assign(&in.shard, n)
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

// newInputs links the shards to their parents, as far as the stream still has these.
func newInputs(shards []record.Shard) []*input {
	inputs := make([]*input, len(shards))
	byID := make(map[string]*input, len(shards))
	for i, shard := range shards {
		inputs[i] = &input{shard: shard, ended: make(chan struct{}), watermark: window.Unset, next: window.Unset}
		inputs[i].seen.Store(window.Unset)
		byID[shard.ID] = inputs[i]
	}
	for _, in := range inputs {
		for _, id := range in.shard.Parents {
			if parent := byID[id]; parent != nil {
				in.parents = append(in.parents, parent)
				parent.hasChildren = true
			}
		}
	}
	return inputs
}
