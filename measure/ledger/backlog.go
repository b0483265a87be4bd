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
		backlog[i] = ShardBacklog{Shard: s.id, Records: int64(s.backlog.unread()), Bytes: s.backlog.bytes, Oldest: s.backlog.oldest()}
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

// Unread are the events of the records that are acknowledged and not read: what depends on them is not proved. The ledger must not be asked for anything
// meanwhile.
func (l *Ledger) Unread() iter.Seq2[record.ID, record.Event] {
	return func(yield func(record.ID, record.Event) bool) {
		for _, s := range l.all() {
			if !l.unreadOf(s, yield) {
				return
			}
		}
	}
}

func (l *Ledger) unreadOf(s *shard, yield func(record.ID, record.Event) bool) bool {
	l.enter(s)
	defer l.leave(s)
	for e := range s.backlog.from(s.backlog.first()) {
		if !yield(record.ID{Shard: s.id, Sequence: string(e.sequence())}, e.event()) {
			return false
		}
	}
	return true
}

// Memory is what the backlog may take of memory before it goes to the disk, and how many bytes went there.
func (l *Ledger) Memory() (bound, spilled int64) { return l.store.memory, l.store.spilled.Load() }
