// Package routing takes the aggregator's rows to the functions that handle them: at once in the pipeline direct ([Direct]), or through an output
// stream ([Forward]) and an event source mapping a route ([Mapping]) in the pipeline routed. A function is built in ([Builtin]), or a user's own behind
// Lambda's runtime invoke ([Remote]).
package routing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"weir/record"
)

// Table stores rows.
type Table interface {
	// Handle returns when all rows are stored. It may be called again with rows that it had before, and several calls may be
	// under way at once. It may keep the rows.
	Handle(ctx context.Context, rows []record.Row) error
}

// Function is what rows are handed to.
type Function interface {
	// Invoke returns when the function has answered. It may be called again with items that it had before, and several calls may be under way at
	// once. The error is a [*Failure], or that of ctx when it has ended, or says that there is no use in another invocation.
	Invoke(ctx context.Context, batch *Batch) (Answer, error)
}

// Batch is what one invocation is given. In the pipeline direct its items are rows alone.
type Batch struct {
	// Shard is where the items come from. All come from one.
	Shard string
	Items []Item
	// Attempt counts the invocations that these items were in before.
	Attempt int
}

// Item is a record of the output stream, and the row that it holds.
type Item struct {
	record.Stored
	Row record.Row
	// Foreign says that the record holds no row.
	Foreign bool

	passed bool      // over: no function is invoked with it
	came   time.Time // when it was read
	place  uint64    // in the shard's progress
	size   int       // in an invocation's payload
}

// read reads the row that the record holds.
func (i *Item) read() { i.Foreign = json.Unmarshal(i.Data, &i.Row) != nil }

// rows are those of the items that hold one.
func rows(items []Item) []record.Row {
	rows := make([]record.Row, 0, len(items))
	for i := range items {
		if !items[i].Foreign {
			rows = append(rows, items[i].Row)
		}
	}
	return rows
}

func rowIDs(items []Item) []record.RowID {
	ids := make([]record.RowID, 0, len(items))
	for i := range items {
		if !items[i].Foreign {
			ids = append(ids, items[i].Row.RowID)
		}
	}
	return ids
}

// Answer is what a function says of a batch that it did not fail.
type Answer struct {
	// Refused are the sequence numbers of items that it says to have failed. A mapping heeds them where it has [Policy.ReportBatchItemFailures].
	Refused []string
}

// FailureKind is how an invocation failed.
type FailureKind int

// The kinds of failure.
const (
	// Errored is a function that said so.
	Errored FailureKind = iota
	// TimedOut is one that had not answered when its time was over.
	TimedOut
	// Garbage is an answer that is none.
	Garbage
	// TooLarge is an item that no invocation can be given.
	TooLarge
	// Unavailable is a function that could not be invoked: Lambda does not count that as an attempt.
	Unavailable

	failureKinds
)

// String is the kind as a result has it.
func (k FailureKind) String() string {
	return [...]string{"error", "timeout", "garbage", "too_large", "unavailable"}[k]
}

// Failure is an invocation that failed, so that another may not.
type Failure struct {
	Kind FailureKind
	Err  error
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %v", f.Kind, f.Err) }

// Unwrap is what the function or its endpoint said.
func (f *Failure) Unwrap() error { return f.Err }

// asFailure is err as a failure; nil where it is none.
func asFailure(err error) *Failure {
	failure, _ := errors.AsType[*Failure](err)
	return failure
}

func failedf(kind FailureKind, format string, args ...any) *Failure {
	return &Failure{Kind: kind, Err: fmt.Errorf(format, args...)}
}
