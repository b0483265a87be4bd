package routing

import (
	"slices"
	"time"
)

// Policy is what a mapping does about failures, by the names of Lambda's CreateEventSourceMapping. The zero value is Lambda's default: a batch is tried
// until it succeeds, and its shard waits (AWS Lambda developer guide, "Retain discarded batch records for a Kinesis Data Streams event source").
type Policy struct {
	// MaximumRetryAttempts bounds how often a batch is tried again; nil is without end. An invocation that could not be made does not count, nor does
	// a split.
	MaximumRetryAttempts *int
	// MaximumRecordAge is how long after its arrival an item may be invoked with; 0 is without end.
	MaximumRecordAge time.Duration
	// BisectBatchOnFunctionError splits a batch that fails in two, and tries each.
	BisectBatchOnFunctionError bool
	// ReportBatchItemFailures has the mapping heed what an answer refuses.
	ReportBatchItemFailures bool
}

// work is a batch, or what is left of one.
type work struct {
	items []Item
	// retries are the attempts that count, and invoked is all of them.
	retries, invoked int
}

// next is what follows from an invocation.
type next struct {
	// done are the items that need no other.
	done []Item
	// again are invoked with next, in this order.
	again []work
	// discarded are given up.
	discarded *work
	// failure is nil where all is done.
	failure *Failure
}

// after decides, once w was invoked, and the function refused some of its items or failed.
//
// A refused item is the checkpoint: those before it are done, and it and all after it are tried again, whether they had succeeded or not. Of several
// the first one counts. One that the batch does not have fails all of it ("Configuring partial batch response with Kinesis Data Streams and Lambda").
func (p *Policy) after(w work, refused []string, failure *Failure) next {
	w.invoked++
	switch {
	case failure != nil:
	case !p.ReportBatchItemFailures || len(refused) == 0:
		return next{done: w.items}
	default:
		var first int
		if first, failure = checkpoint(w.items, refused); first > 0 {
			rest := work{items: w.items[first:], retries: w.retries, invoked: w.invoked}
			n := p.failed(rest, failure, !p.BisectBatchOnFunctionError)
			n.done = w.items[:first]
			return n
		}
	}
	return p.failed(w, failure, true)
}

// failed decides about items that failed. Where they are what a split left, it costs no attempt: the batch was divided at the first that failed.
func (p *Policy) failed(w work, failure *Failure, counts bool) next {
	n := next{failure: failure}
	switch {
	case failure.Kind == Unavailable || !counts:
		n.again = []work{w}
	case p.BisectBatchOnFunctionError && len(w.items) > 1:
		half := len(w.items) / 2
		n.again = []work{{w.items[:half], w.retries, w.invoked}, {w.items[half:], w.retries, w.invoked}}
	case p.MaximumRetryAttempts != nil && w.retries >= *p.MaximumRetryAttempts:
		n.discarded = &w
	default:
		w.retries++
		n.again = []work{w}
	}
	return n
}

// checkpoint is the first item that is refused, and the failure that this is: of the function, or of its answer.
func checkpoint(items []Item, refused []string) (first int, failure *Failure) {
	first = len(items)
	for _, sequence := range refused {
		i := slices.IndexFunc(items, func(item Item) bool { return item.Sequence == sequence })
		if i < 0 {
			return 0, failedf(Garbage, "the answer refuses item %.100q, which the batch has not", sequence)
		}
		first = min(first, i)
	}
	return first, failedf(Errored, "%d items are refused, the first of them %s", len(refused), items[first].Sequence)
}

// expired are the items in front of w that are too old, and what is left. A shard's items are in the order of their arrival, so that none behind is older.
func (p *Policy) expired(w work, now time.Time) (old *work, left work) {
	if p.MaximumRecordAge <= 0 {
		return nil, w
	}
	oldest := now.Add(-p.MaximumRecordAge).UnixMilli()
	n := slices.IndexFunc(w.items, func(item Item) bool { return item.Arrived >= oldest })
	switch n {
	case 0:
		return nil, w
	case -1:
		n = len(w.items)
	}
	left = w
	left.items = w.items[n:]
	return &work{items: w.items[:n], retries: w.retries, invoked: w.invoked}, left
}
