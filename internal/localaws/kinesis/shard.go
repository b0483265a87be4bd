package kinesis

import (
	"fmt"
	"math/big"
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

	mu       sync.Mutex
	throttle *throttle // nil without limits
	log      log
	// readers are the places that readers last asked for, by the id of their chain of iterators.
	readers map[uint64]reader
}

// reader is the place that a chain of iterators last asked for.
type reader struct {
	index uint64
	asked time.Time
}

func newShard(number int, start, end *big.Int, limited bool) *shard {
	sh := &shard{id: fmt.Sprintf("shardId-%012d", number), number: number, start: start, end: end, readers: make(map[uint64]reader)}
	end.FillBytes(sh.endBytes[:])
	if limited {
		sh.throttle = newThrottle()
	}
	return sh
}

// put stores a record, unless the shard's limits forbid it.
func (sh *shard) put(now time.Duration, key string, data []byte) (sequence string, ok bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.throttle != nil && !sh.throttle.write(now, len(key)+len(data)) {
		return "", false
	}
	e := entry{arrival: time.Now().UnixMilli(), key: key, data: data}
	if next := sh.log.next; next > sh.log.first {
		e.arrival = max(e.arrival, sh.log.at(next-1).arrival)
	}
	index := sh.log.append(e)
	return sequenceNumber(e.arrival, index, sh.number), true
}

// page is what one read gives.
type page struct {
	from    uint64
	entries []entry
	next    uint64
	behind  int64 // ms; 0 at the tip
}

// read gives the records from an index on: at most limit of them, and at most 10 MiB. ok is false where the shard's limits forbid it.
func (sh *shard) read(now time.Duration, chain, index uint64, limit int) (p page, ok bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.throttle != nil && !sh.throttle.read(now) {
		return page{}, false
	}
	p.from = max(index, sh.log.first)
	p.next = p.from
	bytes := 0
	for p.next < sh.log.next && len(p.entries) < limit {
		e := sh.log.at(p.next)
		if bytes += int(e.size()); bytes > limits.GetRecordsBytes && len(p.entries) > 0 {
			bytes -= int(e.size())
			break
		}
		p.entries = append(p.entries, *e)
		p.next++
	}
	if sh.throttle != nil {
		sh.throttle.spend(now, bytes)
	}
	if p.next < sh.log.next {
		p.behind = max(1, time.Now().UnixMilli()-sh.log.at(p.next).arrival)
	}
	sh.readers[chain] = reader{index: p.from, asked: time.Now()}
	return p, true
}

// trim drops what every reader has passed and what arrived before a time. A reader whose iterator has expired counts no longer.
func (sh *shard) trim(before int64) (freed int64) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	passed := sh.log.next
	for chain, r := range sh.readers {
		if time.Since(r.asked) > iteratorLifetime {
			delete(sh.readers, chain)
			continue
		}
		passed = min(passed, r.index)
	}
	return sh.log.trim(passed, before)
}
