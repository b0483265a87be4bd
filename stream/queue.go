package stream

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"

	"weir/internal/md5lanes"
	"weir/limits"
	"weir/record"
)

// putChunk is how many records are taken under one lock. Their shards are found before it is taken, for MD5 is slow.
const putChunk = 256

// Put takes records into the queue without blocking, and says how many it took: the first ones of them. The error says why it took no
// more: [ErrQueueFull] where there was no room, what the stream refuses for good, or that the writer is closed. An empty queue has
// room for one record of any size.
func (w *Writer) Put(records []record.Record) (taken int, err error) {
	return w.put(records, false)
}

// put is Put, and where the caller can wait, it takes no more than keeps the writer busy.
func (w *Writer) put(records []record.Record, canWait bool) (taken int, err error) {
	to := w.routes.Get().(*routes)
	defer w.routes.Put(to)
	for taken < len(records) {
		chunk := records[taken:min(taken+putChunk, len(records))]
		shards := w.shards.Load()
		known, routeErr := w.route(chunk, *shards, to)
		n, err := w.take(chunk[:known], to.lanes[:known], shards, canWait)
		taken += n
		switch {
		case err == errMoved:
			continue
		case err != nil:
			return taken, err
		case routeErr != nil:
			return taken, routeErr
		}
	}
	return taken, nil
}

// routes are where the records of a chunk go, and what it takes to find that.
type routes struct {
	lanes  [putChunk]*lane
	hashes [putChunk]record.HashKey
	keys   [putChunk]string // of the records that go by their partition keys
	sums   [putChunk][md5.Size]byte
}

// route finds the lane of each record, and says for how many it did.
func (w *Writer) route(records []record.Record, lanes []*lane, to *routes) (known int, err error) {
	if known, err = to.hash(records); err != nil {
		err = fmt.Errorf("stream %s: %w", w.config.Stream, err)
	}
	for i := range known {
		if to.lanes[i] = holding(lanes, to.hashes[i]); to.lanes[i] == nil {
			return i, fmt.Errorf("stream %s: no open shard holds the hash key %v of partition key %q", w.config.Stream, to.hashes[i], records[i].PartitionKey)
		}
	}
	return known, err
}

// hash finds where each record falls, up to the first whose explicit hash key is none. The MD5s of the partition keys are made together, which takes a fraction of
// the time.
func (t *routes) hash(records []record.Record) (known int, err error) {
	keys := 0
	for ; known < len(records) && err == nil; known++ {
		r := &records[known]
		if r.ExplicitHashKey != "" {
			t.hashes[known], err = record.ParseHashKey(r.ExplicitHashKey)
			continue
		}
		t.keys[keys] = r.PartitionKey
		keys++
	}
	if err != nil {
		known--
	}
	md5lanes.Sum(t.sums[:keys], t.keys[:keys])
	clear(t.keys[:keys]) // or they would keep the records' memory
	sums := t.sums[:keys]
	for i := range records[:known] {
		if records[i].ExplicitHashKey == "" {
			t.hashes[i], sums = record.HashKeyOf(sums[0]), sums[1:]
		}
	}
	return known, err
}

// errMoved says that the shard map changed after records were routed by it.
var errMoved = errors.New("the shard map has changed")

// take takes records into their lanes while there is room.
func (w *Writer) take(records []record.Record, to []*lane, by *[]*lane, canWait bool) (taken int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.poke()
	if w.shards.Load() != by {
		return 0, errMoved
	}
	now := w.config.Clock.Now()
	for i := range records {
		r := &records[i]
		switch {
		case w.err != nil:
			return i, w.err
		case w.full != nil:
			return i, w.full
		case w.closed:
			return i, fmt.Errorf("stream %s: %w", w.config.Stream, errClosed)
		case w.queued > 0 && w.bytes+r.Size() > w.config.QueueBytes, canWait && w.busy():
			return i, ErrQueueFull
		}
		to[i].take(r, w.position, now)
		w.position++
		w.queued++
		w.bytes += r.Size()
	}
	return len(records), nil
}

// busyBytes is how much keeps a writer busy, if it is records enough for two rounds of calls: what waits longer than that only grows cold. It does not go by how
// many shards there are: rows come in bursts, and an aggregator that has to wait for a stream of one shard is to have the room that it has before 24.
const busyBytes = 4 << 20

// busy says that as much is queued. The caller holds the lock.
func (w *Writer) busy() bool {
	return w.bytes > busyBytes && w.queued > 2*w.config.InFlight*limits.PutRecordsRecords
}

// PutWait takes all the records, and blocks while there is no room for them, or enough is queued to keep the writer busy. It says how many it took; the error is that of ctx, or one
// of Put's others.
func (w *Writer) PutWait(ctx context.Context, records []record.Record) (taken int, err error) {
	for {
		room := w.nextRoom()
		n, err := w.put(records[taken:], true)
		taken += n
		if err != ErrQueueFull { // a stream that is full wraps it: no room will come
			return taken, err
		}
		select {
		case <-room:
		case <-ctx.Done():
			return taken, ctx.Err()
		}
	}
}

// nextRoom is closed when there may be room that is not there now.
func (w *Writer) nextRoom() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.room == nil {
		w.room = make(chan struct{})
	}
	return w.room
}
