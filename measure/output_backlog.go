package measure

import (
	"time"

	"weir/measure/backlog"
	"weir/measure/ledger"
	"weir/result"
)

// outputBacklog follows the backlog of the output: from a row's firing until every route is done with it.
type outputBacklog struct {
	stream *Stream // the writer's part
	rows   *Rows
	routes []*routeBacklog // by name
	// All of these have maxima alone: stream is what some route has not read, and function the rest of what some route is not done with.
	whole, unread, function backlog.Level
}

// routeBacklog is what waits for one route.
type routeBacklog struct {
	name    string
	reading *ledger.Reading
	whole   backlog.Level // its maxima
}

// fired takes note of how much waits once rows have fired: only then does a backlog grow.
func (b *outputBacklog) fired() {
	for _, r := range b.routes {
		r.whole.Reached(
			b.stream.waiting.Records()+r.reading.Stream().Records()+r.reading.Engine().Records(),
			b.stream.waiting.Bytes()+r.reading.Stream().Bytes()+r.reading.Engine().Bytes(),
		)
	}
	records, bytes, _ := b.rows.undone()
	b.whole.Reached(records, b.stream.waiting.Bytes()+bytes)
}

func (b *outputBacklog) look(at time.Duration) placeSight {
	waiting := b.stream.waits()
	writer := backlog.Extent{Records: max(0, b.stream.waiting.Records()), Bytes: max(0, b.stream.waiting.Bytes()), Oldest: backlog.None.Oldest}
	for _, s := range waiting {
		writer.Oldest = writer.Plus(backlog.Extent{Oldest: s.Oldest}).Oldest
	}
	unread, oldest := newUnread(), backlog.None.Oldest
	var routes []routeSight
	for _, r := range b.routes {
		read := r.reading.Backlog()
		unread.take(read)
		route := r.look(read, writer, at)
		oldest = backlog.Extent{Oldest: oldest}.Plus(route.parts[1].now).Oldest
		routes = append(routes, route)
		// What a route had not read between two looks, no union had read either, and what left a route's function had waited as long.
		unreadMost, functionMost := route.parts[0].recent, route.parts[1].recent
		b.unread.Reached(unreadMost.Records, unreadMost.Bytes)
		b.unread.Aged(unreadMost.Age)
		b.function.Aged(functionMost.Age)
		if len(b.routes) == 1 {
			b.function.Reached(functionMost.Records, functionMost.Bytes)
		}
	}
	records, bytes, undone := b.rows.undone()
	stream := unread.sum()
	function := backlog.Extent{
		Records: max(0, records-writer.Records-stream.Records), Bytes: max(0, bytes-stream.Bytes), Oldest: oldest,
	}
	p := place(&b.whole, []partSight{
		seen(result.WriterPart, &b.stream.waiting, writer, at),
		seen(result.StreamPart, &b.unread, stream, at),
		seen(result.FunctionPart, &b.function, function, at),
	}, undone, at)
	p.shards, p.routes, p.throttled = together(waiting, unread.all), routes, b.stream.readsThrottled.Load()
	return p
}

// look is what waits for a route, beside what waits for all of them in the writer.
func (r *routeBacklog) look(read []ledger.ShardBacklog, writer backlog.Extent, at time.Duration) routeSight {
	stored, function := backlog.None, backlog.None
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

// unreadShards is what some route has not read: each route reads a shard in its order, so that it is what the last of them has not.
type unreadShards struct {
	place map[string]int
	all   []ledger.ShardBacklog
}

func newUnread() *unreadShards { return &unreadShards{place: make(map[string]int)} }

func (u *unreadShards) take(read []ledger.ShardBacklog) {
	for i := range read {
		at, known := u.place[read[i].Shard]
		if !known {
			u.place[read[i].Shard] = len(u.all)
			u.all = append(u.all, read[i])
			continue
		}
		if read[i].Stream.Records > u.all[at].Stream.Records {
			u.all[at].Stream = read[i].Stream
		}
		if read[i].Engine.Records > u.all[at].Engine.Records {
			u.all[at].Engine = read[i].Engine
		}
	}
}

func (u *unreadShards) sum() backlog.Extent {
	sum := backlog.None
	for i := range u.all {
		sum = sum.Plus(u.all[i].Stream)
	}
	return sum
}

// undone is how many rows some route is not done with, how large those of them are that are stored, and when the oldest was due.
func (r *Rows) undone() (records, bytes int64, oldest time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.output.records, r.output.bytes, r.output.ages.Oldest()
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
