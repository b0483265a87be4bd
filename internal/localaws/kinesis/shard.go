package kinesis

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"sync"
	"time"

	"weir/limits"
)

// shard is one shard: its range of hash keys, both ends included, its limits and its records.
type shard struct {
	id         string
	number     int
	start, end *big.Int
	endBytes   [16]byte
	born       birth

	mu       sync.Mutex
	throttle *throttle // nil without limits
	log      log
	readers  readers
	stopped  bool
	deleted  bool
	closed   int64    // ms since the Unix epoch; 0 while it is open
	children []*shard // of a closed shard
	arrived  chan struct{}
}

// birth is how a shard began.
type birth struct {
	at      int64    // ms since the Unix epoch
	index   uint64   // the place before its first record
	parents []*shard // none, one that was split, or two that were merged
}

// instant is the time of a call, read once: on the clock of the token buckets, and on the wall.
type instant struct {
	mono time.Duration
	wall time.Time
}

func newShard(number int, start, end *big.Int, born birth, throttle *throttle) *shard {
	sh := &shard{
		id: fmt.Sprintf("shardId-%012d", number), number: number, start: start, end: end, born: born,
		log: newLog(born), readers: newReaders(), throttle: throttle,
	}
	end.FillBytes(sh.endBytes[:])
	return sh
}

// outcome is what became of a call on a shard.
type outcome uint8

const (
	done outcome = iota
	throttled
	stopped // by a fault
	closed  // by a reshard, in the meantime: the stream has another shard for it
	gone    // the stream was deleted in the meantime
)

// put stores a record, unless the shard's limits forbid it.
func (sh *shard) put(now instant, key string, data []byte) (at sequence, what outcome) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	switch {
	case sh.deleted:
		return sequence{}, gone
	case sh.closed > 0:
		return sequence{}, closed
	case sh.stopped:
		return sequence{}, stopped
	case sh.throttle != nil && !sh.throttle.write(now.mono, len(key)+len(data)):
		return sequence{}, throttled
	}
	index, arrival := sh.log.append(now.wall.UnixMilli(), key, data)
	sh.wake()
	return sequence{arrival, index, sh.number}, done
}

// page is what one read gives.
type page struct {
	records  records
	next     uint64
	behind   int64        // ms; 0 at the tip of what can be read
	ended    bool         // the shard is closed, and read to its end
	children []childShard // of a shard that ended
	freed    int64        // memory of records that expired
}

// read gives the records from an index on: at most limit of them, and at most 10 MiB.
func (sh *shard) read(now instant, chain, index uint64, limit int, horizon int64, propagation time.Duration) (p page, what outcome) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	switch {
	case sh.deleted:
		return page{}, gone
	case sh.stopped:
		return page{}, stopped
	case sh.throttle != nil && !sh.throttle.read(now.mono):
		return page{}, throttled
	}
	freed := sh.expire(horizon)
	p = sh.page(now, index, limit, limits.GetRecordsBytes, propagation)
	p.freed = freed
	if sh.throttle != nil {
		sh.throttle.spend(now.mono, int(p.records.bytes))
	}
	sh.readers.note(chain, p.records.first, now.wall)
	return p, done
}

// page is the records from an index on that were stored so long ago. The shard is locked.
//
// K35: A record that is stored and cannot be read yet is behind the tip: an answer that has all others says that it reached the tip (AWS does not say)
func (sh *shard) page(now instant, index uint64, limit int, most int64, propagation time.Duration) (p page) {
	from, end := max(index, sh.log.first), sh.log.next
	if propagation > 0 {
		end = sh.log.since(now.wall.Add(-propagation).UnixMilli() + 1)
	}
	p.records = sh.log.read(from, min(end, from+uint64(limit)), most)
	p.records.shard = sh.number
	p.next = from + uint64(p.records.count)
	if p.next < end {
		p.behind = max(1, now.wall.UnixMilli()-sh.log.at(p.next).arrival)
	}
	if p.ended = sh.closed > 0 && p.next >= sh.log.next; p.ended {
		p.children = sh.descendants()
	}
	return p
}

// trim drops what arrived before the horizon, and then what every reader has passed and what arrived before another time, until so much is free.
func (sh *shard) trim(now time.Time, before, horizon, goal int64) (freed int64) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	freed = sh.expire(horizon)
	return freed + sh.log.trim(sh.readers.passed(sh.log.next, now), before, goal-freed)
}

// expire drops what arrived before the horizon. The shard is locked.
func (sh *shard) expire(horizon int64) (freed int64) {
	return sh.log.trim(sh.log.next, horizon, math.MaxInt64)
}

// delete drops everything, for good.
func (sh *shard) delete() (freed int64) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	freed = sh.log.bytes
	sh.deleted, sh.log = true, newLog(sh.born)
	sh.wake()
	return freed
}

// close ends the shard at a time, given in ms since the Unix epoch and on the clock of the token buckets. It is locked.
func (sh *shard) close(at int64, mono time.Duration, children []*shard) {
	sh.closed, sh.children = at, children
	sh.throttle.end(mono)
	sh.wake()
}

// after says that the shard is open, or was closed after a time.
func (sh *shard) after(ms int64) bool {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.closed == 0 || sh.closed > ms
}

// arrival is a channel that is closed when a record has arrived, or none will any more. The shard is locked.
func (sh *shard) arrival() <-chan struct{} {
	if sh.arrived == nil {
		sh.arrived = make(chan struct{})
	}
	return sh.arrived
}

// wake tells those who wait for an arrival. The shard is locked.
func (sh *shard) wake() {
	if sh.arrived != nil {
		close(sh.arrived)
		sh.arrived = nil
	}
}

// begin is the sequence number before any record of the shard.
func (sh *shard) begin() sequence { return sequence{sh.born.at, sh.born.index, sh.number} }

// finish is the sequence number behind every record of a closed shard; none for an open one.
func (sh *shard) finish() sequence {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.closed == 0 {
		return sequence{}
	}
	return sequence{sh.closed, sh.log.next, sh.number}
}

// descendants are the children as GetRecords and SubscribeToShard tell them. Those of an open shard are none. The shard is locked.
func (sh *shard) descendants() (children []childShard) {
	for _, child := range sh.children {
		c := childShard{ShardId: child.id, HashKeyRange: child.hashKeys()}
		for _, parent := range child.born.parents {
			c.ParentShards = append(c.ParentShards, parent.id)
		}
		children = append(children, c)
	}
	return slices.Clip(children)
}

func (sh *shard) hashKeys() hashKeyRange { return hashKeyRange{sh.start.String(), sh.end.String()} }
