package stream

import (
	"context"
	"time"

	"weir/record"
)

// WriteObserver is told what happens to each record on its way into a stream: per shard, one call at a time, in order. The slices
// hold during the call only.
type WriteObserver interface {
	// Sending is told of the records of one shard that are about to leave in a call.
	Sending(shard string, sends []record.Send)
	// Answered is told what became of them, and of records that end without a call.
	Answered(shard string, sends []record.Send, at time.Duration)
}

// Resolver finds out what became of records whose call had no answer.
type Resolver interface {
	// Resolve sets the outcome of each send to Found, with its sequence number, or to Absent. The records are of one shard,
	// none of whose others is in flight. It may wait for reads; an error leaves the outcomes as they are.
	Resolve(ctx context.Context, shard string, sends []record.Send) error
}
