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
	// limit is the most Kinesis records a call.
	limit int
	// admit waits for room for a page, and spare gives it back where the page does not come or is empty; nil where there is always room.
	admit func(then func())
	spare func()
	// read counts the pages that have records. Deliver takes every page, and calls taken once it has: until then nothing is read.
	read    func(items []item)
	deliver func(p page, taken func())
	// age is how far the answers were behind the tip.
	age iteratorAge

	next   int // in the shard's log
	entry  int // the same, in Kinesis records
	failed int
}

// start begins to poll. The shards' polls are spread over the interval, as the harness spreads them.
func (r *reader) start() {
	start := float64(r.stream.starts[r.shard.index]) / math.MaxUint64
	r.world.clock.at(time.Duration(float64(r.poll)*start), r.ask)
}

// ask asks for the next page, once there is room for it.
func (r *reader) ask() {
	if r.admit == nil {
		r.fetch()
		return
	}
	r.admit(r.fetch)
}

func (r *reader) fetch() {
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
		r.giveBack()
		r.world.clock.after(pause, r.ask)
		return
	}
	r.failed = 0
	items, bytes, full, tip := r.take(now - draw(r.world.draws.Propagation))
	r.shard.spend(now, bytes)
	behind := time.Duration(0)
	if !tip {
		behind = now - r.shard.log[r.next].at
	}
	r.age.reached(behind)
	again := func() { r.world.clock.at(asked+r.interval(!tip || full), r.ask) }
	if len(items) == 0 {
		r.giveBack()
		r.deliver(page{r.shard, nil}, again)
		return
	}
	m := &r.world.machine
	r.world.clock.after(time.Duration(len(items))*m.GetRecord, func() {
		r.read(items)
		r.deliver(page{r.shard, items}, again)
	})
}

func (r *reader) giveBack() {
	if r.spare != nil {
		r.spare()
	}
}

// iteratorAge is how far a stream's reader was behind the tip at most: from the arrival in the stream, of what it read next.
type iteratorAge struct {
	known        bool
	most, recent time.Duration
}

func (a *iteratorAge) reached(age time.Duration) {
	a.known = true
	a.most, a.recent = max(a.most, age), max(a.recent, age)
}

// take is what was stored by a time, and can be read, from the place of the reader on: at most so many Kinesis records as the reader asks for, and 10 MiB.
func (r *reader) take(by time.Duration) (items []item, bytes int, full, tip bool) {
	s, from, n := r.shard, r.next, 0
	for r.next < len(s.log) && n < r.limit && s.log[r.next].at <= by {
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
	return s.log[from:r.next], bytes, n >= r.limit, r.next == len(s.log) || s.log[r.next].at > by
}

// interval is the time between the starts of two reads.
func (r *reader) interval(more bool) time.Duration {
	if more {
		return minReadInterval
	}
	return max(minReadInterval, r.poll)
}
