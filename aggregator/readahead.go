package aggregator

import (
	"context"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"weir/record"
)

// DefaultElementQueueCapacity is Flink's (SourceReaderOptions.ELEMENT_QUEUE_CAPACITY, "source.reader.element.queue.capacity").
const DefaultElementQueueCapacity = 2

// unqueued are the fetches that are in no queue: in Flink, one is with the fetcher, which cannot hand it over (FetchTask), and one with the reader, which emits its
// records.
const unqueued = 2

// pushedPages are the events of each shard that are received and have no room yet, beside the one that is received: as in the queue of Flink's
// FanOutKinesisShardSubscription.
const pushedPages = 2

// readAhead bounds what a source subtask has read and not processed, whatever the number of its shards, as Flink's KinesisStreamsSource does: it has one
// fetcher for all shards of a subtask (SingleThreadFetcherManager), which asks one shard after the other (KinesisShardSplitReaderBase) and puts each
// answer that has records into the queue of the reader. So there are at most [Config].ElementQueueCapacity + 2 fetches, each of at most
// "source.shard.get-records.max-record-count" records, 10,000 by default (KinesisSourceConfigOptions.SHARD_GET_RECORDS_MAX). Records in a KPL aggregate, which
// are opened after the fetch, count as one.
//
// A fetch takes room before the call, and the shard that waits longest gets it first: a shard that has nothing to give holds none for longer than its call
// takes, and none has to wait for more than one call of each other. Unlike Flink's, fetches of several shards may be under way at once, within the bound.
//
// Two things are read and have no room. Of a shard that is pushed to (enhanced fan-out), [pushedPages] and one more, as in Flink. And where [Watermark.MaxDrift]
// has the reading of a shard pause, the rest of its page: the shards that it waits for need the room.
//
// What a source subtask has processed is with the window subtasks: at most [queueBatches] batches wait for each, and it works on one more. A batch is what a page
// has for that subtask, the whole page where there is one. In Flink, the buffers of the network are in that place: a few for each pair of subtasks, of 32 KiB each
// (taskmanager.network.memory.buffers-per-channel, floating-buffers-per-gate).
type readAhead = semaphore.Weighted

func newReadAhead(c *Config) *readAhead {
	return semaphore.NewWeighted(int64(c.ElementQueueCapacity + unqueued))
}

// receiver takes the pages of a shard. It implements [record.Receiver].
type receiver struct {
	*reading
	// asked is set where there is room for the page that comes.
	asked bool
	// pushed are pages that came without room; nil until there is one.
	pushed chan record.Page
	group  *errgroup.Group

	ended    bool
	children []record.Shard
}

// receive has a shard read to its end, or until ctx ends, and everything that it gives handed over.
func (r *receiver) receive(ctx context.Context, read func(context.Context) error) error {
	r.group, ctx = errgroup.WithContext(ctx)
	r.group.Go(func() error {
		err := read(ctx)
		if r.pushed != nil {
			close(r.pushed)
		}
		return err
	})
	return r.group.Wait()
}

// Room waits for room.
func (r *receiver) Room(ctx context.Context) error {
	if err := r.hold(ctx); err != nil {
		return err
	}
	r.asked = true
	return nil
}

// Spare gives room back.
func (r *receiver) Spare() {
	r.asked = false
	r.leave()
}

// Take hands a page over.
func (r *receiver) Take(ctx context.Context, page record.Page) error {
	if page.End {
		r.ended, r.children = true, page.Children
	}
	if r.asked {
		r.asked = false
		return r.take(ctx, page)
	}
	if r.pushed == nil {
		r.pushed = make(chan record.Page, pushedPages-1) // one more is with the pump
		r.group.Go(func() error { return r.pump(ctx) })
	}
	select {
	case r.pushed <- page:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pump hands pages over that were pushed.
func (r *receiver) pump(ctx context.Context) error {
	for page := range r.pushed {
		if len(page.Records) > 0 {
			if err := r.hold(ctx); err != nil {
				return err
			}
		}
		if err := r.take(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// hold waits for room, if the reading holds none.
func (r *reading) hold(ctx context.Context) error {
	if r.holds {
		return nil
	}
	if err := r.in.readAhead.Acquire(ctx, 1); err != nil {
		return err
	}
	r.holds = true
	return nil
}

// leave gives back the room that the reading holds.
func (r *reading) leave() {
	if r.holds {
		r.holds = false
		r.in.readAhead.Release(1)
	}
}

// handOver delivers a page, or a part of one. With the last part the room goes along: it is free once that is processed.
func (r *reading) handOver(ctx context.Context, page record.Page, last bool) error {
	d := delivery{page: page, room: r.holds && last}
	if last {
		r.holds = false
	}
	return r.in.deliver(ctx, d)
}
