package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"weir/limits"
	"weir/record"
)

// ErrQueueFull is the error of [Writer.Put] where the queue's bound in bytes is reached.
var ErrQueueFull = errors.New("the writer's queue is full")

// errClosed is the error of a Put after Close, or after Run has returned.
var errClosed = errors.New("the writer is closed")

// PutClient is what a writer needs of a Kinesis client whose retries are off.
type PutClient interface {
	PutRecords(context.Context, *kinesis.PutRecordsInput, ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error)
}

// WriterConfig is what a writer is made with. Zero stands for the default of a field that has one.
type WriterConfig struct {
	Client PutClient
	Stream string
	// Shards are the stream's shards; closed ones are left out.
	Shards []record.Shard
	// List lists the shards anew, closed ones too, once an answer has named one that is none of them. Without it, such an answer
	// ends the feed.
	List  func(context.Context) ([]record.Shard, error)
	Clock record.Clock
	// Observer is told of everything. Default: nobody is.
	Observer WriteObserver
	// Resolver resolves unknown sends. Default: they end as Unresolved.
	Resolver Resolver
	// QueueBytes bounds what is taken and not final: data and partition keys. Default 64 MiB.
	QueueBytes int
	// InFlight bounds the calls at a time. Default 8.
	InFlight int
	// Linger is how long a record waits for others to fill its call. Default 5 ms, or where records are packed 100 ms; negative for none.
	Linger time.Duration
	// Strict has at most one Kinesis record of a shard in a call: of several, one may fail and a later one be stored, and then their order is lost.
	Strict bool
	// Attempts bounds how often a record is tried that the stream throttles, or refuses for a reason that passes: then it is Failed. Default: no bound.
	Attempts int
	// Pack has the records of a shard packed in KPL aggregates of up to [kpl.MaxSize].
	Pack bool
	// RequestTimeout bounds one call. Default 10 s.
	RequestTimeout time.Duration
}

const (
	defaultQueueBytes     = 64 << 20
	defaultInFlight       = 8
	defaultLinger         = 5 * time.Millisecond
	defaultPackLinger     = 100 * time.Millisecond // the KPL's RecordMaxBufferedTime
	defaultRequestTimeout = 10 * time.Second
)

// Writer puts records into a stream. At most one call that holds records of a shard is in flight, and what was not stored of it goes
// to the front of the shard's next one, so that disorder stays within one call.
//
// Each record taken ends in exactly one final outcome, of which the observer is told. It is Failed where its attempts are spent, and where the stream
// refuses it for good:
// the stream is gone, access is denied, an argument is wrong. The first such error is kept: Put returns it from then on, so that
// feeding ends, and Run in the end. What was taken before is still tried.
//
// A stream that is full (the embedded AWS at its memory bound) ends the feed as a full queue does, with [ErrQueueFull]; what was taken is
// Refused and tried again until the run ends.
//
// The writer learns of a reshard by an answer that names another shard than the call was for; a closed shard's answers need no error, for
// Kinesis routes each record by its hash key when it arrives. It then lists the shards, and moves what waits to the new ones.
// A new shard is sent nothing while a call is in flight, or not resolved, that holds records of an older shard with hash keys of
// its own, and what comes back of such a call goes in front: so the order along a key's hash holds over a reshard as it does in
// a shard. Put never waits for the list.
type Writer struct {
	config    WriterConfig
	callBytes int       // the most that a call holds
	requests  sync.Pool // of *request
	routes    sync.Pool // of *routes
	// shards are the lanes of the open shards in the order of their hash ranges. A reshard replaces them, under mu.
	shards atomic.Pointer[[]*lane]

	mu       sync.Mutex      // guards what follows, and the lanes
	known    map[string]bool // the shards that were ever listed
	spares   spares
	retired  []*lane  // of closed shards, a call of which is in flight or not resolved
	listing  *listing // the look at the shard map that goes on; nil while none does
	closed   bool
	err      error // what the stream refused for good, first
	full     error // that the stream has no memory left
	queued   int   // records taken and not final
	bytes    int   // of these
	position int64
	calls    int           // in flight
	room     chan struct{} // is closed when a waiting PutWait is to try again; nil while none waits
	wake     chan struct{} // holds one token while something has changed that Run does not know of
}

// NewWriter makes a writer that has taken nothing.
func NewWriter(c WriterConfig) *Writer {
	c.QueueBytes = orDefault(c.QueueBytes, defaultQueueBytes)
	c.InFlight = orDefault(c.InFlight, defaultInFlight)
	if c.Pack {
		c.Linger = orDefault(c.Linger, defaultPackLinger)
	}
	c.Linger = orDefault(c.Linger, defaultLinger)
	c.RequestTimeout = orDefault(c.RequestTimeout, defaultRequestTimeout)
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	if c.Resolver == nil {
		c.Resolver = nobody{}
	}
	w := &Writer{config: c, callBytes: limits.PutRecordsBytes, known: make(map[string]bool), wake: make(chan struct{}, 1)}
	w.requests.New, w.routes.New = func() any { return new(request) }, func() any { return new(routes) }
	if c.Pack {
		w.callBytes = packedBytes
	}
	for i := range c.Shards {
		w.known[c.Shards[i].ID] = true
	}
	lanes := w.newLanes(c.Shards)
	w.shards.Store(&lanes)
	return w
}

func orDefault[T int | time.Duration](value, fallback T) T {
	if value == 0 {
		return fallback
	}
	return value
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
	w.makeRoom()
	w.poke()
}

// Run sends what was taken until the writer is closed and every record is final. When ctx ends, it stops at once: records that are
// known not to be stored become Unsent, and those of which nothing is known Unresolved. Neither is an error; the error is what
// the stream refused for good. After Run, nothing more is taken.
func (w *Writer) Run(ctx context.Context) error {
	var calls sync.WaitGroup
	next := make(chan []part)
	for !w.done(ctx) {
		parts, wait := w.nextCall()
		if parts == nil {
			w.pause(ctx, wait)
			continue
		}
		select {
		case next <- parts:
		default: // all that carry calls are at one
			calls.Go(func() { w.carryAll(ctx, parts, next) })
		}
	}
	close(next)
	calls.Wait()
	w.Close()
	w.giveUp()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// done says that nothing is left to be sent, or that ctx ended.
func (w *Writer) done(ctx context.Context) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	// A stream that refuses for good takes nothing more; one that is full may yet.
	refused := w.err != nil && !errors.Is(w.err, ErrQueueFull)
	return ctx.Err() != nil || ((w.closed || refused) && w.queued == 0)
}

// pause waits until something has changed, ctx ends, or wait is over (0: never).
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

// giveUp ends every record that is still queued: it never left, or it is known not to be stored.
func (w *Writer) giveUp() {
	for _, l := range w.lanes() {
		left := w.drop(l)
		if len(left) == 0 {
			continue
		}
		w.config.Observer.Answered(l.shard.ID, left, w.config.Clock.Now())
		w.finish(&part{lane: l, sends: left})
	}
}

// drop takes every record out of a lane.
func (w *Writer) drop(l *lane) []record.Send {
	w.mu.Lock()
	defer w.mu.Unlock()
	waited := l.bytes
	left := l.first(l.len())
	l.called = inCall(left, waited)
	for i := range left {
		left[i].Outcome = record.Unsent
	}
	return left
}

// fail keeps what ends feeding. The caller holds the lock.
func (w *Writer) fail(err error) {
	switch {
	case errors.Is(err, ErrQueueFull):
		w.full = fmt.Errorf("stream %s: %w", w.config.Stream, err)
	case w.err == nil:
		w.err = fmt.Errorf("stream %s: %w", w.config.Stream, err)
	}
	w.makeRoom()
}

// makeRoom lets every PutWait try again. The caller holds the lock.
func (w *Writer) makeRoom() {
	if w.room != nil {
		close(w.room)
		w.room = nil
	}
}

// poke wakes Run. It never blocks: one token serves for all that happened before it is taken.
func (w *Writer) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
