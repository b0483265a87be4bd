// Package ledger keeps the books of one stream: what became of every send, and, for each consumer of the stream, whether it read every stored record and
// what it has still to read and to process.
//
// A record is known by (shard, sequence number), which the put's answer names; the due time is joined to the read by it. A read
// that overtakes its answer takes its due time from the in-flight sends of its shard with the same partition key and data, and
// is parked until the answer says whose it is. The same parked reads resolve a send without an answer: see [Ledger.Resolve].
//
// What was sent is counted once for the stream ([SentCounts]), what was read once for each consumer ([ReadCounts]). Once every send is final, this holds
// for the stream, and as soon as a consumer's pages are joined, this for its [Reading]:
//
//	offered = acked + failed + unknown + unsent
//	acked + found + duplicated + phantom = read + unread + lost
//
// The words, as this package counts them:
//   - found: sent without an answer, and read by at least one consumer. For every other consumer it is stored from then on as if it had been acked: it
//     waits to be read, or was read already, or is lost to it.
//   - lost: acked or found, and passed over by the consumer. It has read a later record of the shard, or the shard to the tip, by a request that left
//     after the acknowledgement, without it. A record that shows up after such a tip is no longer lost.
//   - reordered: read after a record of its shard that was offered later, so that every record which a retry made late is among
//     them. (Seen from the other side, the later record was stored too early; counting the one that was overtaken names the
//     record whose window may have closed.) A shard that came of one other goes on where that one ended; in one that came of two, the records of both
//     count against each other, though they share no key.
//   - duplicated: stored again under another sequence number.
//   - phantom: read, and no send fits; nor was anything like it read before or after.
//   - read: every record but flush records, which are outside every count. A second read of the same sequence number, as after
//     a restart of the consumer, is no second record: it counts in given and again.
//   - given: a record that a page brought, counted anew each time that the consumer goes back; again: one that it had been given before it went back.
//   - in the stream: stored, neither read nor lost nor missing at the tip; or to be read again, for the consumer has gone back. It stays due as it was.
//   - in the engine: given to a consumer that reports its progress, and not processed. Duplicates and phantoms are work, too, but have no due time.
//
// Memory grows with what is in flight and with the backlog, not with the run (but for a consumer that may go back: 24 bytes a record); past a bound, what
// waits to be read goes to the disk.
package ledger

import (
	"cmp"
	"context"
	"hash/maphash"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

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
	// order of its shard's sequence numbers and never twice at a time for one shard. Unknown sends that the writer gave up are told as they are found,
	// and one consumer may find a later one first. The slice holds during the call only.
	Stored func(shard string, sends []record.Send)
	// Memory bounds what the records that wait to be read take of memory, in all readings, in bytes; zero stands for [DefaultMemory]. What waits beyond it
	// goes into files of Folder, or of the system's folder for temporary files where that is empty. Each reading has two blocks of 32 KiB of each shard in
	// memory whatever the bound.
	Memory int64
	Folder string
}

// Ledger keeps the books of one stream: what was sent, and a [Reading] for each consumer. It is safe for concurrent use; calls for different shards do
// not wait for each other.
type Ledger struct {
	config  Config
	seed    maphash.Seed
	store   *store
	failure *failure

	mu       sync.RWMutex
	readings []*Reading
	kinds    bool // a reading asks for them
	shards   map[string]*shard
	sorted   []*shard // by id; never changed, and made anew with each shard
	// gate guards the books of all shards once the stream was resharded; see lineage.go.
	gate      sync.RWMutex
	resharded bool

	// told says that Watch has told of what failed.
	told, closed atomic.Bool
}

// New makes an empty ledger.
func New(config Config) *Ledger {
	failure := newFailure()
	return &Ledger{
		config: config, seed: maphash.MakeSeed(), store: newStore(config.Memory, config.Folder, failure), failure: failure, shards: make(map[string]*shard),
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
		if s.kinds != nil {
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
		return
	}
	l.leave(s)
	if strayed(shardID, sends) {
		l.Resharded(nil)
	}
	l.enter(s)
	s.answered(l, sends, at)
	l.leave(s)
}

// Watch waits until ctx ends, or until the books are of no use any more, and the error says why: what waits to be read cannot be kept, or a consumer does
// not do as its [ReadingConfig] says.
func (l *Ledger) Watch(ctx context.Context) error {
	select {
	case <-l.failure.failed:
		l.told.Store(true)
		return l.failure.get()
	case <-ctx.Done():
		return nil
	}
}

// Close tells of the records that are lost or phantoms for good, removes what is on the disk, and says why the books are of no use, unless Watch has said
// so. What the ledger counted can still be asked for; what waits to be read cannot.
func (l *Ledger) Close() error {
	if l.closed.Swap(true) {
		return nil
	}
	for _, s := range l.all() {
		l.enter(s)
		for _, v := range s.views {
			v.close()
		}
		l.leave(s)
	}
	l.store.close()
	if err := l.failure.get(); !l.told.Load() {
		return err
	}
	return nil
}

// close tells of what is lost or a phantom for good.
func (v *view) close() {
	tell := v.reading.config.Offence
	if tell == nil {
		return
	}
	for o := range v.open(math.MaxInt) {
		tell(o)
	}
}

// Memory is what the records that wait to be read may take of memory before they go to the disk, and how many bytes went there.
func (l *Ledger) Memory() (bound, spilled int64) { return l.store.memory, l.store.spilled.Load() }

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
		s = &shard{id: id}
		s.line = []*shard{s}
		s.ancestry, s.kin = s.line, s.line
		for _, r := range l.readings {
			s.views = append(s.views, r.view(s))
		}
		if l.kinds {
			s.kinds = make(map[int64]string)
		}
		l.shards[id] = s
		at, _ := slices.BinarySearchFunc(l.sorted, id, func(s *shard, id string) int { return cmp.Compare(s.id, id) })
		l.sorted = slices.Insert(slices.Clone(l.sorted), at, s)
	}
	return s
}

// all lists the shards in the order of their ids. The list is never changed.
func (l *Ledger) all() []*shard {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.sorted
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
