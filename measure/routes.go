package measure

import (
	"maps"
	"slices"
	"time"

	"weir/record"
)

// Routes are the routes of a routed pipeline by name; a direct one has none.
type Routes map[string]Route

// Route is what a route is there for.
type Route struct {
	// Kinds are those of the rows that it is to take. A row of another kind that reaches its function has leaked, whatever its filters say of themselves. Nil is
	// not known.
	Kinds []string
}

// Routed takes rows that a route's function gets.
func (r *Rows) Routed(route string, ids []record.RowID, at time.Duration) {
	r.pass(r.routed, ids, at)
	r.mu.Lock()
	defer r.mu.Unlock()
	kinds := r.routes[route].Kinds
	for _, id := range ids {
		if kinds != nil && !slices.Contains(kinds, id.Kind) {
			r.leaks[route]++
		}
		f := r.inFlight[id]
		switch {
		case f == nil:
			continue
		case f.took == "":
			f.took = route
		case f.took != route:
			r.counts.RoutedTwice++
		}
	}
}

// Missed takes rows that one route did not let through.
func (r *Rows) Missed(route string, ids []record.RowID, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		f := r.inFlight[id]
		if f == nil {
			continue
		}
		f.finish(route)
		r.conclude(id, f, at)
	}
}

// Handled takes rows whose function succeeded at the time at. Seen says that what it writes is looked for in the table. Those that were seen to be written are
// done already, and a firing that came after them is not: it has a higher count.
func (r *Rows) Handled(route string, rows []record.Row, at time.Duration, seen bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handled.record(at, len(rows), func(i int) time.Duration {
		return since(at, r.inFlight[rows[i].RowID].trigger())
	})
	for i := range rows {
		r.end(route, &rows[i], &r.counts.Handled, !seen, at)
	}
}

// Discarded takes rows that a route gave up.
func (r *Rows) Discarded(route string, rows []record.Row, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range rows {
		r.end(route, &rows[i], &r.counts.Discarded, false, at)
	}
}

// end takes a row that a route is done with. Where that is the only one, or a direct pipeline's function, nothing more becomes of the firings up to it. Where there
// are several routes, another one may still write them.
func (r *Rows) end(route string, row *record.Row, by *int64, unseen bool, at time.Duration) {
	f := r.inFlight[row.RowID]
	if f == nil {
		return
	}
	if len(r.routes) > 0 {
		f.finish(route)
	}
	f.unseen = f.unseen || unseen
	if f.endedBy != &r.counts.Handled {
		f.endedBy = by
	}
	if len(r.routes) <= 1 {
		r.landAll(row.RowID, f, landedBy(f.firings, row.Count), by, at)
	}
	r.conclude(row.RowID, f, at)
}

// landAll ends the first firings of a row that nobody is seen to write.
func (r *Rows) landAll(id record.RowID, f *flight, firings int, by *int64, at time.Duration) {
	*by += int64(firings)
	if firings > 0 && f.unseen {
		r.elsewhere[id] = true
	}
	for range firings {
		r.finish(id, f, by, at)
	}
}

// conclude ends a row that all routes are done with, and that none was seen to write.
func (r *Rows) conclude(id record.RowID, f *flight, at time.Duration) {
	if len(r.routes) > 0 && len(f.firings) > 0 && f.finished(len(r.routes)) {
		switch {
		case f.endedBy != nil:
			r.landAll(id, f, len(f.firings), f.endedBy, at)
		default:
			r.counts.Unrouted++
			r.open--
			f.firings = nil
		}
	}
	r.free(id, f)
}

// Writing takes rows that are handed to the table.
func (r *Rows) Writing(rows []record.Row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range rows {
		r.table.take(&rows[i], r.inFlight[rows[i].RowID].due())
	}
}

// Abandoned takes rows that the table was asked for and never acknowledged.
func (r *Rows) Abandoned(rows []record.Row, at time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range rows {
		r.table.left(rows[i].RowID, at)
	}
}

// Leaks are, for each route whose kinds are known, the rows of other kinds that its function got.
func (r *Rows) Leaks() map[string]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	leaks := maps.Clone(r.leaks)
	for name, route := range r.routes {
		if route.Kinds != nil {
			leaks[name] += 0
		}
	}
	return leaks
}

// tookElsewhere says that a function took the row which is not seen to write.
func (r *Rows) tookElsewhere(id record.RowID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.elsewhere[id]
}
