package stream

import (
	"context"
	"errors"
	"time"

	"weir/record"
)

// WriteObserver is told what happens to each record on its way into a stream: for each call and shard, in the order of the shard's
// queue. Calls for one shard come one after the other; those for several shards come at once. Slices hold during the call only.
type WriteObserver interface {
	// Sending is told of the records of one shard that are about to leave in a call.
	Sending(shard string, sends []record.Send)
	// Answered is told at the time at what became of them: after the call, again after unknown ones were resolved, and of records
	// that end without a call.
	// The shard is the one that they were sent to; each that is stored names the one where it is (record.Send.Landed).
	Answered(shard string, sends []record.Send, at time.Duration)
	// Resharded is told of all shards of the stream, closed ones too, before anything that names a shard which is new among them.
	Resharded(shards []record.Shard)
}

// Resolver finds out what became of records whose call had no answer.
type Resolver interface {
	// Resolve sets the outcome of each send to Found, with its sequence number and the shard that has it, or to Absent. The records were
	// sent to one shard, and no other that was is in flight; they may be in a shard that came of it. It may block until all
	// these were read. Where it fails, the sends end as Unresolved.
	Resolve(ctx context.Context, shard string, sends []record.Send) error
}

// nobody observes nothing and resolves nothing.
type nobody struct{}

func (nobody) Sending(string, []record.Send) {}

func (nobody) Answered(string, []record.Send, time.Duration) {}

func (nobody) Resharded([]record.Shard) {}

func (nobody) Resolve(context.Context, string, []record.Send) error { return errors.ErrUnsupported }
