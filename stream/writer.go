// Package stream is both ends of a Kinesis stream: a [Writer] that knows what became of each record, and a [Reader] that passes
// over none. The SDK's own retries are off: weir makes its own, in order, and counts each.
package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"weir/record"
)

// ErrQueueFull is the error of [Writer.Put] where the queue's bound in bytes is reached.
var ErrQueueFull = errors.New("the writer's queue is full")

// PutClient is what a writer needs of a Kinesis client whose retries are off.
type PutClient interface {
	PutRecords(context.Context, *kinesis.PutRecordsInput, ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error)
}

// WriterConfig is what a writer is made with. Zero values stand for the defaults.
type WriterConfig struct {
	Client PutClient
	Stream string
	// Shards are the stream's open shards.
	Shards   []record.Shard
	Clock    record.Clock
	Observer WriteObserver
	Resolver Resolver
	// QueueBytes bounds what is taken and not final: data and partition keys. Default 64 MiB.
	QueueBytes int
	// InFlight bounds the calls at a time. Default 8.
	InFlight int
	// Linger is how long a record waits for others to fill its call. Default 5 ms.
	Linger time.Duration
	// RequestTimeout bounds one call. Default 10 s.
	RequestTimeout time.Duration
}

// Writer puts records into a stream. At most one call that holds records of a shard is in flight, and what failed of it goes to the
// front of the shard's next one, so that disorder stays within one call.
//
// Each record taken ends in exactly one final outcome, of which the observer is told.
type Writer struct {
	config WriterConfig
	lanes  []*lane // in the order of their hash ranges

	mu       sync.Mutex
	closed   bool
	err      error // what the stream refuses for good
	queued   int   // records taken and not final
	bytes    int   // of these
	position int64
	calls    int // in flight
	room     chan struct{}
	wake     chan struct{}
}

// NewWriter makes a writer that has taken nothing.
func NewWriter(c WriterConfig) *Writer {
	c.QueueBytes = orDefault(c.QueueBytes, 64<<20)
	c.InFlight = orDefault(c.InFlight, 8)
	c.Linger = orDefault(c.Linger, 5*time.Millisecond)
	c.RequestTimeout = orDefault(c.RequestTimeout, 10*time.Second)
	return &Writer{config: c, lanes: newLanes(c.Shards), room: make(chan struct{}), wake: make(chan struct{}, 1)}
}

func orDefault[T int | time.Duration](value, fallback T) T {
	if value == 0 {
		return fallback
	}
	return value
}

// Put takes records into the queue without blocking, and says how many it took: the first ones of them. The error is [ErrQueueFull]
// where there was no room for the rest, or what the stream refuses for good.
func (w *Writer) Put(records []record.Record) (taken int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, fmt.Errorf("stream %s: the writer is closed", w.config.Stream)
	}
	now := w.config.Clock.Now()
	for i := range records {
		r := &records[i]
		if w.err != nil {
			return i, w.err
		}
		if w.bytes+r.Size() > w.config.QueueBytes {
			w.poke()
			return i, ErrQueueFull
		}
		lane, err := laneOf(w.lanes, r)
		if err != nil {
			return i, fmt.Errorf("stream %s: %w", w.config.Stream, err)
		}
		lane.take(record.Send{Record: *r, Position: w.position}, now)
		w.position++
		w.queued++
		w.bytes += r.Size()
	}
	w.poke()
	return len(records), nil
}

// PutWait takes all the records, and blocks while there is no room for them. It says how many it took.
func (w *Writer) PutWait(ctx context.Context, records []record.Record) (taken int, err error) {
	for {
		room := w.nextRoom()
		n, err := w.Put(records[taken:])
		taken += n
		if !errors.Is(err, ErrQueueFull) {
			return taken, err
		}
		select {
		case <-room:
		case <-ctx.Done():
			return taken, ctx.Err()
		}
	}
}

// Queued is what was taken and is not final.
func (w *Writer) Queued() (records, bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queued, w.bytes
}

// Close says that no more records come.
func (w *Writer) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.poke()
}

// Run sends what was taken until the writer is closed and every record is final. When ctx ends, records that are known not to be
// stored become Unsent, and those of which nothing is known Unresolved: that is no error. The error is what the stream refused
// for good.
func (w *Writer) Run(ctx context.Context) error {
	var calls sync.WaitGroup
	defer calls.Wait()
	for {
		parts, wait := w.nextCall(ctx)
		if parts != nil {
			calls.Go(func() { w.carry(ctx, parts) })
			continue
		}
		if w.done(ctx) {
			break
		}
		w.pause(ctx, wait)
	}
	calls.Wait()
	w.giveUp()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// done says that nothing is left to be sent, or that ctx ended.
func (w *Writer) done(ctx context.Context) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return ctx.Err() != nil || (w.closed && w.queued == 0)
}

// pause waits until something has changed, ctx ends, or wait is over.
func (w *Writer) pause(ctx context.Context, wait time.Duration) {
	var timeout <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-w.wake:
	case <-timeout:
	case <-ctx.Done():
	}
}

// giveUp ends every record that is still queued.
func (w *Writer) giveUp() {
	for _, lane := range w.lanes {
		w.mu.Lock()
		left := lane.all()
		w.mu.Unlock()
		for i := range left {
			left[i].Outcome = record.Unsent
		}
		w.finish(lane, left)
	}
}

// poke wakes Run. It never blocks: one wake serves for all that happened before it is taken.
func (w *Writer) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *Writer) nextRoom() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.room
}
