package routing

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// handle invokes the function with a batch, and with what is left of it, until all of it is done or given up.
func (m *Mapping) handle(ctx context.Context, lanes *shardLanes, l *lane, items []Item) error {
	m.config.Observer.Routed(m.config.Route, rowIDs(items), m.config.Clock.Now())
	failed := 0 // invocations in a row
	for left := []work{{items: items}}; len(left) > 0; {
		old, w := m.config.Policy.expired(left[0], time.Now())
		if old != nil {
			if err := m.discard(lanes, old, RecordAgeExceeded, nil); err != nil {
				return err
			}
		}
		left = left[1:]
		if len(w.items) == 0 {
			continue
		}
		n, err := m.try(ctx, lanes, w)
		if err != nil {
			return err
		}
		m.done(lanes, n.done)
		if n.discarded != nil {
			if err := m.discard(lanes, n.discarded, RetryAttemptsExhausted, n.failure); err != nil {
				return err
			}
		}
		left = append(n.again, left...)
		if n.failure == nil || n.discarded != nil {
			failed = 0
			lanes.unblock(l)
			continue
		}
		lanes.block(l, left, n.failure, m.config.Clock.Now())
		if err := pause(ctx, failed); err != nil {
			return err
		}
		failed++
	}
	lanes.unblock(l)
	return nil
}

// try makes one invocation, and decides what follows.
func (m *Mapping) try(ctx context.Context, lanes *shardLanes, w work) (next, error) {
	batch := &Batch{Shard: lanes.id, Items: w.items, Attempt: w.invoked}
	if w.invoked > 0 {
		m.retried.Add(int64(len(w.items)))
	}
	answer, err := m.invoke(ctx, batch)
	failure := asFailure(err)
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return next{}, err
	}
	if err != nil && failure == nil {
		failure = &Failure{Kind: Errored, Err: err}
	}
	n := m.config.Policy.after(w, answer.Refused, failure)
	m.invocations.add(n.failure)
	if len(n.again) > 1 {
		m.split.Add(1)
	}
	return n, nil
}

// invoke passes the batch on, unless it is a single item that no invocation can be given.
func (m *Mapping) invoke(ctx context.Context, batch *Batch) (Answer, error) {
	if len(batch.Items) == 1 && eventOverhead+batch.Items[0].size > MaxPayload {
		return Answer{}, failedf(TooLarge, "item %s is %d bytes in an event, and an invocation takes %d", batch.Items[0].Sequence, batch.Items[0].size, MaxPayload)
	}
	return m.config.Function.Invoke(ctx, batch)
}

// done says that items were handled.
func (m *Mapping) done(lanes *shardLanes, items []Item) {
	if len(items) == 0 {
		return
	}
	rows, at := rows(items), m.config.Clock.Now()
	m.config.Observer.Handled(m.config.Route, rows, at)
	m.handled.Add(int64(len(items)))
	m.rows.Add(int64(len(rows)))
	m.config.Observer.Done(m.config.Route, lanes.id, lanes.finish(items), at)
}

// discard gives items up. The error says that they could not be kept: then they are not given up.
func (m *Mapping) discard(lanes *shardLanes, w *work, condition string, failure *Failure) error {
	if m.config.OnFailure != nil {
		d := &Discarded{
			Batch: Batch{Shard: lanes.id, Items: w.items}, Origin: m.config.Origin, Condition: condition, Invoked: w.invoked, Failure: failure, At: time.Now(),
		}
		if err := m.config.OnFailure.Keep(d); err != nil {
			return fmt.Errorf("on_failure: %w", err)
		}
	}
	m.config.Observer.Discarded(m.config.Route, rows(w.items))
	m.discarded.Add(int64(len(w.items)))
	m.config.Observer.Done(m.config.Route, lanes.id, lanes.finish(w.items), m.config.Clock.Now())
	return nil
}
