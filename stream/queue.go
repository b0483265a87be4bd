package stream

import (
	"context"
	"fmt"

	"weir/record"
)

// putChunk is how many records are taken under one lock. Their shards are found before it is taken, for MD5 is slow.
const putChunk = 256

// Put takes records into the queue without blocking, and says how many it took: the first ones of them. The error says why it took no
// more: [ErrQueueFull] where there was no room, what the stream refuses for good, or that the writer is closed. An empty queue has
// room for one record of any size.
func (w *Writer) Put(records []record.Record) (taken int, err error) {
	var lanes [putChunk]*lane
	for taken < len(records) {
		chunk := records[taken:min(taken+putChunk, len(records))]
		routed, routeErr := w.route(chunk, lanes[:])
		n, err := w.take(chunk[:routed], lanes[:routed])
		taken += n
		if err == nil {
			err = routeErr
		}
		if err != nil {
			return taken, err
		}
	}
	return taken, nil
}

// route finds the lane of each record, and says for how many it did.
func (w *Writer) route(records []record.Record, lanes []*lane) (routed int, err error) {
	for i := range records {
		if lanes[i], err = laneOf(w.lanes, &records[i]); err != nil {
			return i, fmt.Errorf("stream %s: %w", w.config.Stream, err)
		}
	}
	return len(records), nil
}

// take takes records into their lanes while there is room.
func (w *Writer) take(records []record.Record, lanes []*lane) (taken int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.poke()
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
		case w.queued > 0 && w.bytes+r.Size() > w.config.QueueBytes:
			return i, ErrQueueFull
		}
		lanes[i].take(record.Send{Record: *r, Position: w.position}, now)
		w.position++
		w.queued++
		w.bytes += r.Size()
	}
	return len(records), nil
}

// PutWait takes all the records, and blocks while there is no room for them. It says how many it took; the error is that of ctx, or one
// of Put's others.
func (w *Writer) PutWait(ctx context.Context, records []record.Record) (taken int, err error) {
	for {
		room := w.nextRoom()
		n, err := w.Put(records[taken:])
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
