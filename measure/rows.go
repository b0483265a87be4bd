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
//
// A row that a late record changed fires again, with a higher count: it is in flight until a write has that count, and such a write stands for all before it.
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
	// Strays are writes of rows that were not in flight: never fired, or written before, be it with a higher count.
	Strays int64
	// InFlight are fired, and neither written nor unrouted.
	InFlight int64
}

// flight is one row on its way, as it fired first, and as it fired again before that was written.
type flight struct {
	firing
	again  []firing
	missed []string // the routes that did not let it through
}

type firing struct {
	count           int64
	trigger, newest time.Duration // NoDue where no latency is taken
}

// next goes on with what fired next; it is not ok if nothing did.
func (f *flight) next() bool {
	if len(f.again) == 0 {
		return false
	}
	f.firing, f.again, f.missed = f.again[0], f.again[1:], nil
	return true
}

// Fired takes rows that the aggregator emitted.
func (r *Rows) Fired(rows []record.Fired, at time.Duration) {
	r.mu.Lock()
	for i := range rows {
		f := &rows[i]
		r.counts.Fired++
		to := firing{count: f.Count, trigger: f.Trigger, newest: f.Newest}
		switch {
		case f.Flushed:
			r.counts.Flushed++
			to.trigger, to.newest = record.NoDue, record.NoDue
		case f.Trigger == record.NoDue:
			r.counts.Untimed++
		}
		if before := r.inFlight[f.RowID]; before != nil {
			before.again = append(before.again, to)
			continue
		}
		r.inFlight[f.RowID] = &flight{firing: to}
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

// pass takes rows at a point that tells them by their ids. Which firing of a row it was that passed is not known if there are several: then no latency is
// taken.
func (r *Rows) pass(to *point, ids []record.RowID, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to.record(at, len(ids), func(i int) time.Duration {
		if f := r.inFlight[ids[i]]; f != nil && len(f.again) == 0 {
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
			if !f.next() {
				r.free(id)
			}
		}
	}
}

// Written takes rows whose write to the table was acknowledged.
func (r *Rows) Written(rows []record.Row, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var over []firing
	for i := range rows {
		over = r.land(over, &rows[i])
	}
	r.counts.Written += int64(len(over))
	r.written.record(at, len(over), func(i int) time.Duration { return since(at, over[i].trigger) })
	r.age.record(at, len(over), func(i int) time.Duration {
		if over[i].trigger == record.NoDue {
			return record.NoDue
		}
		return since(at, over[i].newest)
	})
}

// land appends the firings that a write of the row has settled, and frees the row if those were all.
func (r *Rows) land(over []firing, row *record.Row) []firing {
	f := r.inFlight[row.RowID]
	if f == nil || f.count > row.Count {
		r.stray(row.RowID)
		return over
	}
	for f.count <= row.Count {
		over = append(over, f.firing)
		if !f.next() {
			r.free(row.RowID)
			break
		}
	}
	return over
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
