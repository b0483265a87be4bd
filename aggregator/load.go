package aggregator

import (
	"sync"
	"time"

	"weir/record"
)

// state is what a subtask does at a moment, in Flink's terms.
type state int

const (
	idle          state = iota // waits for input
	busy                       // works
	backPressured              // waits for what is behind it
	states
)

// load is how long a subtask was in each state. A subtask changes it twice a batch, and anybody may look at it.
type load struct {
	clock record.Clock

	mu    sync.Mutex
	state state
	since time.Duration
	spent [states]time.Duration
}

// newLoad starts idle, now.
func newLoad(clock record.Clock) load { return load{clock: clock, since: clock.Now()} }

// enter ends the state that the subtask was in.
func (l *load) enter(to state) {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spent[l.state] += now - l.since
	l.state, l.since = to, now
}

// snapshot is the load up to now, with the time that the current state has lasted.
func (l *load) snapshot() Load {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	spent := l.spent
	spent[l.state] += max(0, now-l.since)
	return Load{Busy: spent[busy], Idle: spent[idle], BackPressured: spent[backPressured]}
}
