package measure

import (
	"context"
	"slices"
	"sync"
	"time"

	"weir/measure/internal/signal"
	"weir/record"
)

// strayRowsKept bounds the strays that are named.
const strayRowsKept = 20

// Rows follows each row from the moment it fired until it is written, and takes its latencies on the way. A row is freed when it
// is written, so that its memory grows with what is in flight. Rows that the flush or idleness fired are counted, and timed
// nowhere.
type Rows struct {
	fired, forwarded, routed, written, age *point
	// routes are the routes that a row is offered to: one that all of them miss is never written.
	routes []string

	mu       sync.Mutex
	inFlight map[record.RowID]*flight
	counts   RowCounts
	strays   []record.RowID
	changed  signal.Signal
}

// RowCounts are the totals of a pipeline's rows.
type RowCounts struct {
	Fired, Written int64
	// Flushed are the rows among Fired that the flush or idleness fired.
	Flushed int64
	// Untimed are the rows among Fired, not flushed, whose trigger has no due time: no latency is taken of them.
	Untimed int64
	// Unrouted are rows that every route missed.
	Unrouted int64
	// Strays are writes of rows that were not in flight: never fired, or written before.
	Strays int64
	// InFlight are fired, and neither written nor unrouted.
	InFlight int64
}

// flight is one row on its way.
type flight struct {
	trigger, newest time.Duration // NoDue where no latency is taken
	missed          []string      // the routes that did not let it through
}

// Fired takes rows that the aggregator emitted.
func (r *Rows) Fired(rows []record.Fired, at time.Duration) {
	r.mu.Lock()
	for i := range rows {
		f := &rows[i]
		r.counts.Fired++
		to := &flight{trigger: f.Trigger, newest: f.Newest}
		switch {
		case f.Flushed:
			r.counts.Flushed++
			to.trigger, to.newest = record.NoDue, record.NoDue
		case f.Trigger == record.NoDue:
			r.counts.Untimed++
		}
		r.inFlight[f.RowID] = to
	}
	r.mu.Unlock()
	r.fired.record(at, len(rows), func(i int) time.Duration {
		if rows[i].Flushed {
			return record.NoDue
		}
		return since(at, rows[i].Trigger)
	})
}

// Forwarded takes rows that the output stream acknowledged.
func (r *Rows) Forwarded(ids []record.RowID, at time.Duration) { r.pass(r.forwarded, ids, at) }

// Routed takes rows that a handler got.
func (r *Rows) Routed(ids []record.RowID, at time.Duration) { r.pass(r.routed, ids, at) }

func (r *Rows) pass(to *point, ids []record.RowID, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to.record(at, len(ids), func(i int) time.Duration {
		if f := r.inFlight[ids[i]]; f != nil {
			return since(at, f.trigger)
		}
		return record.NoDue
	})
}

// Missed takes rows that one route did not let through.
func (r *Rows) Missed(route string, ids []record.RowID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		f := r.inFlight[id]
		if f == nil || slices.Contains(f.missed, route) {
			continue
		}
		if f.missed = append(f.missed, route); len(f.missed) == len(r.routes) {
			r.counts.Unrouted++
			r.free(id)
		}
	}
}

// Written takes rows whose write to the table was acknowledged.
func (r *Rows) Written(ids []record.RowID, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.written.record(at, len(ids), func(i int) time.Duration {
		if f := r.inFlight[ids[i]]; f != nil {
			return since(at, f.trigger)
		}
		return record.NoDue
	})
	r.age.record(at, len(ids), func(i int) time.Duration {
		if f := r.inFlight[ids[i]]; f != nil && f.trigger != record.NoDue {
			return since(at, f.newest)
		}
		return record.NoDue
	})
	for _, id := range ids {
		if r.inFlight[id] == nil {
			r.stray(id)
			continue
		}
		r.counts.Written++
		r.free(id)
	}
}

func (r *Rows) stray(id record.RowID) {
	r.counts.Strays++
	if len(r.strays) < strayRowsKept {
		r.strays = append(r.strays, id)
	}
}

func (r *Rows) free(id record.RowID) {
	delete(r.inFlight, id)
	if len(r.inFlight) == 0 {
		r.changed.Broadcast()
	}
}

// Counts are the totals as of now.
func (r *Rows) Counts() RowCounts {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.counts
	c.InFlight = int64(len(r.inFlight))
	return c
}

// Wait waits until no row is in flight.
func (r *Rows) Wait(ctx context.Context) error {
	for {
		changed := r.changed.Next()
		if r.Counts().InFlight == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Strays names the first writes of rows that were not in flight.
func (r *Rows) Strays() []record.RowID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.strays)
}
