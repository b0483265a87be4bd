package ledger

import (
	"iter"
	"time"

	"weir/record"
)

// ShardBacklog is what one shard holds that was acknowledged and not read.
type ShardBacklog struct {
	Shard          string
	Records, Bytes int64
	// Oldest is the due time of the record to be read next, NoDue where there is none.
	Oldest time.Duration
}

// Age is how long ago the record to be read next was due, zero where there is none.
func (b ShardBacklog) Age(now time.Duration) time.Duration {
	if b.Oldest == record.NoDue {
		return 0
	}
	return max(0, now-b.Oldest)
}

// Backlog is each shard's backlog, in the order of their ids. Shards of which the ledger never heard are not among them.
func (l *Ledger) Backlog() []ShardBacklog {
	shards := l.all()
	backlog := make([]ShardBacklog, len(shards))
	for i, s := range shards {
		l.enter(s)
		backlog[i] = ShardBacklog{Shard: s.id, Records: int64(s.unread()), Bytes: s.bytes, Oldest: record.NoDue}
		if s.unread() > 0 {
			backlog[i].Oldest = s.backlog.At(s.passed).due
		}
		l.leave(s)
	}
	return backlog
}

// MaxBacklog is the most that the stream's backlog ever held: in records over all shards, and as the greatest age at which a
// record was, or by now is still not, read. ok is false where nothing was ever stored or read.
func (l *Ledger) MaxBacklog(now time.Duration) (records int64, age time.Duration, ok bool) {
	age = time.Duration(l.maxAge.Load())
	for _, b := range l.Backlog() {
		age = max(age, b.Age(now))
	}
	records = l.maxUnread.Load()
	return records, age, records > 0 || age > 0
}

// Unread are the events of the records that are acknowledged and not read: what depends on them is not proved.
func (l *Ledger) Unread() iter.Seq2[record.ID, record.Event] {
	return func(yield func(record.ID, record.Event) bool) {
		for _, s := range l.all() {
			for id, event := range l.unreadEvents(s) {
				if !yield(id, event) {
					return
				}
			}
		}
	}
}

func (l *Ledger) unreadEvents(s *shard) map[record.ID]record.Event {
	l.enter(s)
	defer l.leave(s)
	events := make(map[record.ID]record.Event, s.unread())
	for i := s.passed; i < s.backlog.Len(); i++ {
		w := s.backlog.At(i)
		events[record.ID{Shard: s.id, Sequence: w.sequence}] = w.event
	}
	return events
}
