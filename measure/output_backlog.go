package measure

import (
	"time"

	"weir/measure/backlog"
	"weir/measure/ledger"
	"weir/result"
)

// outputBacklog follows the backlog of the output: from a row's firing until every route is done with it.
type outputBacklog struct {
	stream *Stream         // the writer's part, and the books
	routes []*routeBacklog // by name
	// All of these have maxima alone: stream is what some route has not read, and function what all have read and some is not done with. Of several routes,
	// they are as of each look.
	whole, unread, function backlog.Level
}

// routeBacklog is what waits for one route.
type routeBacklog struct {
	name    string
	reading *ledger.Reading
	whole   backlog.Level // its maxima
}

// grown takes note of how much waits once rows have fired, and once their sizes are known: only then does a backlog grow.
func (b *outputBacklog) grown() {
	for _, r := range b.routes {
		records := b.stream.waiting.Records() + r.reading.Stream().Records() + r.reading.Engine().Records()
		bytes := b.stream.waiting.Bytes() + r.reading.Stream().Bytes() + r.reading.Engine().Bytes()
		r.whole.Reached(records, bytes)
		b.whole.Reached(records, bytes) // what waits for one route waits
	}
}

// look looks from the first part to the last, so that a row that goes on meanwhile is seen twice rather than not at all.
func (b *outputBacklog) look(at time.Duration) placeSight {
	writer, waiting := b.stream.extent()
	var routes []routeSight
	for _, r := range b.routes {
		routes = append(routes, r.look(writer, at))
	}
	undone := b.stream.Ledger.Undone()
	stream, function := backlog.None, backlog.None
	for i := range undone {
		stream, function = stream.Plus(undone[i].Stream), function.Plus(undone[i].Engine)
	}
	b.between(routes)
	p := place(&b.whole, []partSight{
		seen(result.WriterPart, &b.stream.waiting, writer, at),
		seen(result.StreamPart, &b.unread, stream, at),
		seen(result.FunctionPart, &b.function, function, at),
	}, at)
	p.shards, p.routes, p.throttled = together(waiting, undone), routes, b.stream.readsThrottled.Load()
	return p
}

// between takes note of what was most between two looks: what a route had not read, and, where it is the only one, what was with its function.
func (b *outputBacklog) between(routes []routeSight) {
	for i := range routes {
		unread, function := routes[i].parts[0].recent, routes[i].parts[1].recent
		b.unread.Reached(unread.Records, unread.Bytes)
		b.unread.Aged(unread.Age)
		b.whole.Aged(function.Age)
		if len(routes) == 1 {
			b.function.Reached(function.Records, function.Bytes)
			b.function.Aged(function.Age)
		}
	}
}

// look is what waits for a route, beside what waits for all of them in the writer.
func (r *routeBacklog) look(writer backlog.Extent, at time.Duration) routeSight {
	stored, function := backlog.None, backlog.None
	read := r.reading.Backlog()
	for i := range read {
		stored, function = stored.Plus(read[i].Stream), function.Plus(read[i].Engine)
	}
	s := routeSight{
		name: r.name, iteratorAge: r.reading.RecentIteratorAge(),
		parts: []partSight{
			seen(result.StreamPart, r.reading.Stream(), stored, at), seen(result.FunctionPart, r.reading.Engine(), function, at),
		},
	}
	for _, p := range s.parts {
		r.whole.Aged(p.recent.Age)
	}
	s.whole = seen("", &r.whole, writer.Plus(stored).Plus(function), at)
	return s
}

// unacknowledged is what was handed to the table and is not acknowledged.
func (r *Rows) unacknowledged() backlog.Extent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return backlog.Extent{Records: r.table.level.Records(), Bytes: r.table.level.Bytes(), Oldest: r.table.ages.Oldest()}
}

// lookTable looks at the backlog of the table, which has no parts.
func (r *Rows) lookTable(at time.Duration) placeSight {
	return placeSight{whole: seen("", &r.table.level, r.unacknowledged(), at)}
}
