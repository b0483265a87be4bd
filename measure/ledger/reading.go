package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"weir/measure/backlog"
	"weir/measure/internal/signal"
	"weir/record"
)

// ReadingConfig is what a reading is made with.
type ReadingConfig struct {
	// Name is the consumer's, in errors.
	Name string
	// Progress says that the consumer reports what it has processed; see [Reading.Processed]. Of any other, a record leaves the backlog when it is read.
	Progress bool
	// Rewinds says that the consumer may go back, and read again what it had read. All that it reads is kept then, 24 bytes a record.
	Rewinds bool
	// Kinds has the kinds of what is in flight kept, for [Reading.JoinKinds].
	Kinds bool
	// Offence, if set, is told of every record that is lost, duplicated, reordered or phantom in this reading, once, as soon as that is sure. What it is
	// given holds during the call only, and it must not ask the ledger for anything.
	Offence func(*Offence)
}

// Reading is what one consumer has read of a stream, and what it has still to read and to process. It is safe for concurrent use; calls for different
// shards do not wait for each other.
type Reading struct {
	ledger *Ledger
	config ReadingConfig
	index  int // among the ledger's readings

	stream, engine backlog.Level
	// changed tells that nothing waits any more, in one of the levels.
	changed signal.Signal
	// unsure counts the shards of which it is not known where the consumer goes on.
	unsure atomic.Int64
	// strays counts those of all shards: while there are none, as nearly always, no record is held against them.
	strays atomic.Int64
	// mostBehind and recentBehind are the greatest distance of a page from the tip, in nanoseconds.
	mostBehind, recentBehind atomic.Int64
	// going guards the consumer's going back.
	going sync.Mutex
}

// Reading adds a consumer of the stream, before anything is sent or read.
func (l *Ledger) Reading(config ReadingConfig) *Reading {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &Reading{ledger: l, config: config, index: len(l.readings)}
	l.readings = append(l.readings, r)
	l.kinds = l.kinds || config.Kinds
	if len(l.shards) > 0 {
		r.misused(errors.New("it was made when the stream was in use already"))
	}
	for _, s := range l.shards {
		s.views = append(s.views, r.view(s))
	}
	return r
}

// view makes the reading's view of a shard.
func (r *Reading) view(s *shard) *view {
	v := &view{shard: s, reading: r, tip: record.NoDue, placed: record.NoDue, waiting: queue{store: r.ledger.store}}
	if r.config.Progress || r.config.Rewinds {
		v.taken = &taken{progress: r.config.Progress, rewinds: r.config.Rewinds, seed: r.ledger.seed}
	}
	return v
}

// misused ends the books, for the consumer does not do as it says.
func (r *Reading) misused(err error) {
	_ = r.ledger.failure.set(fmt.Errorf("the books of %s: %w", r.config.Name, err)) // which Watch and Close return
}

// Join sets the due time of each record of a page and books it as read; it says how many of them the reading has not seen before, and flush records are
// not among these. Pages of a shard come in the shard's order, and after all of those of the shards that it came of. Every page that is joined has to be
// delivered to the consumer, in that order.
func (r *Reading) Join(page *record.Page) (fresh int) { return r.JoinKinds(page, nil) }

// JoinKinds is Join, and sets kinds, of which there are none or one for each record, to the kinds of the records whose sends are known and that were not
// read before. See [ReadingConfig.Kinds].
func (r *Reading) JoinKinds(page *record.Page, kinds []string) (fresh int) {
	l := r.ledger
	if l.store.broken.Load() {
		return 0
	}
	if len(page.Children) > 0 {
		l.Resharded(page.Children)
	}
	s := l.shard(page.Shard)
	l.enter(s)
	defer l.leave(s)
	v := s.views[r.index]
	read := v.read
	v.join(page, kinds)
	v.tally()
	return int(v.read - read)
}

// Processed takes the places of records of one shard that the consumer is done with at a time. A place is a record's ordinal among all records of the
// shard that were joined since the reading began, or since the consumer went back last, flush records included. They come in any order, each once.
func (r *Reading) Processed(shardID string, places []int64, at time.Duration) {
	l := r.ledger
	if l.store.broken.Load() || len(places) == 0 {
		return
	}
	if !r.config.Progress {
		r.misused(fmt.Errorf("it reports progress of shard %s, and was made without", shardID))
		return
	}
	s := l.shard(shardID)
	l.enter(s)
	defer l.leave(s)
	v := s.views[r.index]
	oldest, err := v.taken.process(places)
	if err != nil {
		r.misused(fmt.Errorf("shard %s: %w", shardID, err))
	}
	if oldest != record.NoDue {
		r.engine.Aged(at - oldest)
	}
	v.tally()
}

// Placed reports whether it is known where the consumer goes on in each shard: after [Reading.Lose], its next records have to show it.
func (r *Reading) Placed() bool { return r.unsure.Load() == 0 }

// Settled says whether every record known to be stored was read or is lost, and nothing is to be read again.
func (r *Reading) Settled() bool {
	r.going.Lock()
	defer r.going.Unlock()
	return r.unsure.Load() == 0 && r.stream.Records() == 0
}

// Wait waits until the reading is settled.
func (r *Reading) Wait(ctx context.Context) error { return r.wait(ctx, r.Settled) }

// Done says whether the reading is settled, and the consumer has processed all that it has read.
func (r *Reading) Done() bool {
	r.going.Lock()
	defer r.going.Unlock()
	// In this order: what moves from one level to the other is counted in the second before it leaves the first.
	return r.unsure.Load() == 0 && r.stream.Records() == 0 && r.engine.Records() == 0
}

// WaitDone waits until the reading is done.
func (r *Reading) WaitDone(ctx context.Context) error { return r.wait(ctx, r.Done) }

func (r *Reading) wait(ctx context.Context, over func() bool) error {
	for {
		changed := r.changed.Next()
		if over() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
