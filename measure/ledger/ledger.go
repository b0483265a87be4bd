// Package ledger keeps the books of one stream: what became of every send, and whether every stored record was read.
//
// A record is known by (shard, sequence number), which the put's answer names; the due time is joined to the read by it. A read
// that overtakes its answer takes its due time from the in-flight sends of its shard with the same partition key and data, and
// is parked until the answer says whose it is. The same parked reads resolve a send without an answer: see [Ledger.Resolve].
//
// Once every send is final and every page joined:
//
//	offered = acked + failed + unknown + unsent
//	acked + found + duplicated + phantom = read + unread + lost
//
// The words, as this package counts them:
//   - lost: acked and passed over. A later record of its shard was read, or its shard was read to the tip, by a request that left
//     after the acknowledgement, without it. A record that shows up after such a tip is no longer lost.
//   - reordered: read after a record of its shard that was offered later, so that every record which a retry made late is among
//     them. (Seen from the other side, the later record was stored too early; counting the one that was overtaken names the
//     record whose window may have closed.) A shard that came of one other goes on where that one ended; in one that came of two, the records of both
//     count against each other, though they share no key.
//   - duplicated: stored again under another sequence number.
//   - phantom: read, and no send fits; nor was anything like it read before or after.
//   - read: every record but flush records, which are outside every count. A second read of the same sequence number, as after
//     a restart of the reader, is no second record.
//
// Memory grows with what is in flight and with the backlog, not with the run; past a bound, the backlog goes to the disk.
package ledger

import (
	"context"
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"weir/measure/internal/signal"
	"weir/record"
)

// Config is what a ledger is made with.
type Config struct {
	// Clock is the run's.
	Clock record.Clock
	// Visibility is how long after its acknowledgement a record may still be missing from an answer that claims to reach the
	// tip. Zero fits the embedded AWS.
	Visibility time.Duration
	// Stored, if set, is told of every record that is known to be stored (acknowledged, or unknown and found), once, in the
	// order of its shard's sequence numbers and never twice at a time for one shard. The slice holds during the call only.
	Stored func(shard string, sends []record.Send)
	// Offence, if set, is told of every record that is lost, duplicated, reordered or phantom, once, as soon as that is sure. What it is given holds
	// during the call only, and it must not ask the ledger for anything.
	Offence func(*Offence)
	// Kinds has the kinds of what is in flight kept, for [Ledger.JoinKinds].
	Kinds bool
	// Memory bounds what the records that wait to be read take of memory, in bytes; zero stands for [DefaultMemory]. What waits beyond it goes into files of
	// Folder, or of the system's folder for temporary files where that is empty. Each shard has two blocks of 32 KiB in memory whatever the bound.
	Memory int64
	Folder string
}

// Ledger keeps the books of one stream. It is safe for concurrent use; calls for different shards do not wait for each other.
type Ledger struct {
	config Config
	seed   maphash.Seed
	store  *store

	mu     sync.RWMutex
	shards map[string]*shard
	// gate guards the books of all shards once the stream was resharded; see lineage.go.
	gate      sync.RWMutex
	resharded bool

	// strays counts those of all shards: while there are none, as nearly always, no record is held against them.
	strays atomic.Int64
	// unread and maxUnread are the stream's backlog in records, now and at most.
	unread, maxUnread atomic.Int64
	// maxAge is the greatest age at which a record was read, in nanoseconds.
	maxAge  atomic.Int64
	settled signal.Signal
	// told says that Watch has told of what failed.
	told, closed atomic.Bool
}

// New makes an empty ledger.
func New(config Config) *Ledger {
	return &Ledger{
		config: config, seed: maphash.MakeSeed(), store: newStore(config.Memory, config.Folder), shards: make(map[string]*shard),
	}
}

// Sending is told of the records of one shard in a call that is about to leave, in their order in the call.
func (l *Ledger) Sending(shardID string, sends []record.Send) {
	if l.store.broken.Load() {
		return
	}
	s := l.shard(shardID)
	l.enter(s)
	defer l.leave(s)
	for i := range sends {
		send := &sends[i]
		if send.Attempts > 1 {
			s.counts.Retried++
		}
		s.inFlight.Push(flying{
			hash: l.hash(send.PartitionKey, send.Data), due: send.Due, position: send.Position,
		})
		if l.config.Kinds {
			s.kinds[send.Position] = send.Event.Kind
		}
	}
}

// Answered is told what became of the records of one shard in a call, in their order in the call, and of records that end
// without a call. A Found or Absent outcome is no news: Resolve made it. The shard is the one that they were sent to; see [record.Send.Landed].
func (l *Ledger) Answered(shardID string, sends []record.Send, at time.Duration) {
	if l.store.broken.Load() {
		return
	}
	s := l.shard(shardID)
	l.enter(s)
	if s.plain(l, sends) {
		s.ackAll(l, sends, at)
		l.leave(s)
		l.grow(len(sends))
		return
	}
	l.leave(s)
	if strayed(shardID, sends) {
		l.Resharded(nil)
	}
	l.enter(s)
	grown := s.answered(l, sends, at)
	l.leave(s)
	l.grow(grown)
}

// Join sets the due time of each record of a page and books it as read; it says how many of them it has not seen before, and flush records are not among
// these. Pages of a shard come in the shard's order, and after all of those of the shards that it came of.
func (l *Ledger) Join(page *record.Page) (fresh int) { return l.JoinKinds(page, nil) }

// JoinKinds is Join, and sets kinds, of which there are none or one for each record, to the kinds of the records whose due times are known. See [Config.Kinds].
func (l *Ledger) JoinKinds(page *record.Page, kinds []string) (fresh int) {
	if l.store.broken.Load() {
		return 0
	}
	if len(page.Children) > 0 {
		l.Resharded(page.Children)
	}
	s := l.shard(page.Shard)
	l.enter(s)
	before, read := s.backlog.unread(), s.counts.Read
	s.join(l, page, kinds)
	grown := s.backlog.unread() - before
	fresh = int(s.counts.Read - read)
	l.leave(s)
	l.grow(grown)
	return fresh
}

// grow books a change of the stream's backlog.
func (l *Ledger) grow(records int) {
	if records == 0 {
		return
	}
	now := l.unread.Add(int64(records))
	raise(&l.maxUnread, now)
	if now == 0 {
		l.settled.Broadcast()
	}
}

// Settled says whether every record known to be stored was read or is lost.
func (l *Ledger) Settled() bool { return l.unread.Load() == 0 }

// Wait waits until the ledger is settled.
func (l *Ledger) Wait(ctx context.Context) error {
	for {
		changed := l.settled.Next()
		if l.Settled() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Watch waits until ctx ends, or until what waits to be read cannot be kept: then the books are of no use any more, and the error says why.
func (l *Ledger) Watch(ctx context.Context) error {
	select {
	case <-l.store.failed:
		l.store.mu.Lock()
		defer l.store.mu.Unlock()
		l.told.Store(true)
		return l.store.err
	case <-ctx.Done():
		return nil
	}
}

// Close tells of the records that are lost or phantoms for good, removes what is on the disk, and says why something could not be kept there, unless Watch has said
// so. What the ledger counted can still be asked for; what waits to be read cannot.
func (l *Ledger) Close() error {
	if l.closed.Swap(true) {
		return nil
	}
	if l.config.Offence != nil {
		for _, s := range l.all() {
			l.enter(s)
			for o := range s.open(math.MaxInt) {
				l.config.Offence(o)
			}
			l.leave(s)
		}
	}
	if err := l.store.close(); !l.told.Load() {
		return err
	}
	return nil
}

func (l *Ledger) shard(id string) *shard {
	l.mu.RLock()
	s := l.shards[id]
	l.mu.RUnlock()
	if s != nil {
		return s
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if s = l.shards[id]; s == nil {
		s = &shard{id: id, tip: record.NoDue, backlog: queue{store: l.store}}
		s.line = []*shard{s}
		s.ancestry, s.kin = s.line, s.line
		if l.config.Kinds {
			s.kinds = make(map[int64]string)
		}
		l.shards[id] = s
	}
	return s
}

// hash stands for a record's partition key and data.
func (l *Ledger) hash(partitionKey string, data []byte) uint64 {
	// The odd factor keeps (a, b) and (b, a) apart.
	return maphash.String(l.seed, partitionKey)*0x9E3779B97F4A7C15 + maphash.Bytes(l.seed, data)
}

// raise sets a to at least value.
func raise(a *atomic.Int64, value int64) {
	for {
		old := a.Load()
		if value <= old || a.CompareAndSwap(old, value) {
			return
		}
	}
}
