package aggregator

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"weir/aggregator/window"
	"weir/record"
)

// input is one shard that is read.
type input struct {
	shard   record.Shard
	subtask int
	// queue is the source subtask's.
	queue chan<- delivery
	// readAhead is the source subtask's, too.
	readAhead *readAhead
	// processed is closed when the source subtask has processed the shard's last page, and assigned once it knows of the shard.
	processed, assigned chan struct{}

	// watermark and next, the watermark of the next step, belong to the source subtask; index is the shard's
	// place in that subtask's minimum.
	watermark, next int64
	index           int
	// idle says that the shard holds nothing back; held that its watermark goes out with the next tick, which due and flush are the trigger of.
	idle, held, flush bool
	due               time.Duration

	// given counts the records that the source subtask was given of the shard.
	given int64

	// What a checkpoint notes, the source subtask's too: where the reading began, the sequence number of the last Kinesis record that was processed,
	// whether the shard was read to its end, where it was told of children, and whether it holds no watermark back any more.
	from        record.Position
	last        string
	ended, done bool
	children    []record.Shard

	// What Status shows, brought up to date once a page: records counts those that are not flush records.
	seen, records atomic.Int64
	progress
}

func newInput(shard record.Shard, subtask int) *input {
	in := &input{
		shard: shard, subtask: subtask, watermark: window.Unset, next: window.Unset,
		processed: make(chan struct{}), assigned: make(chan struct{}),
	}
	in.seen.Store(window.Unset)
	return in
}

// delivery is what is put into a source subtask's queue: a page, a shard that it is to read from now on, one that holds the watermark back no more, or
// one that is idle.
type delivery struct {
	page              record.Page
	born, over, quiet *input
	// room is set where the page holds room in the source subtask's read-ahead until it is processed.
	room bool
}

// read reads the shard into the queue until ctx ends or the shard does. It gives the shards that came of it.
func (in *input) read(ctx context.Context, source Source, r *reading) (children []record.Shard, err error) {
	defer r.end()
	to := &receiver{reading: r}
	err = to.receive(ctx, func(ctx context.Context) error { return source.Read(ctx, in.shard, in.start(), to) })
	switch {
	case err != nil:
		return nil, fmt.Errorf("shard %s: %w", in.shard.ID, err)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !to.ended:
		return nil, fmt.Errorf("shard %s: the reading ended before the shard did", in.shard.ID)
	}
	return to.children, nil
}

// start is where the shard is to be read from.
func (in *input) start() record.Position {
	if in.last == "" {
		return in.from
	}
	return record.Position{Kind: record.AfterSequence, Sequence: in.last}
}

// passed notes that a page was processed. The strings of a page share its memory, of which the input is to keep nothing. The records of a KPL aggregate,
// which come in one page, have its number with their places behind a slash.
func (in *input) passed(page *record.Page) {
	if n := len(page.Records); n > 0 {
		in.last = strings.Clone(number(page.Records[n-1].Sequence))
	}
	if page.End {
		in.ended, in.children = true, page.Children
	}
}

// number is the sequence number of the Kinesis record that a record came in.
func number(sequence string) string {
	number, _, _ := strings.Cut(sequence, "/")
	return number
}

func (in *input) deliver(ctx context.Context, d delivery) error {
	select {
	case in.queue <- d:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait waits for a step of the source subtask.
func wait(ctx context.Context, step <-chan struct{}) error {
	select {
	case <-step:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
