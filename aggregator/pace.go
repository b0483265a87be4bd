package aggregator

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"weir/aggregator/window"
	"weir/record"
)

// pace says how the shards are read beside each other: which are at the tip of the stream, which are idle, and which have to wait for others.
type pace struct {
	drift, idleTimeout time.Duration // 0 for none
	clock              record.Clock

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when a shard has come on
}

func newPace(a *Aggregator) *pace {
	return &pace{drift: a.config.Watermark.MaxDrift, idleTimeout: a.config.Watermark.IdleTimeout, clock: a.config.Clock, changed: make(chan struct{})}
}

// where is how a shard is read.
type where = int32

const (
	notRead where = iota // yet, or any more
	behind
	atTip
)

// pieceRecords is how many records of a shard are handed over before it is looked how far ahead they are.
const pieceRecords = 500

// reading is one shard's reading.
type reading struct {
	*pace
	in     *input
	others func() []*input
	// quietSince is when the last records came.
	quietSince time.Duration
	idle       bool
	given      int64 // deliveries of pages
	// holds is set while there is room for the page that comes, or that is handed over: see [readAhead].
	holds bool
}

func (p *pace) read(in *input, others func() []*input) *reading {
	in.where.Store(behind)
	return &reading{pace: p, in: in, others: others, quietSince: p.clock.Now()}
}

// end ends the reading.
func (r *reading) end() {
	r.in.where.Store(notRead)
	r.move()
}

// take hands a page over, or what it says without records.
func (r *reading) take(ctx context.Context, page record.Page) error {
	if len(page.Records) > 0 {
		r.quietSince, r.idle = r.clock.Now(), false
	} else {
		r.leave()
	}
	if err := r.give(ctx, page); err != nil {
		return err
	}
	r.place(page.Behind == 0 && !page.End)
	if r.idleTimeout == 0 || r.idle || page.Behind > 0 || page.End || r.clock.Now()-r.quietSince < r.idleTimeout {
		return nil
	}
	r.idle = true
	return r.in.deliver(ctx, delivery{quiet: r.in})
}

// place notes whether the shard was read to the tip.
func (r *reading) place(tip bool) {
	is := where(behind)
	if tip {
		is = atTip
	}
	if r.in.where.Swap(is) != is {
		r.move()
	}
}

// give hands a page's records over, in pieces if others may have to be waited for.
func (r *reading) give(ctx context.Context, page record.Page) error {
	if len(page.Records) == 0 && !page.End {
		return nil
	}
	if r.drift == 0 {
		return r.handOver(ctx, page, true)
	}
	if page.Behind > 0 || len(page.Records) > pieceRecords {
		r.place(false)
	}
	for {
		piece, rest := cut(&page)
		if err := r.wait(ctx); err != nil {
			return err
		}
		if len(piece.Records) > 0 {
			if err := r.hold(ctx); err != nil {
				return err
			}
		}
		r.given++
		if err := r.handOver(ctx, piece, rest == nil); err != nil || rest == nil {
			return err
		}
		page = *rest
	}
}

// cut parts a page behind its first records, and not within a KPL aggregate, whose records a checkpoint takes as one. What a page says of its end goes with
// the last part.
func cut(page *record.Page) (piece record.Page, rest *record.Page) {
	at := pieceRecords
	for 0 < at && at < len(page.Records) && number(page.Records[at-1].Sequence) == number(page.Records[at].Sequence) {
		at++
	}
	if len(page.Records) <= at {
		return *page, nil
	}
	last := *page
	last.Records = page.Records[at:]
	piece = *page
	piece.Records, piece.End, piece.Children = page.Records[:at], false, nil
	return piece, &last
}

// wait waits until all that was handed over is processed, and the shard is not too far ahead. Where it is, it holds no room meanwhile.
func (r *reading) wait(ctx context.Context) error {
	for {
		changed := r.next()
		if r.in.processedPages.Load() == r.given {
			if !r.ahead() {
				return nil
			}
			r.leave()
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ahead says that the shard is further than the drift ahead of one that is behind.
func (r *reading) ahead() bool {
	seen, least := r.in.seen.Load(), int64(math.MaxInt64)
	if seen == window.Unset {
		return false
	}
	for _, other := range r.others() {
		if other.where.Load() == behind {
			least = min(least, other.seen.Load())
		}
	}
	return least == window.Unset || least < math.MaxInt64 && seen-least > r.drift.Milliseconds()
}

// move tells all who wait that a shard has come on.
func (p *pace) move() {
	if p.drift == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *pace) next() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

// progress is what others may know of a shard's reading.
type progress struct {
	where          atomic.Int32
	processedPages atomic.Int64
}
