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

// Rows follows each row from the moment it fired until nothing more becomes of it, and takes its latencies on the way. A row is freed when it
// is written and every route is done with it, so that its memory grows with what is in flight. Rows that the flush or idleness fired are counted,
// and timed nowhere.
//
// A row that a late record changed fires again, with a higher count: it is in flight until a write has that count, and such a write stands for all before it.
type Rows struct {
	// apart are the latencies of written by kind; nil where they are not kept apart.
	apart                                           *apart
	fired, forwarded, routed, handled, written, age *point
	// routes are the routes that a row is offered to: one that all of them miss is never written.
	routes Routes
	// table are the rows that were handed to the table and are not acknowledged.
	table *tableRows

	mu       sync.Mutex
	inFlight map[record.RowID]*flight
	open     int64 // of those in flight, rows of which a firing has not come to its end
	leaks    map[string]int64
	// elsewhere are rows that a function took which is not seen to write.
	elsewhere map[record.RowID]bool
	counts    RowCounts
	strays    []record.RowID
	changed   signal.Signal
}

// RowCounts are the totals of a pipeline's rows.
type RowCounts struct {
	Fired, Written int64
	// Flushed are the rows among Fired that the flush or idleness fired.
	Flushed int64
	// Untimed are the rows among Fired, not flushed, whose trigger has no due time: no latency is taken of them.
	Untimed int64
	// Unrouted are rows that every route missed, and RoutedTwice rows that several routes took.
	Unrouted, RoutedTwice int64
	// Handled are rows that a function took without their being seen in the table, and Discarded rows that a route gave up.
	Handled, Discarded int64
	// Strays are writes of rows that were not in flight: never fired, or written before, be it with a higher count.
	Strays int64
	// InFlight are fired, and neither written nor unrouted nor handled nor discarded.
	InFlight int64
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
		row := r.inFlight[f.RowID]
		if row == nil {
			row = &flight{}
			r.inFlight[f.RowID] = row
		}
		if len(row.firings) == 0 {
			r.open++
			r.table.fired(row, &f.Row, to.trigger)
		}
		row.firings = append(row.firings, to)
		row.fired++
		row.last = to
		row.unforwarded++
	}
	r.mu.Unlock()
	r.fired.record(at, len(rows), func(i int) time.Duration {
		if rows[i].Flushed {
			return record.NoDue
		}
		return since(at, rows[i].Trigger)
	})
}

// Unfired takes rows that fired and never left the aggregator, because it was killed meanwhile: they are not in flight, and not among those that fired. What
// seemed to settle such a firing was the write of an earlier one.
func (r *Rows) Unfired(rows []record.Fired, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range rows {
		f := r.inFlight[rows[i].RowID]
		if f == nil {
			continue
		}
		r.counts.Fired--
		switch {
		case rows[i].Flushed:
			r.counts.Flushed--
		case rows[i].Trigger == record.NoDue:
			r.counts.Untimed--
		}
		if f.unfire(rows[i].Count) && len(f.firings) == 0 {
			r.open--
			r.table.over(f, at)
		}
		if f.fired == 0 {
			delete(r.inFlight, rows[i].RowID)
		}
		r.free(rows[i].RowID, f)
	}
}

// Forwarded takes records that carry rows, as far as the output stream has them.
func (r *Rows) Forwarded(sends []record.Send, at time.Duration) {
	r.pass(r.forwarded, ackedRows(sends), at)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range sends {
		if o := sends[i].Outcome; o != record.Acked && o != record.Found {
			continue
		}
		if f := r.inFlight[RowOf(sends[i].Event)]; f != nil {
			f.unforwarded--
		}
	}
}

func (r *Rows) pass(to *point, ids []record.RowID, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to.record(at, len(ids), func(i int) time.Duration {
		return since(at, r.inFlight[ids[i]].trigger())
	})
}

// Written takes rows whose write to the table was acknowledged.
func (r *Rows) Written(rows []record.Row, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var over []firing
	for i := range rows {
		r.table.left(rows[i].RowID, at)
		before := len(over)
		over = r.land(over, &rows[i], at)
		if landed := over[before:]; r.apart != nil && len(landed) > 0 {
			r.apart.of(rows[i].Kind).record(at, len(landed), func(k int) time.Duration { return since(at, landed[k].trigger) })
		}
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

// land appends the firings that a write of the row has settled.
func (r *Rows) land(over []firing, row *record.Row, at time.Duration) []firing {
	f := r.inFlight[row.RowID]
	landed := 0
	if f != nil {
		landed = landedBy(f.firings, row.Count)
	}
	if landed == 0 {
		r.stray(row.RowID)
	}
	for range landed {
		over = append(over, f.firings[0])
		r.finish(row.RowID, f, &r.counts.Written, at)
	}
	return over
}

// landedBy is how many firings a write with a count has settled: those with no higher one, or, where an aggregator went back and has fired the row anew with a
// lower one, those up to the last with that very count.
func landedBy(firings []firing, count int64) (landed int) {
	for landed < len(firings) && firings[landed].count <= count {
		landed++
	}
	if landed > 0 {
		return landed
	}
	for i := range firings {
		if firings[i].count == count {
			landed = i + 1
		}
	}
	return landed
}

func (r *Rows) stray(id record.RowID) {
	r.counts.Strays++
	if len(r.strays) < strayRowsKept {
		r.strays = append(r.strays, id)
	}
}

// finish ends a firing of a row, the first of those that are left. By is the count that it is to be counted in.
func (r *Rows) finish(id record.RowID, f *flight, by *int64, at time.Duration) {
	f.settledBy = by
	switch f.firings = f.firings[1:]; {
	case len(f.firings) == 0:
		r.open--
		r.table.over(f, at)
	case f.handed != nil:
		r.table.renew(f.handed, f.firings[0].trigger, at)
	}
	r.free(id, f)
}

// free forgets a row of which nothing more is to be seen.
func (r *Rows) free(id record.RowID, f *flight) {
	if len(f.firings) == 0 && f.finished(len(r.routes)) {
		delete(r.inFlight, id)
	}
	if r.open == 0 {
		r.changed.Broadcast()
	}
}

// Counts are the totals as of now.
func (r *Rows) Counts() RowCounts {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.counts
	c.InFlight = r.open
	return c
}

// Wait waits until no row is in flight.
func (r *Rows) Wait(ctx context.Context) error {
	return r.wait(ctx, func() bool { return r.open == 0 })
}

// WaitDone waits until every route is done with every row.
func (r *Rows) WaitDone(ctx context.Context) error {
	return r.wait(ctx, func() bool { return len(r.inFlight) == 0 })
}

func (r *Rows) wait(ctx context.Context, there func() bool) error {
	for {
		changed := r.changed.Next()
		r.mu.Lock()
		over := there()
		r.mu.Unlock()
		if over {
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
