package stream

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"weir/limits"
	"weir/record"
)

// part is what a call holds of one shard.
type part struct {
	lane  *lane
	sends []record.Send
	// packs are where the Kinesis records end that the sends are packed in; nil if each is one.
	packs []int
}

// entries counts the Kinesis records.
func (p *part) entries() int {
	if p.packs == nil {
		return len(p.sends)
	}
	return len(p.packs)
}

// entry is the sends of a Kinesis record.
func (p *part) entry(i int) []record.Send {
	switch {
	case p.packs == nil:
		return p.sends[i : i+1]
	case i == 0:
		return p.sends[:p.packs[0]]
	}
	return p.sends[p.packs[i-1]:p.packs[i]]
}

// nextCall takes the records of the next call out of their lanes, oldest first, if it is time for one. Else it says how long to wait,
// 0 for until something changes.
func (w *Writer) nextCall() (parts []part, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calls >= w.config.InFlight {
		return nil, 0
	}
	ready, wait := w.readyLanes(w.config.Clock.Now())
	slices.SortFunc(ready, func(a, b *lane) int { return cmp.Compare(a.front().position, b.front().position) })
	records, bytes := limits.PutRecordsRecords, w.callBytes
	for _, l := range ready {
		p, size := w.pop(l, records, bytes)
		if len(p.sends) == 0 {
			break
		}
		for i := range p.sends {
			p.sends[i].Attempts++
			p.sends[i].Outcome = record.Pending
		}
		records -= p.entries()
		bytes -= size
		l.busy = true
		parts = append(parts, p)
	}
	if parts != nil {
		w.calls++
	}
	return parts, wait
}

// readyLanes are the lanes that may send now, if one of them has waited long enough or they fill a call. If not, wait is how long
// it is until then, as far as that is known.
func (w *Writer) readyLanes(now time.Duration) (ready []*lane, wait time.Duration) {
	linger := w.config.Linger
	if w.closed {
		linger = 0 // nothing comes to fill the call
	}
	const never = math.MaxInt64
	due, records, bytes := time.Duration(never), 0, 0
	for _, l := range w.lanes() {
		if l.busy || l.len() == 0 || w.held(l) {
			continue
		}
		due = min(due, l.leaves(linger))
		if l.notBefore <= now {
			ready = append(ready, l)
			r, b := l.offers(w.config.Pack)
			records, bytes = records+r, bytes+b
		}
	}
	switch {
	case due <= now || records >= limits.PutRecordsRecords || bytes >= w.callBytes:
		return ready, 0
	case due == never:
		return nil, 0
	}
	return nil, due - now
}

// pop takes what a call holds of a shard out of its lane, and says how many bytes that is, keys included.
func (w *Writer) pop(l *lane, records, bytes int) (p part, size int) {
	waited := l.bytes
	if w.config.Pack {
		p, size = l.popPacked(records, bytes)
	} else {
		p = part{lane: l, sends: l.pop(records, bytes)}
		size = waited - l.bytes
	}
	l.called = inCall(p.sends, waited-l.bytes)
	return p, size
}

// carryAll carries a call, and then others: the SDK needs a deep stack, which a goroutine for each call would have to grow anew.
func (w *Writer) carryAll(ctx context.Context, parts []part, next <-chan []part) {
	w.carry(ctx, parts)
	for parts := range next {
		w.carry(ctx, parts)
	}
}

// carry makes one call and deals with its answer.
func (w *Writer) carry(ctx context.Context, parts []part) {
	sentAt := w.config.Clock.Now()
	for _, p := range parts {
		for i := range p.sends {
			p.sends[i].SentAt = sentAt
		}
		w.config.Observer.Sending(p.lane.shard.ID, p.sends)
	}
	fatal := w.deliver(ctx, parts)
	at := w.config.Clock.Now()
	w.landed(fatal) // before it follows: a look at the shard map may take seconds, and the shards that have nothing to do with it go on
	w.keep(w.follow(ctx, parts))
	var unknown sync.WaitGroup
	for _, p := range parts {
		w.config.Observer.Answered(p.lane.shard.ID, p.sends, at)
		if p.sends[0].Outcome == record.Unknown {
			unknown.Go(func() { w.resolve(ctx, p) })
			continue
		}
		w.end(&p)
	}
	unknown.Wait()
}

// deliver makes the request and judges each record by the answer. The error is what the stream refuses for good.
func (w *Writer) deliver(ctx context.Context, parts []part) error {
	ctx, cancel := context.WithTimeout(ctx, w.config.RequestTimeout)
	defer cancel()
	made := w.requests.Get().(*request)
	input := &kinesis.PutRecordsInput{StreamName: &w.config.Stream, Records: made.fill(parts)}
	output, err := w.config.Client.PutRecords(ctx, input)
	made.empty()
	w.requests.Put(made)
	if err != nil {
		return refuse(parts, err)
	}
	return judge(parts, output.Records)
}

// landed makes room for another call, and keeps what the stream refuses records with for good.
func (w *Writer) landed(fatal error) {
	w.mu.Lock()
	w.calls--
	w.poke()
	w.mu.Unlock()
	w.keep(fatal)
}

// keep keeps the first error that ends the feed; nil is none.
func (w *Writer) keep(fatal error) {
	if fatal == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail(fatal)
	w.poke()
}

// resolve finds out what became of the records of one shard whose call had no answer. The shard sends nothing meanwhile, so that
// its order holds.
func (w *Writer) resolve(ctx context.Context, p part) {
	err := w.config.Resolver.Resolve(ctx, p.lane.shard.ID, p.sends)
	for i := range p.sends {
		// To send again what may be stored would make a duplicate: whatever is not proved absent has ended here.
		if err != nil || (p.sends[i].Outcome != record.Found && p.sends[i].Outcome != record.Absent) {
			p.sends[i].Outcome = record.Unresolved
		}
	}
	w.config.Observer.Answered(p.lane.shard.ID, p.sends, w.config.Clock.Now())
	w.end(&p)
}

// end deals with what became of a shard's records in a call, once that is known.
func (w *Writer) end(p *part) {
	w.mu.Lock()
	p.lane.settle(p, w.config.Clock.Now())
	w.mu.Unlock()
	if spent := w.spend(p.sends); len(spent) > 0 {
		w.config.Observer.Answered(p.lane.shard.ID, spent, w.config.Clock.Now())
	}
	w.finish(p)
}

// spend gives up the records whose attempts are spent, and gives them.
func (w *Writer) spend(sends []record.Send) (spent []record.Send) {
	if w.config.Attempts == 0 {
		return nil
	}
	for i := range sends {
		if s := &sends[i]; !s.Outcome.Final() && s.Attempts >= w.config.Attempts {
			s.Outcome = record.Failed
			spent = append(spent, *s)
		}
	}
	return spent
}

// finish lets go of the records that are final, puts the others to the front of their lane, and lets the lane send again. What a lane of a
// shard that was closed meanwhile is left with goes to the lanes of the shards that came of it.
func (w *Writer) finish(p *part) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l, sends := p.lane, p.sends
	again := sends[:0]
	for i := range sends {
		if !sends[i].Outcome.Final() {
			again = append(again, sends[i])
			continue
		}
		w.queued--
		w.bytes -= sends[i].Size()
	}
	l.busy, l.called = false, called{}
	if l.retired {
		w.handOver(l, again)
	} else {
		l.back(again)
	}
	w.spares.put(sends)
	w.makeRoom()
	w.poke()
}
