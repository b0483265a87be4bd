package aggregator

import (
	"context"
	"fmt"
	"sync/atomic"

	"weir/record"
)

// input is one shard that is read.
type input struct {
	shard   record.Shard
	subtask int
	// parents are read to their end before this shard is started, so that the order of a key is kept over a reshard.
	parents     []*input
	hasChildren bool
	// queue is the source subtask's.
	queue chan<- record.Page
	// ended is closed when the source subtask has processed the shard's last page.
	ended chan struct{}

	// watermark and next, the least watermark that closes another window, belong to the source subtask; index is the shard's
	// place in that subtask's minimum.
	watermark, next int64
	index           int

	// What Status shows, brought up to date once a page: records counts those that are not flush records.
	seen, records atomic.Int64
}

// read reads the shard into the queue until ctx ends or the shard does.
func (in *input) read(ctx context.Context, source Source, from record.Position) error {
	for _, parent := range in.parents {
		select {
		case <-parent.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	ended := false
	err := source.Read(ctx, in.shard, from, func(ctx context.Context, page record.Page) error {
		if len(page.Records) == 0 && !page.End {
			return nil
		}
		select {
		case in.queue <- page:
			ended = page.End
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	switch {
	case err != nil:
		return fmt.Errorf("shard %s: %w", in.shard.ID, err)
	case ctx.Err() != nil:
		return ctx.Err()
	case !ended:
		return fmt.Errorf("shard %s: the reading ended before the shard did", in.shard.ID)
	case !in.hasChildren:
		return fmt.Errorf("shard %s was closed while it was read: the shards of a reshard during a run are not followed", in.shard.ID)
	}
	return nil
}
