package simulator

import (
	"cmp"
	"math"
	"slices"
	"time"

	"weir/limits"
	"weir/sizing/trace"
	"weir/stream/kpl"
)

// What the writer does by default; see weir/stream.
const (
	linger           = 5 * time.Millisecond
	packLinger       = 100 * time.Millisecond
	callsInFlight    = 8
	minShare         = 8
	minThrottlePause = 25 * time.Millisecond
	maxThrottlePause = 100 * time.Millisecond
	busyBytes        = 4 << 20
	packedBytes      = 1 << 20
)

// stream is a stream with its writer.
type stream struct {
	world  *world
	shards []*shard
	starts []uint64

	packed, strict bool
	attempts       int // 0 for no bound
	linger         time.Duration
	callBytes      int // the most that a call holds

	queued, bytes int
	calls         int
	closed        bool
	wake          time.Duration // when the writer looks next; never, if it is not set
	waiting       []func()      // for room, those who can wait for it

	acked  func(items []item)
	failed func(items []item)

	// readsThrottled counts them since the start; lookedAt of them were known at the last look.
	readsThrottled, lookedAt int64
}

const never = time.Duration(math.MaxInt64)

func newStream(w *world, n, others int) *stream {
	s := &stream{world: w, starts: trace.Starts(n), linger: linger, callBytes: limits.PutRecordsBytes, wake: never}
	for i := range n {
		s.shards = append(s.shards, newShard(i, others))
	}
	return s
}

// put takes a record into the lane of its shard. The caller looks once all are taken.
func (s *stream) put(id int32, shard int, size int32) {
	lane := s.shards[shard]
	lane.lane.Push(item{id: id, size: size, at: s.world.clock.now})
	lane.bytes += int(size)
	s.queued++
	s.bytes += int(size)
}

// keptBusy says that so much is queued that who can wait puts nothing more into it.
func (s *stream) keptBusy() bool {
	return s.bytes > busyBytes && s.queued > 2*callsInFlight*limits.PutRecordsRecords
}

// room lets those who wait for room try again.
func (s *stream) room() {
	waiting := s.waiting
	s.waiting = nil
	for _, again := range waiting {
		again()
	}
}

// part is what a call holds of one shard. Of packed records, ends are where the Kinesis records end, and sizes how large each is.
type part struct {
	shard       *shard
	items       []item
	ends, sizes []int32
}

func (p *part) entries() int {
	if p.ends == nil {
		return len(p.items)
	}
	return len(p.ends)
}

// entry is a Kinesis record: its items, and how large it is.
func (p *part) entry(i int) ([]item, int) {
	switch {
	case p.ends == nil:
		return p.items[i : i+1], int(p.items[i].size)
	case i == 0:
		return p.items[:p.ends[0]], int(p.sizes[0])
	}
	return p.items[p.ends[i-1]:p.ends[i]], int(p.sizes[i])
}

// look makes the calls that it is time for, and sets when to look again.
func (s *stream) look() {
	for s.calls < callsInFlight {
		ready, due := s.ready()
		if ready == nil {
			s.lookAt(due)
			return
		}
		s.call(ready)
	}
}

func (s *stream) lookAt(at time.Duration) {
	if at >= s.wake {
		return
	}
	s.wake = at
	s.world.clock.at(at, func() {
		if s.wake == at {
			s.wake = never
			s.look()
		}
	})
}

// ready are the shards that may send now, if one has waited long enough or they fill a call; else it says when one will have.
func (s *stream) ready() (ready []*shard, due time.Duration) {
	now, wait := s.world.clock.now, s.linger
	if s.closed {
		wait = 0
	}
	due = never
	records, bytes := 0, 0
	for _, l := range s.shards {
		if l.busy || l.lane.Len() == 0 {
			continue
		}
		leaves := l.notBefore
		if front := l.lane.At(0); front.tries == 0 {
			leaves = max(leaves, front.at+wait)
		}
		due = min(due, leaves)
		if l.notBefore <= now {
			ready = append(ready, l)
			n, size := l.offers(s.packed)
			records, bytes = records+n, bytes+size
		}
	}
	if due <= now || records >= limits.PutRecordsRecords || bytes >= s.callBytes {
		return ready, now
	}
	return nil, due
}

// offers is how many Kinesis records the shard would put into a call, and how many bytes, by the mean of what waits.
func (l *shard) offers(packed bool) (records, bytes int) {
	if packed {
		records = min(1+l.bytes/kpl.MaxSize, l.share)
		return records, min(l.bytes, records*kpl.MaxSize)
	}
	records = min(l.lane.Len(), l.share)
	return records, l.bytes * records / l.lane.Len()
}

// call sends what the shards have, the oldest first.
func (s *stream) call(ready []*shard) {
	slices.SortFunc(ready, func(a, b *shard) int { return cmp.Compare(a.lane.At(0).id, b.lane.At(0).id) })
	records, bytes, all, again := limits.PutRecordsRecords, s.callBytes, 0, int64(0)
	var parts []part
	for _, l := range ready {
		p, size := s.pop(l, records, bytes)
		if len(p.items) == 0 {
			break
		}
		for i := range p.items {
			if p.items[i].tries > 0 {
				again++
			}
			p.items[i].tries++
		}
		records -= p.entries()
		bytes -= size
		all += p.entries()
		l.busy = true
		parts = append(parts, p)
	}
	s.calls++
	s.counted(again, s.world.measures.again)
	m := &s.world.machine
	took := m.Put + time.Duration(all)*m.PutRecord + draw(s.world.draws.Put)
	s.world.clock.after(took, func() { s.answer(parts) })
}

// pop takes what a call holds of a shard out of its lane.
func (s *stream) pop(l *shard, records, bytes int) (p part, size int) {
	p.shard = l
	share := l.share
	if s.strict {
		share = 1
	}
	n := 0
	for n < l.lane.Len() && p.entriesOf(n, s.packed) < min(share, records) {
		end, packed, stored := n+1, int(l.lane.At(n).size), 0
		if s.packed {
			end, packed, stored = l.pack(n)
		}
		if size+packed > bytes && (size > 0 || bytes < s.callBytes) {
			break
		}
		size += packed
		n = end
		if s.packed {
			p.ends, p.sizes = append(p.ends, int32(n)), append(p.sizes, int32(stored))
		}
	}
	p.items = make([]item, n)
	for i := range p.items {
		p.items[i] = *l.lane.At(i)
		l.bytes -= int(p.items[i].size)
	}
	l.lane.Drop(n)
	return p, size
}

func (p *part) entriesOf(items int, packed bool) int {
	if packed {
		return len(p.ends)
	}
	return items
}

// pack is where the aggregate ends that begins with the lane's ith record, at most how large it is, and how large. A key counts each time, though an aggregate
// has it once.
func (l *shard) pack(i int) (end, most, size int) {
	most = packedEmpty
	size = most
	for end = i; end < l.lane.Len(); end++ {
		own := int(l.lane.At(end).size)
		if most+packedBound+own > kpl.MaxSize && end > i {
			break
		}
		most += packedBound + own
		size += packedOverhead + own
	}
	if end == i+1 {
		size = int(l.lane.At(i).size) // alone, it goes plain
	}
	return end, most, size
}

// answer stores what the shards take, and puts the rest back in front.
func (s *stream) answer(parts []part) {
	now := s.world.clock.now
	s.calls--
	for i := range parts {
		s.store(&parts[i], now)
	}
	s.room()
	s.look()
}

func (s *stream) store(p *part, now time.Duration) {
	l := p.shard
	var again, ended []item
	stored, throttled, refused := 0, 0, int64(0)
	from := len(l.log)
	for i := range p.entries() {
		items, size := p.entry(i)
		if l.write(now, size) {
			stored++
			l.stored.entry(items, size)
			for j := range items {
				items[j].at = now
			}
			l.log = append(l.log, items...)
			if s.packed {
				l.ends, l.sizes = append(l.ends, int32(len(l.log))), append(l.sizes, int32(size))
			}
			continue
		}
		throttled++
		refused += int64(len(items))
		for j := range items {
			if s.attempts > 0 && int(items[j].tries) >= s.attempts {
				ended = append(ended, items[j])
			} else {
				again = append(again, items[j])
			}
		}
	}
	l.busy = false
	s.counted(refused, s.world.measures.refused)
	s.settle(l, stored, throttled, p.entries(), now)
	taken := l.log[from:]
	for _, it := range taken {
		s.queued--
		s.bytes -= int(it.size)
	}
	for _, it := range ended {
		s.queued--
		s.bytes -= int(it.size)
	}
	for _, it := range again {
		l.bytes += int(it.size)
	}
	l.lane.PushFront(again...)
	s.acked(taken)
	if len(ended) > 0 {
		s.failed(ended)
	}
}

// counted counts what happened to records of the input; those of the output are rows.
func (s *stream) counted(n int64, count func(int64)) {
	if n > 0 && s == s.world.input {
		count(n)
	}
}

// settle sets when a shard is tried again, and with how much; see the writer's lanes.
func (s *stream) settle(l *shard, stored, throttled, entries int, now time.Duration) {
	if throttled > 0 {
		l.barren++
		if stored > 0 {
			l.barren = 0
		}
		l.notBefore = now + s.world.jitter(grown(minThrottlePause, maxThrottlePause/2, l.barren))
		l.share = max(minShare, stored)
		return
	}
	l.barren = 0
	if entries >= l.share {
		l.share = min(limits.PutRecordsRecords, 2*l.share)
	}
}

// readers are those of one consumer of the stream.
func (s *stream) readers() []*reader {
	if s == s.world.input {
		return s.world.engine.readers
	}
	return s.world.mappings[0].readers
}
