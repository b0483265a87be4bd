package aggregator

import (
	"errors"
	"math"
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
func (a *Aggregator) lay(inputs []*input) (*layout, error) {
	if len(inputs) == 0 {
		return nil, errors.New("the stream has no shards")
	}
	n := a.config.Parallelism
	l := &layout{inputs: inputs}
	assigned := make([][]*input, n)
	for _, in := range inputs {
		assigned[in.subtask] = append(assigned[in.subtask], in)
	}
	pool := &sync.Pool{New: func() any { return new(batch) }}
	for i := range n {
		l.windows = append(l.windows, newWindowSubtask(a, i, pool))
	}
	for i, inputs := range assigned {
		s, err := newSourceSubtask(a, i, inputs, l.windows, pool)
		if err != nil {
			return nil, err
		}
		for _, in := range inputs {
			in.queue, in.readAhead = s.queue, s.readAhead
			close(in.assigned)
		}
		l.sources = append(l.sources, s)
		if len(inputs) == 0 {
			for _, w := range l.windows {
				w.watermark.Raise(i, math.MaxInt64) // without shards it holds nothing back
			}
		}
	}
	return l, nil
}

// shards are all that are read, or were.
func (l *layout) shards() []record.Shard {
	shards := make([]record.Shard, len(l.inputs))
	for i, in := range l.inputs {
		shards[i] = in.shard
	}
	return shards
}
