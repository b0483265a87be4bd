package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"weir/record"
)

const (
	// followFor bounds how long a writer looks for a shard that an answer named, and the list does not.
	followFor = 30 * time.Second
	// The list is looked at again after minListPause to twice that, which doubles up to maxListPause: far within AWS's 1,000
	// calls of ListShards a second and stream (Kinesis API reference, ListShards).
	minListPause = 100 * time.Millisecond
	maxListPause = 2 * time.Second
)

// listing is a look at the shard map that several calls wait for.
type listing struct {
	done chan struct{}
	err  error
}

// lanes are those of the open shards, in the order of their hash ranges.
func (w *Writer) lanes() []*lane { return *w.shards.Load() }

// held says that a lane has to wait for a call of a shard that was closed. The caller holds the lock.
func (w *Writer) held(l *lane) bool {
	return slices.ContainsFunc(w.retired, func(old *lane) bool { return old.shard.Overlaps(&l.shard) })
}

// follow brings the shard map up to date if records of a call landed in a shard that it does not have. The call's lanes stay busy
// meanwhile, and no other waits: the call does not count among those in flight any more.
func (w *Writer) follow(ctx context.Context, parts []part) error {
	for ctx.Err() == nil {
		id, from := w.stranger(parts)
		if id == "" {
			return nil
		}
		if w.config.List == nil {
			return fmt.Errorf("shard %s: a record of it went to %s: the stream was resharded", from, id)
		}
		if err := w.relist(ctx, id); err != nil && ctx.Err() == nil {
			return fmt.Errorf("shard %s: a record of it went to %s: %w", from, id, err)
		}
	}
	return nil
}

// stranger finds a shard that the records of a call landed in and the map does not have, and the one that they were sent to.
func (w *Writer) stranger(parts []part) (id, from string) {
	for _, p := range parts {
		from = p.lane.shard.ID
		for i := range p.sends {
			if to := p.sends[i].Landed(from); to != from && !w.knows(to) {
				return to, from
			}
		}
	}
	return "", ""
}

// knows says whether a shard is one of those that were listed, be it closed by now.
func (w *Writer) knows(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.known[id]
}

// relist makes a look at the shard map that finds a shard, or waits for the one that another call makes.
func (w *Writer) relist(ctx context.Context, id string) error {
	w.mu.Lock()
	look, mine := w.listing, w.listing == nil
	if mine {
		look = &listing{done: make(chan struct{})}
		w.listing = look
	}
	w.mu.Unlock()
	if !mine {
		select {
		case <-look.done:
			return look.err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	look.err = w.look(ctx, id)
	w.mu.Lock()
	w.listing = nil
	w.mu.Unlock()
	close(look.done)
	return look.err
}

// look lists the shards until one is among them and the open ones have each hash key once, and takes them over. A list may be a little
// behind what an answer says.
func (w *Writer) look(ctx context.Context, id string) error {
	begun := w.config.Clock.Now()
	for try := 0; ; try++ {
		shards, err := w.config.List(ctx)
		if err != nil {
			return err
		}
		lanes := w.newLanes(shards)
		switch {
		case !slices.ContainsFunc(shards, func(s record.Shard) bool { return s.ID == id }):
			err = errors.New("the stream does not list that shard")
		case !record.Tile(shardsOf(lanes)):
			err = errors.New("the open shards that the stream lists do not have each hash key once")
		default:
			w.config.Observer.Resharded(shards)
			w.remap(shards, lanes)
			return nil
		}
		if w.config.Clock.Now()-begun > followFor {
			return err
		}
		if err := sleep(ctx, jitter(grown(minListPause, maxListPause/2, try))); err != nil {
			return err
		}
	}
}

func shardsOf(lanes []*lane) []record.Shard {
	shards := make([]record.Shard, len(lanes))
	for i, l := range lanes {
		shards[i] = l.shard
	}
	return shards
}

// remap takes over a new shard map. The lanes of shards that are still open stay; what waits in the others moves.
func (w *Writer) remap(shards []record.Shard, lanes []*lane) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range shards {
		w.known[shards[i].ID] = true
	}
	old := make(map[string]*lane)
	for _, l := range w.lanes() {
		old[l.shard.ID] = l
	}
	for i, l := range lanes {
		if stays := old[l.shard.ID]; stays != nil {
			lanes[i] = stays
			delete(old, l.shard.ID)
		}
	}
	w.shards.Store(&lanes)
	var moved []waiting
	for _, l := range old {
		l.retired = true
		if l.busy {
			w.retired = append(w.retired, l)
		}
		moved = append(moved, l.empty()...)
		w.inherit(l)
	}
	w.place(moved)
	w.poke()
}

// inherit lets the new lanes wait for as long as a closed shard would have: it was throttled for a reason. The caller holds the lock.
func (w *Writer) inherit(l *lane) {
	for _, heir := range w.lanes() {
		if heir.shard.Overlaps(&l.shard) {
			heir.notBefore = max(heir.notBefore, l.notBefore)
		}
	}
}

// handOver ends the lane of a closed shard, whose call has ended: what is left of it goes to the lanes of today. The caller holds the lock.
func (w *Writer) handOver(l *lane, sends []record.Send) {
	w.retired = slices.DeleteFunc(w.retired, func(old *lane) bool { return old == l })
	w.inherit(l)
	left := make([]waiting, len(sends))
	for i := range sends {
		left[i] = waitingAgain(&sends[i])
	}
	w.place(left)
}

// place puts records into the lanes of today, each in its place by position. The caller holds the lock.
func (w *Writer) place(moved []waiting) {
	to := make(map[*lane][]waiting)
	for _, m := range moved {
		hash, _ := hashOf(&m.Record)  // it was routed by it before
		l := holding(w.lanes(), hash) // the lanes have each hash key
		to[l] = append(to[l], m)
	}
	for l, arrived := range to {
		l.insert(arrived)
	}
}

// insert puts records among those that wait, each in its place by position.
func (l *lane) insert(arrived []waiting) {
	byPosition := func(a, b waiting) int { return cmp.Compare(a.position, b.position) }
	last := slices.MaxFunc(arrived, byPosition).position
	for i := range arrived {
		l.bytes += arrived[i].Size()
	}
	n := 0
	for n < l.len() && l.queue.At(n).position < last {
		arrived = append(arrived, *l.queue.At(n))
		n++
	}
	l.queue.Drop(n)
	slices.SortFunc(arrived, byPosition)
	l.queue.PushFront(arrived...)
	l.dues.reorder(&l.queue)
}
