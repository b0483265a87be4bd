package aggregator

import (
	"context"
	"fmt"
	"sync/atomic"

	"weir/aggregator/window"
	"weir/record"
)

// input is one shard that is read.
type input struct {
	shard   record.Shard
	subtask int
	// queue is the source subtask's.
	queue chan<- delivery
	// processed is closed when the source subtask has processed the shard's last page, and assigned once it knows of the shard.
	processed, assigned chan struct{}

	// watermark and next, the watermark of the next step, belong to the source subtask; index is the shard's
	// place in that subtask's minimum.
	watermark, next int64
	index           int

	// What Status shows, brought up to date once a page: records counts those that are not flush records.
	seen, records atomic.Int64
}

func newInput(shard record.Shard, subtask int) *input {
	in := &input{
		shard: shard, subtask: subtask, watermark: window.Unset, next: window.Unset,
		processed: make(chan struct{}), assigned: make(chan struct{}),
	}
	in.seen.Store(window.Unset)
	return in
}

// delivery is what is put into a source subtask's queue: a page, a shard that it is to read from now on, or one that holds the watermark back no more.
type delivery struct {
	page       record.Page
	born, over *input
}

// read reads the shard into the queue until ctx ends or the shard does. It gives the shards that came of it.
func (in *input) read(ctx context.Context, source Source, from record.Position) (children []record.Shard, err error) {
	ended := false
	err = source.Read(ctx, in.shard, from, func(ctx context.Context, page record.Page) error {
		if len(page.Records) == 0 && !page.End {
			return nil
		}
		ended, children = page.End, page.Children
		return in.deliver(ctx, delivery{page: page})
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("shard %s: %w", in.shard.ID, err)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !ended:
		return nil, fmt.Errorf("shard %s: the reading ended before the shard did", in.shard.ID)
	}
	return children, nil
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
