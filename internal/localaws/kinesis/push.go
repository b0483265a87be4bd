package kinesis

import (
	"context"
	"time"

	"weir/internal/localaws/wire"
)

// push sends the events of one subscription.
type push struct {
	service      *Service
	consumer     *consumer
	shard        *shard
	subscription *subscription
	chain        uint64        // among the shard's readers
	index        uint64        // of what comes next
	sent         time.Time     // when the last event was
	propagation  time.Duration // until a record can be sent, drawn for each event
}

// shardEvent is SubscribeToShardEvent.
type shardEvent struct {
	Records                    []readRecord // those that Members lists
	ContinuationSequenceNumber sequence     `json:",omitzero"` // none at the end of a closed shard
	MillisBehindLatest         int64
	ChildShards                []childShard `json:",omitempty"`

	records records
}

// Members is the event with its records listed; see [wire.CBOR].
func (e *shardEvent) Members() any {
	listed := *e
	listed.Records = e.records.list()
	return listed
}

const (
	subscriptionLife = 5 * time.Minute // (API reference, SubscribeToShard)
	heartbeat        = 5 * time.Second
	eventBytes       = 1 << 20
	eventRecords     = 10_000
)

// run sends until the subscription is over.
//
// K27: A subscription lives for five minutes (API reference, SubscribeToShard)
func (p *push) run(ctx context.Context, emit wire.Emit) error {
	life := time.NewTimer(time.Until(p.subscription.begun.Add(subscriptionLife)))
	defer life.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		event, arrival, wait, err := p.next()
		if err != nil {
			return err
		}
		if event != nil {
			if err := emit("SubscribeToShardEvent", event); err != nil || len(event.ChildShards) > 0 {
				return err
			}
		}
		pause.Reset(wait)
		select {
		case <-arrival:
		case <-pause.C:
		case <-life.C:
			return nil
		case <-p.subscription.over:
			return wire.NewError("ResourceInUseException", "Another active subscription exists for this consumer: %s", p.consumer.arn)
		case <-ctx.Done():
			return nil
		}
	}
}

// next is the event that is due; or, if none is, for how long, and what ends that sooner, if anything does.
//
// K31: Where nothing arrives, an event says so every five seconds (AWS does not say)
func (p *push) next() (event *shardEvent, arrival <-chan struct{}, wait time.Duration, err error) {
	now := p.service.now()
	p.shard.mu.Lock()
	defer p.shard.mu.Unlock()
	switch {
	case p.shard.deleted:
		return nil, nil, 0, p.service.notFound(p.consumer.stream.name)
	case p.shard.stopped:
		return nil, nil, 0, p.service.refusal(stopped, p.consumer.stream, p.shard)
	}
	bytes := p.subscription.bytes
	if bytes != nil {
		if wait := bytes.Wait(now.mono, 1); wait > 0 {
			return nil, nil, wait, nil
		}
	}
	p.service.expire(p.consumer.stream, p.shard, now.wall)
	page := p.shard.page(now, p.index, eventRecords, eventBytes, p.propagation)
	if due := p.sent.Add(heartbeat); page.records.count == 0 && !page.ended && now.wall.Before(due) {
		wait = due.Sub(now.wall)
		if page.next < p.shard.log.next { // what is stored cannot be sent yet
			ready := time.UnixMilli(p.shard.log.at(page.next).arrival).Add(p.propagation)
			return nil, nil, max(time.Millisecond, min(wait, ready.Sub(now.wall))), nil
		}
		return nil, p.shard.arrival(), wait, nil
	}
	if bytes != nil {
		bytes.Spend(now.mono, float64(page.records.bytes))
	}
	p.index, p.sent, p.propagation = page.next, now.wall, drawn(p.service.config.FanOut)
	p.shard.readers.note(p.chain, page.records.first, now.wall)
	return p.shard.event(page), nil, 0, nil
}

// event is a page as an event. The shard is locked.
//
// K30: The last event of a closed shard has its children and no continuation (API reference, SubscribeToShardEvent)
func (sh *shard) event(p page) *shardEvent {
	e := &shardEvent{records: p.records, MillisBehindLatest: p.behind, ChildShards: p.children}
	if !p.ended {
		e.ContinuationSequenceNumber = sh.before(p.next)
	}
	return e
}

// before is a sequence number after which an index comes next. The shard is locked.
func (sh *shard) before(index uint64) sequence {
	switch last := index - 1; {
	case last <= sh.born.index:
		return sh.begin()
	case last < sh.log.first: // it was trimmed
		return sequence{sh.born.at, last, sh.number}
	default:
		return sequence{sh.log.at(last).arrival, last, sh.number}
	}
}
