package aggregator

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
)

// barrier goes through all subtasks, and gathers what they note.
type barrier struct {
	stop bool
	// aligned[i] is closed when window subtask i has had the barrier of every source subtask: until then it takes nothing more of those that had it.
	aligned []chan struct{}
	// over is closed when it is decided what becomes of source subtasks that stand still; done says that they stay so.
	over chan struct{}
	done bool

	mu      sync.Mutex
	left    int // subtasks that have not noted anything yet
	shards  []shardState
	windows map[int]windowState
	counts  counts
	noted   chan struct{} // closed when none is left
}

func newBarrier(subtasks int, stop bool) *barrier {
	b := &barrier{
		stop: stop, over: make(chan struct{}), left: 2 * subtasks,
		windows: make(map[int]windowState), noted: make(chan struct{}),
	}
	for range subtasks {
		b.aligned = append(b.aligned, make(chan struct{}))
	}
	return b
}

// pass sends the barrier to every source subtask, and waits until all have noted what they had to.
func (b *barrier) pass(ctx context.Context, l *layout) (m manifest, states []windowState, err error) {
	for _, s := range l.sources {
		select {
		case s.barriers <- b:
		case <-ctx.Done():
			return m, nil, ctx.Err()
		}
	}
	select {
	case <-b.noted:
	case <-ctx.Done():
		return m, nil, ctx.Err()
	}
	slices.SortFunc(b.shards, func(x, y shardState) int { return strings.Compare(x.ID, y.ID) })
	m.Shards, m.Counts = b.shards, b.counts
	for _, i := range slices.Sorted(maps.Keys(b.windows)) {
		states = append(states, b.windows[i])
	}
	return m, states, nil
}

// resume lets source subtasks go on that stand still for a savepoint that did not come about.
func (b *barrier) resume() {
	if !b.done {
		close(b.over)
	}
}

// ofSource takes what a source subtask notes.
func (b *barrier) ofSource(shards []shardState, c counts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shards = append(b.shards, shards...)
	b.note(c)
}

// ofWindow takes what a window subtask notes, which goes on with all source subtasks.
func (b *barrier) ofWindow(subtask int, state windowState, c counts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.windows[subtask] = state
	b.note(c)
	close(b.aligned[subtask])
}

func (b *barrier) note(c counts) {
	b.counts = b.counts.plus(c)
	if b.left--; b.left == 0 {
		close(b.noted)
	}
}
