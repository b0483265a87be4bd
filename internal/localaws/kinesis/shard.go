package kinesis

import (
	"fmt"
	"math/big"
	"sync"
	"time"

	"weir/internal/localaws/wire"
	"weir/limits"
)

// shard is one shard: its range of hash keys, both ends included, its limits and its records.
type shard struct {
	id         string
	number     int
	start, end *big.Int
	endBytes   [16]byte
	created    int64 // ms since the Unix epoch

	mu       sync.Mutex
	throttle *throttle // nil without limits
	log      log
	readers  readers
	deleted  bool
}

// instant is the time of a call, read once: on the clock of the token buckets, and on the wall.
type instant struct {
	mono time.Duration
	wall time.Time
}

func newShard(number int, start, end *big.Int, created time.Time, limited bool) *shard {
	sh := &shard{
		id: fmt.Sprintf("shardId-%012d", number), number: number, start: start, end: end, created: created.UnixMilli(),
		log: newLog(), readers: newReaders(),
	}
	end.FillBytes(sh.endBytes[:])
	if limited {
		sh.throttle = newThrottle()
	}
	return sh
}

// outcome is what became of a call on a shard.
type outcome uint8

const (
	done outcome = iota
	throttled
	gone // the stream was deleted in the meantime
)

// put stores a record, unless the shard's limits forbid it.
func (sh *shard) put(now instant, key string, data []byte) (at sequence, what outcome) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.deleted {
		return sequence{}, gone
	}
	if sh.throttle != nil && !sh.throttle.write(now.mono, len(key)+len(data)) {
		return sequence{}, throttled
	}
	index, arrival := sh.log.append(now.wall.UnixMilli(), key, data)
	return sequence{arrival, index, sh.number}, done
}

// page is what one read gives.
type page struct {
	from    uint64
	records []readRecord
	next    uint64
	behind  int64 // ms; 0 at the tip
}

// read gives the records from an index on: at most limit of them, and at most 10 MiB.
func (sh *shard) read(now instant, chain, index uint64, limit int) (p page, what outcome) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.deleted {
		return page{}, gone
	}
	if sh.throttle != nil && !sh.throttle.read(now.mono) {
		return page{}, throttled
	}
	p.from = max(index, sh.log.first)
	p.next = p.from
	p.records = make([]readRecord, 0, min(uint64(limit), sh.log.next-p.from))
	bytes := int64(0)
	for p.next < sh.log.next && len(p.records) < limit {
		e := sh.log.at(p.next)
		if bytes+e.size() > limits.GetRecordsBytes {
			break
		}
		bytes += e.size()
		p.records = append(p.records, readRecord{sequence{e.arrival, p.next, sh.number}, wire.Time(e.arrival), e.data, e.key})
		p.next++
	}
	if sh.throttle != nil {
		sh.throttle.spend(now.mono, int(bytes))
	}
	if p.next < sh.log.next {
		p.behind = max(1, now.wall.UnixMilli()-sh.log.at(p.next).arrival)
	}
	sh.readers.note(chain, p.from, now.wall)
	return p, done
}

// trim drops what every reader has passed and what arrived before a time, until so much is free.
func (sh *shard) trim(now time.Time, before, goal int64) (freed int64) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.log.trim(sh.readers.passed(sh.log.next, now), before, goal)
}

// delete drops everything, for good.
func (sh *shard) delete() (freed int64) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	freed = sh.log.bytes
	sh.deleted, sh.log = true, newLog()
	return freed
}
