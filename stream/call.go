package stream

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/limits"
	"weir/record"
)

// part is what a call holds of one shard.
type part struct {
	lane  *lane
	sends []record.Send
}

// nextCall takes the records of the next call out of their lanes, oldest first, if it is time for one. Else it says how long to wait,
// 0 for until something changes.
func (w *Writer) nextCall(ctx context.Context) (parts []part, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calls >= w.config.InFlight || ctx.Err() != nil {
		return nil, 0
	}
	now := w.config.Clock.Now()
	ready, wait := w.readyLanes(now)
	if len(ready) == 0 {
		return nil, wait
	}
	slices.SortFunc(ready, oldestFirst)
	if full := w.wouldFill(ready); !full && !w.closed {
		if due := ready[0].since + w.config.Linger; due > now {
			return nil, due - now
		}
	}
	records, bytes := limits.PutRecordsRecords, limits.PutRecordsBytes
	for _, lane := range ready {
		if records == 0 || bytes < lane.queue[lane.head].Size() {
			break
		}
		sends := lane.pop(records, bytes)
		for i := range sends {
			bytes -= sends[i].Size()
			sends[i].Attempts++
			sends[i].Outcome = record.Pending
		}
		records -= len(sends)
		lane.busy = true
		parts = append(parts, part{lane, sends})
	}
	w.calls++
	return parts, 0
}

// readyLanes are the lanes that may send now; if there are none, wait is how long until there is one, as far as that is known.
func (w *Writer) readyLanes(now time.Duration) (ready []*lane, wait time.Duration) {
	for _, lane := range w.lanes {
		at, ok := lane.ready()
		switch {
		case !ok:
		case at <= now:
			ready = append(ready, lane)
		case wait == 0 || at-now < wait:
			wait = at - now
		}
	}
	return ready, wait
}

// wouldFill says that the lanes hold enough for a whole call.
func (w *Writer) wouldFill(ready []*lane) bool {
	records := 0
	for _, lane := range ready {
		if records += min(lane.len(), lane.share); records >= limits.PutRecordsRecords {
			return true
		}
	}
	return w.bytes >= limits.PutRecordsBytes
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
	answer := w.put(ctx, parts)
	at := w.config.Clock.Now()
	answer.judge(parts)
	w.mu.Lock()
	if w.err == nil {
		w.err = answer.fatal
	}
	w.calls--
	w.mu.Unlock()
	var unknown sync.WaitGroup
	for _, p := range parts {
		w.config.Observer.Answered(p.lane.shard.ID, p.sends, at)
		if p.sends[0].Outcome == record.Unknown {
			unknown.Go(func() { w.resolve(ctx, p) })
			continue
		}
		w.finish(p.lane, p.sends)
	}
	unknown.Wait()
}

// put makes the request.
func (w *Writer) put(ctx context.Context, parts []part) answer {
	ctx, cancel := context.WithTimeout(ctx, w.config.RequestTimeout)
	defer cancel()
	input := &kinesis.PutRecordsInput{StreamName: &w.config.Stream}
	for _, p := range parts {
		for i := range p.sends {
			s := &p.sends[i]
			entry := types.PutRecordsRequestEntry{Data: s.Data, PartitionKey: &s.PartitionKey}
			if s.ExplicitHashKey != "" {
				entry.ExplicitHashKey = aws.String(s.ExplicitHashKey)
			}
			input.Records = append(input.Records, entry)
		}
	}
	output, err := w.config.Client.PutRecords(ctx, input)
	return w.newAnswer(output, err, len(input.Records))
}

// resolve finds out what became of the records of one shard whose call had no answer. The shard sends nothing meanwhile, so that
// its order holds.
func (w *Writer) resolve(ctx context.Context, p part) {
	if err := w.config.Resolver.Resolve(ctx, p.lane.shard.ID, p.sends); err != nil {
		for i := range p.sends {
			p.sends[i].Outcome = record.Unresolved
		}
	}
	w.config.Observer.Answered(p.lane.shard.ID, p.sends, w.config.Clock.Now())
	w.finish(p.lane, p.sends)
}

// finish lets go of the records that are final, puts the others to the front of their lane, and lets the lane send again. Records
// that end here without having been answered are told of.
func (w *Writer) finish(lane *lane, sends []record.Send) {
	if len(sends) > 0 && sends[0].Outcome == record.Unsent {
		w.config.Observer.Answered(lane.shard.ID, sends, w.config.Clock.Now())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	lane.settle(sends, w.config.Clock.Now())
	again := sends[:0]
	for i := range sends {
		if !sends[i].Outcome.Final() {
			again = append(again, sends[i])
			continue
		}
		w.queued--
		w.bytes -= sends[i].Size()
	}
	lane.back(again)
	lane.busy = false
	if len(again) < cap(sends) {
		close(w.room)
		w.room = make(chan struct{})
	}
	w.poke()
}
