package ledger_test

import (
	"slices"
	"time"

	"weir/measure/backlog"
	"weir/measure/ledger"
	"weir/record"
)

// The model of a stream and its consumers, from the definition of the backlog and of the words of the books. It is lists: what each shard holds, in its
// order, and what each consumer did with it. Of the ledger it has nothing but the types of the answers.

// modelStream is a stream with all of its consumers.
type modelStream struct {
	visibility time.Duration
	shards     map[string]*modelShard
	consumers  []*modelConsumer
	// sends says what is known of the send of each position.
	sends map[int]modelSend
}

// modelSend is a send, and the shard that it was sent to.
type modelSend struct {
	state sendState
	to    string
}

type sendState uint8

const (
	// onItsWay has left, and nobody knows what became of it.
	onItsWay sendState = iota + 1
	// givenUp is one of which the writer wants to know no more, and that nobody has read.
	givenUp
)

// modelShard is a shard: its records in the order of their sequence numbers.
type modelShard struct {
	id      string
	parents []string
	records []*modelRecord
}

// modelRecord is a record of a shard.
type modelRecord struct {
	sequence string
	// position is that of the record in the writer's order, -1 of somebody else's, and due when that was due.
	position int
	due      time.Duration
	size     int64
	flush    bool
	// copied says that the writer was not told of this one: the record was stored twice, or though the answer said that it was not.
	copied bool
	// known says that the writer was told, or that a consumer found it, at a time.
	known bool
	since time.Duration
}

// modelConsumer is a consumer, and what it did in each shard.
type modelConsumer struct {
	progress bool
	in       map[string]*modelPart
	// stream and engine are the most that ever waited.
	stream, engine backlog.Most
	lag            time.Duration
}

// modelPart is what a consumer did in a shard. Records are their places in the shard's list.
type modelPart struct {
	// seen are the records that it was given, with their due times as it was told; read those that it was given in their turn, with the times.
	seen, read map[int]time.Duration
	// furthest is behind the last that it ever read, and at behind the last that it read since it went back.
	furthest, at int
	// lost says that it has gone back, and nobody knows to where; maybe are then those that it may read again.
	lost  bool
	maybe []int
	// missing were not there when the shard was read to its tip; ended says that it was read to its end.
	missing map[int]bool
	ended   bool
	// given are those that it was given since it began last.
	given []modelGiven
	again int64
	lag   time.Duration
}

type modelGiven struct {
	record    int
	processed bool
}

func newModel(visibility time.Duration, progress []bool) *modelStream {
	m := &modelStream{visibility: visibility, shards: make(map[string]*modelShard), sends: make(map[int]modelSend)}
	for _, p := range progress {
		m.consumers = append(m.consumers, &modelConsumer{progress: p, in: make(map[string]*modelPart)})
	}
	return m
}

func (m *modelStream) open(id string, parents ...string) {
	m.shards[id] = &modelShard{id: id, parents: parents}
	for _, c := range m.consumers {
		c.in[id] = &modelPart{seen: make(map[int]time.Duration), read: make(map[int]time.Duration), missing: make(map[int]bool)}
	}
}

// became says that a record is known to be stored.
func (m *modelStream) became(r *modelRecord, since time.Duration) {
	r.known, r.since = true, since
	m.look()
}

// firstRead is when a consumer read a record first.
func (m *modelStream) firstRead(shard string, place int) (at time.Duration, ok bool) {
	for _, c := range m.consumers {
		if t, read := c.in[shard].read[place]; read && (!ok || t < at) {
			at, ok = t, true
		}
	}
	return at, ok
}

// read has a consumer read records of a shard.
func (m *modelStream) read(consumer int, shard string, places []int, page *record.Page) {
	c, s := m.consumers[consumer], m.shards[shard]
	p := c.in[shard]
	if p.lost && (len(places) > 0 || page.Behind == 0 || page.End) {
		p.lost, p.maybe, p.at = false, nil, p.furthest
		if len(places) > 0 {
			p.at = places[0]
		}
		m.look()
	}
	for _, place := range places {
		m.readOne(c, s, place, page.At)
	}
	p.lag = page.Behind
	if page.End {
		p.lag = 0
	}
	c.lag = max(c.lag, page.Behind)
	if page.Behind == 0 || page.End {
		p.at = p.furthest
		for place := p.furthest; place < len(s.records); place++ {
			r := s.records[place]
			if r.known && !p.missing[place] && !page.End && r.since >= page.Asked-m.visibility {
				break // and nothing is said of those behind it
			}
			if r.known {
				p.missing[place] = true
			}
		}
	}
	p.ended = p.ended || page.End
	m.look()
}

func (m *modelStream) readOne(c *modelConsumer, s *modelShard, place int, at time.Duration) {
	p, r := c.in[s.id], s.records[place]
	due, again := p.seen[place]
	switch {
	case again:
	case place < p.furthest: // passed over before
		due = record.NoDue
	case r.flush:
		due = record.NoDue
	default:
		p.read[place] = at
		send := m.sends[r.position]
		if send.state == givenUp && !r.copied {
			delete(m.sends, r.position)
			m.became(r, at)
		}
		due = record.NoDue
		if r.known || send.state == onItsWay && m.cameOf(s.id, send.to) {
			due = r.due
		}
	}
	p.seen[place] = due
	delete(p.missing, place)
	p.given = append(p.given, modelGiven{record: place})
	if again && !r.flush {
		p.again++
	}
	p.at, p.furthest = place+1, max(p.furthest, place+1)
	if due != record.NoDue {
		c.stream.Age = max(c.stream.Age, at-due)
	}
}

// cameOf says that a shard is another, or came of it.
func (m *modelStream) cameOf(id, other string) bool {
	return id == other || slices.ContainsFunc(m.shards[id].parents, func(parent string) bool { return m.cameOf(parent, other) })
}

// process has a consumer be done with records.
func (m *modelStream) process(consumer int, shard string, places []int64, at time.Duration) {
	c := m.consumers[consumer]
	p := c.in[shard]
	for _, place := range places {
		g := &p.given[place]
		g.processed = true
		if due := p.seen[g.record]; due != record.NoDue {
			c.engine.Age = max(c.engine.Age, at-due)
		}
	}
}

// goBack has a consumer go back in each shard, to behind so many of its records.
func (m *modelStream) goBack(consumer int, to map[string]int, at time.Duration) {
	c := m.consumers[consumer]
	for id, p := range c.in {
		c.stop(p, at)
		p.lost, p.maybe = false, nil
		p.at, p.given, p.again = to[id], nil, 0
	}
	m.look()
}

// lose has a consumer go back to nobody knows where.
func (m *modelStream) lose(consumer int, at time.Duration) {
	c := m.consumers[consumer]
	for _, p := range c.in {
		c.stop(p, at)
		if !p.lost {
			for _, g := range p.given {
				if c.progress && !g.processed {
					p.maybe = append(p.maybe, g.record)
				}
			}
			p.maybe = append(p.maybe, p.ahead()...)
		}
		p.lost, p.given, p.again = len(p.seen) > 0, nil, 0
	}
	m.look()
}

// stop ends what the consumer had under way.
func (c *modelConsumer) stop(p *modelPart, at time.Duration) {
	for _, g := range p.given {
		if due := p.seen[g.record]; c.progress && !g.processed && due != record.NoDue {
			c.engine.Age = max(c.engine.Age, at-due)
		}
	}
}

// ahead are the records that the consumer is to read again.
func (p *modelPart) ahead() (places []int) {
	for place := range p.seen {
		if place >= p.at {
			places = append(places, place)
		}
	}
	slices.Sort(places)
	return places
}

// lostTo says that a record is lost to a consumer.
func (p *modelPart) lostTo(place int, r *modelRecord) bool {
	_, read := p.read[place]
	return r.known && !read && (place < p.furthest || p.ended || p.missing[place])
}

// backlog is what waits in a shard for a consumer.
func (m *modelStream) backlog(c *modelConsumer, s *modelShard) ledger.ShardBacklog {
	p := c.in[s.id]
	b := ledger.ShardBacklog{Shard: s.id, Stream: backlog.None, Engine: backlog.None}
	again := p.maybe
	if !p.lost {
		again = p.ahead()
	}
	for _, place := range again {
		wait(&b.Stream, s.records[place], p.seen[place])
	}
	for place, r := range s.records {
		if _, read := p.read[place]; r.known && !read && !p.lostTo(place, r) {
			wait(&b.Stream, r, r.due)
		}
	}
	for _, g := range p.given {
		if c.progress && !g.processed {
			wait(&b.Engine, s.records[g.record], p.seen[g.record])
		}
	}
	return b
}

func wait(e *backlog.Extent, r *modelRecord, due time.Duration) {
	if r.flush {
		return
	}
	e.Records++
	e.Bytes += r.size
	if e.Oldest == record.NoDue {
		e.Oldest = due
	}
}

// look notes what waits, where it is more than ever.
func (m *modelStream) look() {
	for _, c := range m.consumers {
		stream, engine := backlog.None, backlog.None
		for _, s := range m.shards {
			b := m.backlog(c, s)
			stream, engine = stream.Plus(b.Stream), engine.Plus(b.Engine)
		}
		c.stream = c.stream.Or(backlog.Most{Records: stream.Records, Bytes: stream.Bytes})
		c.engine = c.engine.Or(backlog.Most{Records: engine.Records, Bytes: engine.Bytes})
	}
}

// counts are what a consumer's books have to say by now. Copies, phantoms and disorder are told apart at the end: see [modelStream.ended].
func (m *modelStream) counts(c *modelConsumer) (n ledger.ReadCounts) {
	for id, s := range m.shards {
		p := c.in[id]
		n.Read += int64(len(p.read))
		n.Again += p.again
		for _, g := range p.given {
			if !s.records[g.record].flush {
				n.Given++
			}
		}
		for place, r := range s.records {
			_, read := p.read[place]
			switch {
			case p.lostTo(place, r):
				n.Lost++
			case r.known && !read:
				n.Unread++
			}
		}
	}
	return n
}

// ended are the counts once all is sent and all is read.
func (m *modelStream) ended(c *modelConsumer) ledger.ReadCounts {
	n := m.counts(c)
	stored := make(map[int]bool)
	for _, s := range m.shards {
		for _, r := range s.records {
			stored[r.position] = stored[r.position] || r.known
		}
	}
	for id, s := range m.shards {
		for place, r := range s.records {
			switch _, read := c.in[id].read[place]; {
			case !read || r.known:
			case r.position >= 0 && stored[r.position]:
				n.Duplicated++
			default:
				n.Phantom++
			}
		}
		n.Reordered += m.reordered(c, s)
	}
	return n
}

// reordered counts the records of a shard that a consumer read after one that was offered later. One that came of a single other goes on where that ended.
func (m *modelStream) reordered(c *modelConsumer, s *modelShard) (n int64) {
	last := m.latest(c, s)
	for place, r := range s.records {
		if _, read := c.in[s.id].read[place]; !read || !r.known {
			continue
		}
		if r.position < last {
			n++
		}
		last = max(last, r.position)
	}
	return n
}

// latest is the position of the latest record that a consumer had read before a shard.
func (m *modelStream) latest(c *modelConsumer, s *modelShard) (position int) {
	position = -1
	if len(s.parents) != 1 {
		return position
	}
	parent := m.shards[s.parents[0]]
	position = m.latest(c, parent)
	for place, r := range parent.records {
		if _, read := c.in[parent.id].read[place]; read && r.known {
			position = max(position, r.position)
		}
	}
	return position
}

// waits says that something waits in the stream for a consumer, or may.
func (m *modelStream) waits(c *modelConsumer) bool {
	for id, s := range m.shards {
		if c.in[id].lost || m.backlog(c, s).Stream.Records > 0 {
			return true
		}
	}
	return false
}
