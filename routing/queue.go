package routing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"weir/record"
)

// errClosed says that a queue takes no more rows.
var errClosed = errors.New("routing: rows are no longer taken")

// Untaken says that a sink took the first of its rows, and not the last so many, for an emitter that ended while it waited.
type Untaken struct {
	Rows int
	Err  error
}

func (u *Untaken) Error() string { return fmt.Sprintf("%d rows were not taken: %v", u.Rows, u.Err) }

// Unwrap is why.
func (u *Untaken) Unwrap() error { return u.Err }

// queue is a bounded first-in-first-out queue of rows. What it took it gives out, or tells by its length; none is dropped. A row that fires again
// is not given out before what fired first is done with: else the older one could be written last.
type queue struct {
	limit int

	mu      sync.Mutex
	rows    []record.Row
	busy    map[record.RowID]bool // given out, and not done with
	held    bool                  // a row waits for one that is busy
	oldest  time.Time             // when the first row began to wait: when it came, or at the latest when the one before it left
	changed chan struct{}         // closed and replaced at each change
	closed  error                 // why no more rows are taken
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, busy: make(map[record.RowID]bool), changed: make(chan struct{})}
}

// put takes all rows, and waits for room until ctx ends, which is an [Untaken], or the queue is closed.
func (q *queue) put(ctx context.Context, rows []record.Fired) error {
	for {
		changed, left, err := q.add(rows)
		if err != nil || len(left) == 0 {
			return err
		}
		rows = left
		select {
		case <-changed:
		case <-ctx.Done():
			return &Untaken{len(rows), ctx.Err()}
		}
	}
}

// add takes the rows for which there is room.
func (q *queue) add(rows []record.Fired) (changed <-chan struct{}, left []record.Fired, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed != nil {
		return nil, rows, q.closed
	}
	n := min(len(rows), q.limit-len(q.rows))
	if n > 0 && len(q.rows) == 0 {
		q.oldest = time.Now()
	}
	for i := range n {
		q.rows = append(q.rows, rows[i].Row)
	}
	if n > 0 {
		q.change()
	}
	return q.changed, rows[n:], nil
}

// take gives out up to n rows, once there are n, or some have waited for the linger, or the queue is closed: then it gives what
// is left, and at last none. It waits until ctx ends.
func (q *queue) take(ctx context.Context, n int, linger time.Duration) ([]record.Row, error) {
	for {
		rows, changed, wait, done := q.poll(n, linger)
		if done {
			return rows, nil
		}
		var lingered <-chan time.Time
		if wait > 0 {
			lingered = time.After(wait)
		}
		select {
		case <-changed:
		case <-lingered:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// poll gives out rows if it is time; wait, if not zero, is until when it will be even if no more rows come.
func (q *queue) poll(n int, linger time.Duration) (rows []record.Row, changed <-chan struct{}, wait time.Duration, done bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.rows) < n && q.closed == nil {
		if len(q.rows) == 0 {
			return nil, q.changed, 0, false
		}
		if wait = linger - time.Since(q.oldest); wait > 0 {
			return nil, q.changed, wait, false
		}
	}
	if len(q.rows) == 0 {
		return nil, nil, 0, true
	}
	if rows = q.pick(n); len(rows) == 0 {
		return nil, q.changed, 0, false
	}
	q.oldest = time.Now()
	q.change()
	return rows, nil, 0, true
}

// pick takes up to n rows out of the queue, none of which is busy; mu is held.
func (q *queue) pick(n int) []record.Row {
	free := 0
	for free < min(n, len(q.rows)) && !q.busy[q.rows[free].RowID] {
		free++
	}
	rows := q.rows[:free:free]
	left := q.rows[free:]
	if free < min(n, len(q.rows)) {
		rows, left = q.pickPast(rows, left, n)
	}
	q.rows = left
	for i := range rows {
		q.busy[rows[i].RowID] = true
	}
	return rows
}

// pickPast goes on behind a row that is busy.
func (q *queue) pickPast(rows, left []record.Row, n int) (picked, rest []record.Row) {
	q.held = true
	rest = make([]record.Row, 0, len(left))
	for i := range left {
		if len(rows) == n || q.busy[left[i].RowID] {
			rest = append(rest, left[i])
		} else {
			rows = append(rows, left[i])
		}
	}
	return rows, rest
}

// done is told that rows which were given out are done with.
func (q *queue) done(rows []record.Row) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range rows {
		delete(q.busy, rows[i].RowID)
	}
	if q.held {
		q.held = false
		q.change()
	}
}

// close ends the taking of rows for the reason why; the first one stands.
func (q *queue) close(why error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed == nil {
		q.closed = why
		q.change()
	}
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.rows)
}

// change wakes everybody who waits; mu is held.
func (q *queue) change() {
	close(q.changed)
	q.changed = make(chan struct{})
}
