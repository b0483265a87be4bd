package simulator

import (
	"math"
	"time"

	"weir/limits"
)

// What a reader does by default; see weir/stream.
const (
	minReadInterval = time.Second / limits.ShardReadsPerSecond
	minReadPause    = 100 * time.Millisecond
	maxReadPause    = time.Second
)

// page is one answer of GetRecords.
type page struct {
	shard *shard
	items []item
}

// reader polls one shard of a stream.
type reader struct {
	world  *world
	stream *stream
	shard  *shard
	poll   time.Duration
	// books says that it keeps the stream's: of several readers, one does.
	books bool
	// deliver takes a page, and calls taken once it has: until then nothing is read.
	deliver func(p page, taken func())

	next   int // in the shard's log
	entry  int // the same, in Kinesis records
	failed int
}

// start begins to poll. The shards' polls are spread over the interval, as the harness spreads them.
func (r *reader) start() {
	start := float64(r.stream.starts[r.shard.index]) / math.MaxUint64
	r.world.clock.at(time.Duration(float64(r.poll)*start), r.ask)
}

func (r *reader) ask() {
	asked := r.world.clock.now
	m := &r.world.machine
	r.world.clock.after(m.Get+draw(r.world.draws.Get), func() { r.answer(asked) })
}

func (r *reader) answer(asked time.Duration) {
	now := r.world.clock.now
	if !r.shard.read(now) {
		r.stream.readsThrottled++
		pause := r.world.jitter(grown(minReadPause, maxReadPause/2, r.failed))
		r.failed++
		r.world.clock.after(pause, r.ask)
		return
	}
	r.failed = 0
	items, bytes, full, tip := r.take(now - draw(r.world.draws.Propagation))
	r.shard.spend(now, bytes)
	m := &r.world.machine
	r.world.clock.after(time.Duration(len(items))*m.GetRecord, func() {
		if len(items) > 0 && r.books {
			r.stream.book(items, r.world.clock.now)
		}
		r.deliver(page{r.shard, items}, func() {
			r.world.clock.at(asked+r.interval(!tip || full), r.ask)
		})
	})
}

// take is what was stored by a time, from the place of the reader on: at most 10,000 Kinesis records and 10 MiB.
func (r *reader) take(by time.Duration) (items []item, bytes int, full, tip bool) {
	s, from, n := r.shard, r.next, 0
	for r.next < len(s.log) && n < limits.GetRecordsRecords && s.log[r.next].at <= by {
		end, size := r.next+1, int(s.log[r.next].size)
		if s.ends != nil {
			end, size = int(s.ends[r.entry]), int(s.sizes[r.entry])
		}
		if bytes+size > limits.GetRecordsBytes && n > 0 {
			break
		}
		bytes += size
		r.next = end
		r.entry++
		n++
	}
	return s.log[from:r.next], bytes, n >= limits.GetRecordsRecords, r.next == len(s.log)
}

// interval is the time between the starts of two reads.
func (r *reader) interval(more bool) time.Duration {
	if more {
		return minReadInterval
	}
	return max(minReadInterval, r.poll)
}

// book counts a page as read.
func (s *stream) book(items []item, now time.Duration) {
	for i := range items {
		if items[i].id == flushID {
			continue
		}
		s.unread--
		if due := s.dueOf(items[i].id); due != noDue {
			s.maxAge = max(s.maxAge, now-due)
		}
	}
	if s == s.world.input {
		s.world.measures.read(items, now)
	}
}
