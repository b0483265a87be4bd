package ledger

import (
	"iter"
	"time"

	"weir/measure/backlog"
	"weir/record"
)

// ShardBacklog is what waits in one shard for a consumer.
type ShardBacklog struct {
	Shard string
	// Stream is known to be stored and not read, or to be read again; its oldest record is the one to be read next. Engine was read and is not
	// processed; its oldest record is the first of these.
	Stream, Engine backlog.Extent
}

// Backlog is the backlog of each shard, in the order of their ids. Shards of which the ledger never heard are not among them.
func (r *Reading) Backlog() []ShardBacklog {
	shards := r.ledger.all()
	all := make([]ShardBacklog, len(shards))
	for i, s := range shards {
		r.ledger.enter(s)
		all[i] = s.views[r.index].backlog()
		r.ledger.leave(s)
	}
	return all
}

func (v *view) backlog() ShardBacklog {
	stream, engine := v.extents()
	b := ShardBacklog{
		Shard:  v.shard.id,
		Stream: backlog.Extent{Records: stream.records, Bytes: stream.bytes, Oldest: record.NoDue},
		Engine: backlog.Extent{Records: engine.records, Bytes: engine.bytes, Oldest: record.NoDue},
	}
	if v.taken != nil {
		b.Stream.Oldest, b.Engine.Oldest = v.taken.oldestLeft(), v.taken.oldestOpen()
	}
	if b.Stream.Oldest == record.NoDue {
		b.Stream.Oldest = v.waiting.oldest()
	}
	return b
}

// extents are what waits in the stream, and with the consumer.
func (v *view) extents() (stream, engine extent) {
	stream = extent{int64(v.waiting.unread()), v.waiting.bytes}
	if t := v.taken; t != nil {
		stream.records += t.left.records
		stream.bytes += t.left.bytes
		engine = t.open
	}
	return stream, engine
}

// change is what is to be added to the levels of a reading.
type change struct{ stream, engine extent }

// take adds what a view holds now and held not when it was taken last.
func (c *change) take(v *view) {
	stream, engine := v.extents()
	c.stream.records += stream.records - v.stream.records
	c.stream.bytes += stream.bytes - v.stream.bytes
	c.engine.records += engine.records - v.engine.records
	c.engine.bytes += engine.bytes - v.engine.bytes
	v.stream, v.engine = stream, engine
}

// book adds it to the levels. What goes from one to the other is never in none of them.
func (c *change) book(r *Reading) {
	left := int64(1)
	if c.stream.records > 0 {
		left = r.stream.Add(c.stream.records, c.stream.bytes)
	}
	if c.engine != (extent{}) {
		left = r.engine.Add(c.engine.records, c.engine.bytes)
	}
	if c.stream.records <= 0 && c.stream != (extent{}) {
		left = min(left, r.stream.Add(c.stream.records, c.stream.bytes))
	}
	if left == 0 {
		r.changed.Broadcast()
	}
}

// tally brings the levels of the reading up to what the view holds.
func (v *view) tally() {
	var c change
	c.take(v)
	c.book(v.reading)
}

// Stream follows what is known to be stored and was not read by the consumer, or is to be read by it again. Its greatest age is that at which a record
// was read; the age of what waits now is in [Reading.Backlog].
func (r *Reading) Stream() *backlog.Level { return &r.stream }

// Engine follows what the consumer has read and not processed; nothing without [ReadingConfig.Progress]. Its greatest age is that at which a record was
// processed.
func (r *Reading) Engine() *backlog.Level { return &r.engine }

// Unread are the events of the records that are known to be stored and not read: what depends on them is not proved. What is to be read again is not
// among them. The ledger must not be asked for anything meanwhile.
func (r *Reading) Unread() iter.Seq2[record.ID, record.Event] {
	return func(yield func(record.ID, record.Event) bool) {
		for _, s := range r.ledger.all() {
			if !s.views[r.index].unread(yield) {
				return
			}
		}
	}
}

func (v *view) unread(yield func(record.ID, record.Event) bool) bool {
	v.reading.ledger.enter(v.shard)
	defer v.reading.ledger.leave(v.shard)
	for e := range v.waiting.from(v.waiting.first()) {
		if !yield(record.ID{Shard: v.shard.id, Sequence: string(e.sequence())}, e.event()) {
			return false
		}
	}
	return true
}

// IteratorAge is how far the consumer is behind the tip of its shards, as each answer says of itself: the greatest of the shards by their last pages, and
// the greatest of all pages.
func (r *Reading) IteratorAge() (now, most time.Duration) {
	for _, s := range r.ledger.all() {
		r.ledger.enter(s)
		now = max(now, s.views[r.index].behind)
		r.ledger.leave(s)
	}
	return now, time.Duration(r.mostBehind.Load())
}

// RecentIteratorAge is the greatest distance of a page from the tip since RecentIteratorAge was called last, that of the shards' last pages included. One
// caller alone may call it.
func (r *Reading) RecentIteratorAge() time.Duration {
	recent := time.Duration(r.recentBehind.Swap(0))
	now, _ := r.IteratorAge()
	return max(recent, now)
}

// lagged notes how far a page was from the tip.
func (r *Reading) lagged(behind time.Duration) {
	raise(&r.mostBehind, int64(behind))
	raise(&r.recentBehind, int64(behind))
}
