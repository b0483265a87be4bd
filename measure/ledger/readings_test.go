package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/measure/backlog"
	"weir/measure/ledger"
	"weir/record"
)

// worldly is a stream with a writer and consumers, which tells the ledger of all that they see, and the model of all that there is.
type worldly struct {
	placeless bool // a consumer has lost its place
	t         *testing.T
	// running ends with the test, however it does.
	running context.Context
	random  *rand.Rand
	clock   record.Clock
	books   *ledger.Ledger
	model   *modelStream

	packed   bool // the records of a call are one KPL aggregate
	delay    time.Duration
	sequence int
	shards   map[string]*worldShard
	ids      []string // of the shards, in their order
	sends    []record.Send
	queue    []int // positions that wait for their turn
	calls    []*worldCall
	over     bool // the writer has had to end
	stored   map[int]int
	consumer []*worldConsumer
	told     map[string][]string
	links    map[string]bool // the shards of which the ledger knows what they came of
}

type worldShard struct {
	record.Shard
	children []string
	depth    int
	known    bool // the writer knows of its children
	held     []worldRecord
}

// worldRecord is a record as a shard holds it; the model has it at the same place.
type worldRecord struct {
	record.Stored
	at time.Duration
	// gone says which consumers will never see it.
	gone map[int]bool
}

type worldCall struct {
	lane      string
	positions []int
	// where are the places of what was stored of it, by position.
	where   map[int]worldPlace
	unknown bool
	since   time.Duration
	sends   []record.Send // of an unknown one that is being resolved
	done    chan error
	cancel  context.CancelFunc
}

type worldPlace struct {
	shard string
	place int
}

type worldConsumer struct {
	number  int
	config  ledger.ReadingConfig
	reading *ledger.Reading
	in      map[string]*worldPart
	saved   []map[string]worldPart
	loses   int
	tips    map[string]time.Duration // when the last request left that came to the tip of a shard
	named   [4]int64
}

// worldPart is where a consumer is in a shard.
type worldPart struct {
	at    int
	ended bool
	last  string // the sequence number that it was given last
	// furthest is behind all that it ever asked for.
	furthest int
	open     []int64 // places that it has not processed
	given    int64
	asked    *worldPage
}

type worldPage struct {
	record.Page
	places []int
	at     int // the place behind it
}

func newWorldly(t *testing.T, seed uint64) *worldly {
	random := rand.New(rand.NewPCG(seed, 18))
	w := &worldly{
		t: t, random: random, clock: record.NewClock(time.Now()), sequence: 90, packed: random.IntN(3) == 0, shards: make(map[string]*worldShard),
		running: t.Context(), stored: make(map[int]int), told: make(map[string][]string), links: make(map[string]bool),
	}
	if w.chance(50) {
		w.delay = time.Duration(random.IntN(20)) * time.Millisecond
	}
	w.books = ledger.New(ledger.Config{Clock: w.clock, Visibility: w.delay, Memory: 1, Folder: t.TempDir(), Stored: func(shard string, sends []record.Send) {
		for i := range sends {
			w.told[shard] = append(w.told[shard], sends[i].Sequence)
		}
	}})
	var progress []bool
	for i := range 2 + random.IntN(3) {
		c := &worldConsumer{number: i, in: make(map[string]*worldPart), tips: make(map[string]time.Duration)}
		c.config = ledger.ReadingConfig{Name: fmt.Sprint("consumer ", i), Progress: w.chance(70), Rewinds: w.chance(60), Offence: func(o *ledger.Offence) { c.named[o.Kind]++ }}
		c.reading = w.books.Reading(c.config)
		progress = append(progress, c.config.Progress)
		w.consumer = append(w.consumer, c)
	}
	w.model = newModel(w.delay, progress)
	w.open("a")
	w.open("b")
	return w
}

func (w *worldly) chance(percent int) bool { return w.random.IntN(100) < percent }

func (w *worldly) open(id string, parents ...string) {
	s := &worldShard{Shard: record.Shard{ID: id, Parents: parents}}
	for _, parent := range parents {
		p := w.shards[parent]
		p.children = append(p.children, id)
		s.depth = max(s.depth, p.depth+1)
	}
	w.shards[id] = s
	w.ids = append(w.ids, id)
	w.model.open(id, parents...)
	for _, c := range w.consumer {
		c.in[id] = &worldPart{}
	}
	// The ledger hears of a shard when something happens there; the model has it from now on.
	w.books.Answered(id, nil, w.clock.Now())
}

// leaf is the shard that takes a record by now, or that takes it as far as the writer knows.
func (w *worldly) leaf(position int, toWriter bool) *worldShard {
	s := w.shards[w.ids[position%2]]
	for len(s.children) > 0 && (s.known || !toWriter) {
		s = w.shards[s.children[position>>(s.depth+1)&1%len(s.children)]]
	}
	return s
}

// reshard splits a shard or merges two.
func (w *worldly) reshard() {
	var leaves []string
	for _, id := range w.ids {
		if len(w.shards[id].children) == 0 {
			leaves = append(leaves, id)
		}
	}
	if len(w.ids) > 8 {
		return
	}
	w.random.Shuffle(len(leaves), func(i, j int) { leaves[i], leaves[j] = leaves[j], leaves[i] })
	if len(leaves) > 1 && w.chance(40) && !w.busy(leaves[0]) && !w.busy(leaves[1]) {
		// The writer hears of it at once, so that what it sends to both takes one way: in which order records of two ways are told is another matter.
		w.open(leaves[0]+"+"+leaves[1], leaves[0], leaves[1])
		for range w.ids {
			w.learn()
		}
		return
	}
	w.open(leaves[0]+"0", leaves[0])
	w.open(leaves[0]+"1", leaves[0])
}

// learn has the writer hear of the children of a shard.
func (w *worldly) learn() {
	for _, id := range w.ids {
		if s := w.shards[id]; len(s.children) > 0 && !s.known {
			s.known = true
			w.books.Resharded(w.childrenOf(s))
			for _, child := range s.children {
				w.links[child] = true
			}
			return
		}
	}
}

func (w *worldly) childrenOf(s *worldShard) (children []record.Shard) {
	for _, id := range s.children {
		children = append(children, w.shards[id].Shard)
	}
	return children
}

// offer takes new records into the writer's queue.
func (w *worldly) offer() {
	for range 1 + w.random.IntN(6) {
		position := len(w.sends)
		w.sends = append(w.sends, record.Send{
			Record:   record.Record{PartitionKey: "key", Data: fmt.Appendf(nil, "%*d", 1+position%7, position), Due: w.clock.Now() - time.Duration(w.random.IntN(5))*time.Millisecond},
			Position: int64(position),
		})
		w.queue = append(w.queue, position)
	}
}

// busy says that a call is on its way to a shard, or to one that it came of or became.
func (w *worldly) busy(id string) bool {
	return slices.ContainsFunc(w.calls, func(c *worldCall) bool { return w.above(c.lane, id) || w.above(id, c.lane) })
}

// above says that a shard is another, or that this came of it.
func (w *worldly) above(id, other string) bool {
	return id == other || slices.ContainsFunc(w.shards[other].Parents, func(parent string) bool { return w.above(id, parent) })
}

// send lets a call leave, and decides at once what becomes of it.
func (w *worldly) send() {
	if len(w.queue) == 0 || w.over {
		return
	}
	c := &worldCall{lane: w.leaf(w.queue[w.random.IntN(len(w.queue))], true).ID, where: make(map[int]worldPlace)}
	if w.busy(c.lane) {
		return
	}
	var left []int
	limit := 1 + w.random.IntN(5)
	for _, p := range w.queue {
		if len(c.positions) < limit && w.leaf(p, true).ID == c.lane {
			c.positions = append(c.positions, p)
			continue
		}
		left = append(left, p)
	}
	w.queue = left
	// Of a record that was stored already, an unknown one is found to be either.
	c.unknown = !slices.ContainsFunc(c.positions, func(p int) bool { return w.stored[p] > 0 }) && w.chance(25)
	w.calls = append(w.calls, c)
	for _, p := range c.positions {
		w.sends[p].Attempts++
		w.sends[p].Outcome, w.sends[p].Sequence, w.sends[p].Shard = record.Pending, "", ""
		w.model.sends[p] = modelSend{onItsWay, c.lane}
	}
	w.books.Sending(c.lane, w.copies(c))
	for i, p := range c.positions {
		w.put(c, i, p)
	}
}

// put decides what becomes of a record of a call.
func (w *worldly) put(c *worldCall, i, p int) {
	send := &w.sends[p]
	switch {
	case w.chance(65):
		s, place := w.store(p, false, i)
		c.where[p] = worldPlace{s.ID, place}
		send.Sequence = s.held[place].Sequence
		if s.ID != c.lane {
			send.Shard = s.ID
		}
		if !c.unknown && w.chance(8) {
			w.store(p, true, i)
		}
	case c.unknown:
	case w.chance(8):
		send.Outcome = record.Failed
	default:
		send.Outcome = record.Throttled
		if w.chance(10) {
			w.store(p, true, i)
		}
	}
	switch {
	case w.chance(4):
		w.store(-1, false, i)
	case w.chance(3):
		w.storeFlush(c.lane)
	}
}

// store has a shard take a record: of a position, or of somebody else.
func (w *worldly) store(position int, again bool, inCall int) (*worldShard, int) {
	w.sequence++
	name := fmt.Sprint(w.sequence)
	if w.packed {
		name += "/0"
	}
	one := worldRecord{Stored: record.Stored{Sequence: name, PartitionKey: "other", Data: []byte(name)}, at: w.clock.Now(), gone: make(map[int]bool)}
	known := &modelRecord{sequence: name, position: position, due: record.NoDue, copied: again}
	s := w.leaf(max(position, 0), false)
	if position >= 0 {
		w.stored[position]++
		one.PartitionKey, one.Data = w.sends[position].PartitionKey, w.sends[position].Data
		known.due = w.sends[position].Due
	}
	w.inAggregate(s, &one, inCall)
	known.sequence, known.size = one.Sequence, int64(one.Size())
	s.held = append(s.held, one)
	w.model.shards[s.ID].records = append(w.model.shards[s.ID].records, known)
	return s, len(s.held) - 1
}

// inAggregate gives a record the number of the one before it, where both came in one KPL aggregate.
func (w *worldly) inAggregate(s *worldShard, one *worldRecord, inCall int) {
	if !w.packed || len(s.held) == 0 || inCall == 0 {
		return
	}
	last := s.held[len(s.held)-1]
	if last.at != one.at || record.IsFlush(last.PartitionKey) {
		return
	}
	var number, place int
	if _, err := fmt.Sscanf(last.Sequence, "%d/%d", &number, &place); err != nil {
		w.t.Fatal(err)
	}
	one.Sequence = fmt.Sprintf("%d/%d", number, place+1)
}

// storeFlush stores a flush record, which no call carries.
func (w *worldly) storeFlush(lane string) {
	s := w.shards[lane]
	if len(s.children) > 0 {
		return
	}
	w.sequence++
	one := worldRecord{Stored: record.Stored{Sequence: fmt.Sprint(w.sequence), PartitionKey: record.FlushKey("run"), Data: []byte("flush")}, at: w.clock.Now(), gone: make(map[int]bool)}
	s.held = append(s.held, one)
	w.model.shards[s.ID].records = append(w.model.shards[s.ID].records, &modelRecord{
		sequence: one.Sequence, position: -1, due: record.NoDue, size: int64(one.Size()), flush: true,
	})
}

func (w *worldly) copies(c *worldCall) []record.Send {
	sends := make([]record.Send, len(c.positions))
	for i, p := range c.positions {
		sends[i] = w.sends[p]
	}
	return sends
}

func (w *worldly) end(c *worldCall) {
	w.calls = slices.DeleteFunc(w.calls, func(o *worldCall) bool { return o == c })
}

// answer ends a call that is on its way.
func (w *worldly) answer() {
	open := slices.DeleteFunc(slices.Clone(w.calls), func(c *worldCall) bool { return c.done != nil })
	if len(open) == 0 {
		return
	}
	c := open[w.random.IntN(len(open))]
	if c.unknown {
		w.answerUnknown(c)
		return
	}
	w.end(c)
	now := w.clock.Now()
	var again []int
	strayed := false
	for _, p := range c.positions {
		delete(w.model.sends, p)
		switch send := &w.sends[p]; {
		case send.Sequence != "":
			send.Outcome = record.Acked
			strayed = strayed || send.Shard != ""
			w.model.became(w.recordAt(c.where[p]), now)
		case send.Outcome == record.Throttled:
			again = append(again, p)
		}
	}
	w.books.Answered(c.lane, w.copies(c), now)
	w.queue = append(again, w.queue...)
	if strayed {
		w.learn()
	}
}

func (w *worldly) recordAt(p worldPlace) *modelRecord {
	return w.model.shards[p.shard].records[p.place]
}

// answerUnknown lets a call end without an answer, and has the ledger resolve it, or the writer give it up.
func (w *worldly) answerUnknown(c *worldCall) {
	c.sends = w.copies(c)
	for i := range c.sends {
		c.sends[i].Outcome, c.sends[i].Sequence, c.sends[i].Shard = record.Unknown, "", ""
	}
	w.books.Answered(c.lane, c.sends, w.clock.Now())
	if w.chance(2) {
		w.giveUp(c)
		return
	}
	c.since = w.clock.Now() + w.delay
	c.done = make(chan error, 1)
	var resolving context.Context
	resolving, c.cancel = context.WithCancel(w.running)
	go func() { c.done <- w.books.Resolve(resolving, c.lane, c.sends) }()
}

// stop has the writer end while it waits for what became of a call.
func (w *worldly) stop() {
	for _, c := range w.calls {
		if c.done != nil {
			c.cancel()
			if err := <-c.done; !errors.Is(err, context.Canceled) {
				w.t.Fatal(err)
			}
			w.giveUp(c)
			return
		}
	}
}

// giveUp has the writer give a call up, as it does when a run has to end.
func (w *worldly) giveUp(c *worldCall) {
	w.end(c)
	w.over = true
	now := w.clock.Now()
	for i, p := range c.positions {
		c.sends[i].Outcome = record.Unresolved
		delete(w.model.sends, p)
		at, stored := c.where[p]
		if !stored {
			continue
		}
		if since, read := w.model.firstRead(at.shard, at.place); read {
			w.model.became(w.recordAt(at), since)
			continue
		}
		w.model.sends[p] = modelSend{givenUp, c.lane}
	}
	w.books.Answered(c.lane, c.sends, now)
}

// resolved says that it is known what became of an unknown call: a consumer has read all of it, or one has read all that it may be in to the tip.
func (w *worldly) resolved(c *worldCall) bool {
	all := true
	for _, p := range c.positions {
		at, stored := c.where[p]
		if stored {
			_, stored = w.model.firstRead(at.shard, at.place)
		}
		all = all && stored
	}
	return all || slices.ContainsFunc(w.consumer, func(o *worldConsumer) bool {
		return !slices.ContainsFunc(w.ids, func(id string) bool { return w.above(c.lane, id) && w.linked(id) && !o.sawTip(id, c.since) })
	})
}

// settle books the calls that the ledger has resolved by now.
func (w *worldly) settle() {
	synctest.Wait()
	for _, c := range slices.Clone(w.calls) {
		if len(c.done) == 0 {
			continue
		}
		if err := <-c.done; err != nil {
			w.t.Fatal(err)
		}
		c.cancel()
		w.end(c)
		w.book(c)
	}
}

// book books what the ledger says that became of an unknown call, which has to be the truth.
func (w *worldly) book(c *worldCall) {
	var again []int
	for i, p := range c.positions {
		delete(w.model.sends, p)
		got := c.sends[i]
		at, stored := c.where[p]
		if want := w.sends[p].Sequence; got.Sequence != want || (got.Outcome == record.Found) != stored || stored && got.Landed(c.lane) != at.shard {
			w.t.Fatalf("record %d is stored as %q in %s, and resolved as %v %q in %s", p, want, at.shard, got.Outcome, got.Sequence, got.Landed(c.lane))
		}
		if !stored && got.Outcome == record.Unknown && w.placeless { // a consumer that lost its place proves no absence: the writer sends it no more
			c.sends[i].Outcome = record.Unresolved
			continue
		}
		if !stored {
			again = append(again, p)
			continue
		}
		since, read := w.model.firstRead(at.shard, at.place)
		if !read {
			w.t.Fatalf("record %d was found, and nobody has read it", p)
		}
		w.sends[p].Outcome = record.Found
		w.model.became(w.recordAt(at), since)
	}
	w.books.Answered(c.lane, c.sends, w.clock.Now())
	w.queue = append(again, w.queue...)
}

// unsend ends what waits for its turn when the writer had to end.
func (w *worldly) unsend() {
	for _, p := range w.queue {
		w.sends[p].Outcome = record.Unsent
		w.books.Answered(w.leaf(p, true).ID, []record.Send{w.sends[p]}, w.clock.Now())
	}
	w.queue = nil
}

// lose has a record vanish that some consumers, or none of them, will see.
func (w *worldly) lose() {
	id := w.ids[w.random.IntN(len(w.ids))]
	s := w.shards[id]
	if len(s.held) == 0 {
		return
	}
	place := w.random.IntN(len(s.held))
	if open := w.calls; len(open) > 0 && w.chance(50) { // of those that are on their way
		c := open[w.random.IntN(len(open))]
		if at, stored := c.where[c.positions[w.random.IntN(len(c.positions))]]; stored {
			id, place, s = at.shard, at.place, w.shards[at.shard]
		}
	}
	m := w.model.shards[id].records[place]
	if m.position < 0 || m.copied || w.stored[m.position] > 1 {
		return
	}
	all := m.known && w.chance(50)
	for _, c := range w.consumer[1:] {
		if c.in[id].furthest <= place && (all || w.chance(50)) {
			s.held[place].gone[c.number] = true
		}
	}
	if c := w.consumer[0]; all && c.in[id].furthest <= place {
		s.held[place].gone[c.number] = true
	}
}

// hides says that something is to be kept from a consumer of which nobody knows yet whether it is stored: then it must not come to the tip, or the ledger
// would take its word for it.
func (w *worldly) hides(c *worldConsumer, s *worldShard) bool {
	for place := range s.held {
		if s.held[place].gone[c.number] && !w.model.shards[s.ID].records[place].known {
			return true
		}
	}
	return false
}

// ask has a consumer ask for a page, if it may read on in the shard.
func (w *worldly) ask(c *worldConsumer, id string) {
	p, s := c.in[id], w.shards[id]
	if p.ended || p.asked != nil || slices.ContainsFunc(s.Parents, func(parent string) bool { return !c.in[parent].ended }) {
		return
	}
	now := w.clock.Now()
	visible := 0
	for visible < len(s.held) && s.held[visible].at <= now-w.delay {
		visible++
	}
	page := &worldPage{Page: record.Page{Shard: id, Asked: now, Behind: time.Duration(1+w.random.IntN(500)) * time.Millisecond}}
	at := p.at
	for limit := w.random.IntN(9); at < visible && (limit > 0 || w.packed && number(s.held[at].Sequence) == number(s.held[max(0, at-1)].Sequence)); at++ {
		if !s.held[at].gone[c.number] {
			page.Records = append(page.Records, s.held[at].Stored)
			page.places = append(page.places, at)
			limit--
		}
	}
	p.furthest = max(p.furthest, at)
	if at == visible && !w.hides(c, s) && w.chance(85) {
		page.Behind = 0
		if at == len(s.held) && len(s.children) > 0 {
			page.End, page.Children = true, w.childrenOf(s)
			page.Behind = time.Duration(w.random.IntN(2)) * time.Millisecond
		}
	}
	page.at = at
	p.asked = page
}

func number(sequence string) string {
	before, _, _ := strings.Cut(sequence, "/")
	return before
}

// deliver has a consumer get what it has asked for.
func (w *worldly) deliver(c *worldConsumer, id string) {
	p := c.in[id]
	if p.asked == nil {
		return
	}
	page := p.asked
	p.asked = nil
	page.At = w.clock.Now()
	before := len(w.model.consumers[c.number].in[id].read)
	w.model.read(c.number, id, page.places, &page.Page)
	part := w.model.consumers[c.number].in[id]
	fresh := c.reading.Join(&page.Page)
	if want := len(part.read) - before; fresh != want {
		w.t.Fatalf("%d records are fresh, want %d", fresh, want)
	}
	for i, r := range page.Records {
		if want := part.seen[page.places[i]]; r.Due != want {
			w.t.Fatalf("%s: record %s of %s is due at %v, and joined with %v", c.config.Name, r.Sequence, id, want, r.Due)
		}
		p.last = r.Sequence
		if c.config.Progress {
			p.open = append(p.open, p.given)
		}
		p.given++
	}
	p.at, p.ended = page.at, page.End
	for _, child := range page.Children {
		w.links[child.ID] = true
	}
	if page.Behind == 0 || page.End {
		c.tips[id] = max(c.tips[id], page.Asked)
	}
	if page.End {
		c.tips[id] = math.MaxInt64
	}
}

// sawTip says that the consumer has read a shard to the tip by a request that left after a time.
func (c *worldConsumer) sawTip(id string, since time.Duration) bool {
	at, ok := c.tips[id]
	return ok && at > since
}

// linked says that the ledger knows what a shard came of.
func (w *worldly) linked(id string) bool { return len(w.shards[id].Parents) == 0 || w.links[id] }

// process has a consumer be done with some of what it was given.
func (w *worldly) process(c *worldConsumer, all bool) {
	for _, id := range w.ids {
		p := c.in[id]
		if len(p.open) == 0 || !all && w.chance(50) {
			continue
		}
		w.random.Shuffle(len(p.open), func(i, j int) { p.open[i], p.open[j] = p.open[j], p.open[i] })
		if w.chance(50) {
			slices.Sort(p.open)
		}
		n := len(p.open)
		if !all {
			n = 1 + w.random.IntN(n)
		}
		now := w.clock.Now()
		w.model.process(c.number, id, p.open[:n], now)
		c.reading.Processed(id, p.open[:n], now)
		p.open = p.open[n:]
	}
}

// save notes where a consumer is, so that it can go back there.
func (w *worldly) save(c *worldConsumer) {
	saved := make(map[string]worldPart)
	for id, p := range c.in {
		saved[id] = *p
	}
	c.saved = append(c.saved, saved)
}

// restart has a consumer go back to where it was once, or to the beginning.
func (w *worldly) restart(c *worldConsumer) {
	if !c.config.Rewinds {
		return
	}
	saved := make(map[string]worldPart)
	if len(c.saved) > 0 && w.chance(80) {
		saved = c.saved[w.random.IntN(len(c.saved))]
	}
	to, places := make(map[string]string), make(map[string]int)
	for _, id := range w.ids {
		p := c.in[id]
		*p = worldPart{furthest: p.furthest}
		if from := saved[id]; from.last != "" {
			p.at, p.ended, p.last = from.at, from.ended, from.last
			to[id], places[id] = from.last, from.at
			if w.packed && w.chance(50) {
				to[id] = number(from.last)
			}
		} else if w.chance(50) {
			to[id] = ""
		}
	}
	w.model.goBack(c.number, places, w.clock.Now())
	c.reading.Rewind(to, nil)
}

// restartWithout has a consumer go on from a time: it reads all that was stored since then. That passes over what it has not read of before, which must not
// be what the ledger is to find.
func (w *worldly) restartWithout(c *worldConsumer) {
	if !c.config.Rewinds || c.loses == 2 || len(w.calls) > 0 || w.over {
		return
	}
	c.loses++
	from := time.Duration(w.random.Int64N(int64(w.clock.Now()) + 1))
	for id, p := range c.in {
		*p = worldPart{furthest: p.furthest}
		for p.at < len(w.shards[id].held) && w.shards[id].held[p.at].at < from {
			p.at++
		}
	}
	w.model.lose(c.number, w.clock.Now())
	c.reading.Lose()
	w.placeless = true
}

// check compares what the ledger says with the model.
func (w *worldly) check() {
	w.settle()
	for _, c := range w.calls {
		if c.done != nil && w.resolved(c) {
			w.t.Fatalf("a call to %s could be resolved by now", c.lane)
		}
	}
	for _, c := range w.consumer {
		m := w.model.consumers[c.number]
		counts, read := w.model.counts(m), c.reading.Counts()
		if !c.config.Progress && !c.config.Rewinds {
			counts.Given, counts.Again = 0, 0
		}
		read.Duplicated, read.Phantom, read.Reordered = 0, 0, 0
		compare(w, c, "counts", counts, read)
		got := c.reading.Backlog()
		compare(w, c, "shards", len(w.ids), len(got))
		stream, engine := backlog.None, backlog.None
		for _, b := range got {
			want := w.model.backlog(m, w.model.shards[b.Shard])
			compare(w, c, "backlog", want, b)
			stream, engine = stream.Plus(want.Stream), engine.Plus(want.Engine)
		}
		compare(w, c, "levels", [4]int64{stream.Records, stream.Bytes, engine.Records, engine.Bytes}, [4]int64{
			c.reading.Stream().Records(), c.reading.Stream().Bytes(), c.reading.Engine().Records(), c.reading.Engine().Bytes(),
		})
		waits := w.model.waits(m)
		compare(w, c, "settled, done", [2]bool{!waits, !waits && engine.Records == 0}, [2]bool{c.reading.Settled(), c.reading.Done()})
	}
}

func compare[T comparable](w *worldly, c *worldConsumer, what string, want, got T) {
	w.t.Helper()
	if want != got { // of which a difference takes long to make
		w.t.Fatalf("%s of %s %+v (-model +ledger):\n%s", what, c.config.Name, c.config, cmp.Diff(want, got))
	}
}

// finish lets everything come to its end.
func (w *worldly) finish() {
	for round := 0; round < 10 || len(w.queue)+len(w.calls) > 0; round++ {
		if round == 2000 {
			w.t.Fatalf("it comes to no end: %d wait, %d calls", len(w.queue), len(w.calls))
		}
		w.learn()
		w.send()
		w.answer()
		if w.over {
			w.unsend()
		}
		w.check()
		for _, c := range w.consumer {
			for _, id := range w.ids {
				w.ask(c, id)
				w.deliver(c, id)
				w.check()
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	for _, c := range w.consumer {
		for w.model.waits(w.model.consumers[c.number]) {
			for _, id := range w.ids {
				w.ask(c, id)
				w.deliver(c, id)
			}
			time.Sleep(5 * time.Millisecond)
		}
		w.process(c, true)
	}
	w.check()
}

// judge compares what the ledger says at the end with the model.
func (w *worldly) judge() {
	var sent ledger.SentCounts
	for p := range w.sends {
		switch w.sends[p].Outcome {
		case record.Acked:
			sent.Acked++
		case record.Failed:
			sent.Failed++
		case record.Unsent:
			sent.Unsent++
		case record.Found:
			sent.Found++
		default: // given up
			at := slices.IndexFunc(w.allRecords(), func(r *modelRecord) bool { return r.position == p && r.known })
			if at < 0 {
				sent.Unresolved++
				continue
			}
			sent.Found++
		}
	}
	got := w.books.Sent()
	got.Throttled, got.Retried = 0, 0
	if d := cmp.Diff(sent, got); d != "" {
		w.t.Fatalf("sent (-model +ledger):\n%s", d)
	}
	for id, s := range w.model.shards {
		var want []string
		for _, r := range s.records {
			if r.known {
				want = append(want, r.sequence)
			}
		}
		if w.over { // what was given up is told as it is found
			slices.SortFunc(w.told[id], record.CompareSequence)
		}
		if !slices.Equal(want, w.told[id]) {
			w.t.Fatalf("of %s, %v are stored, and %v were told", id, want, w.told[id])
		}
	}
	if err := w.books.Close(); err != nil {
		w.t.Fatal(err)
	}
	for _, c := range w.consumer {
		w.judgeConsumer(c)
	}
}

func (w *worldly) allRecords() (all []*modelRecord) {
	for _, s := range w.model.shards {
		all = append(all, s.records...)
	}
	return all
}

func (w *worldly) judgeConsumer(c *worldConsumer) {
	m := w.model.consumers[c.number]
	want := w.model.ended(m)
	if !c.config.Progress && !c.config.Rewinds {
		want.Given, want.Again = 0, 0
	}
	compare(w, c, "counts at the end", want, c.reading.Counts())
	compare(w, c, "offences", [4]int64{want.Lost, want.Duplicated, want.Reordered, want.Phantom}, c.named)
	compare(w, c, "most in the stream", m.stream, c.reading.Stream().Most())
	compare(w, c, "most in the engine", m.engine, c.reading.Engine().Most())
	var lag time.Duration
	for _, p := range m.in {
		lag = max(lag, p.lag)
	}
	now, most := c.reading.IteratorAge()
	compare(w, c, "iterator age", [2]time.Duration{lag, m.lag}, [2]time.Duration{now, most})
	sent := w.books.Sent()
	if stored, seen := sent.Acked+sent.Found+want.Duplicated+want.Phantom, want.Read+want.Unread+want.Lost; stored != seen {
		w.t.Fatalf("%s: stored %d, and read + unread + lost is %d", c.config.Name, stored, seen)
	}
}

// step has something happen.
func (w *worldly) step() {
	c := w.consumer[w.random.IntN(len(w.consumer))]
	id := w.ids[w.random.IntN(len(w.ids))]
	switch n := w.random.IntN(100); {
	case n < 12:
		w.offer()
	case n < 28:
		w.send()
	case n < 44:
		w.answer()
	case n < 60:
		w.ask(c, id)
	case n < 78:
		w.deliver(c, id)
	case n < 88:
		w.process(c, false)
	case n < 91:
		w.lose()
	case n < 94:
		w.save(c)
	case n < 96:
		w.restart(c)
	case n < 97:
		w.restartWithout(c)
	case n < 98:
		w.reshard()
	case n < 99:
		w.learn()
	case w.chance(20):
		w.stop()
	}
	if w.over {
		w.unsend()
	}
	w.check()
	time.Sleep(time.Duration(w.random.IntN(2000)) * time.Microsecond)
}

// agree has the ledger and the model see the same stream, made up from each seed.
func agree(t *testing.T, seeds int) {
	t.Helper()
	for seed := range uint64(seeds) {
		run := func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorldly(t, seed)
				for range 50 + w.random.IntN(350) {
					w.step()
				}
				w.finish()
				w.judge()
			})
		}
		if !t.Run(fmt.Sprint("seed=", seed), run) {
			return
		}
	}
}

func TestEachReadingOfAStreamSaysWhatItsConsumerDid(t *testing.T) { agree(t, 20) }

func TestProveEachReadingOfAStreamSaysWhatItsConsumerDid(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it")
	}
	agree(t, 1000)
}
