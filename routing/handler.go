// Package routing takes the aggregator's rows to their handlers: at once in the pipeline direct ([Direct]), or through an output
// stream ([Forward]) and an event source mapping a route ([Mapping]) in the pipeline routed.
package routing

import (
	"context"

	"weir/record"
)

// Handler takes rows to where they belong, as a table does.
type Handler interface {
	// Handle returns when all rows are stored. It may be called again with rows that it had before, and several calls may be
	// under way at once. It may keep the rows.
	Handle(ctx context.Context, rows []record.Row) error
}

// HandlerFunc is a function as a [Handler].
type HandlerFunc func(ctx context.Context, rows []record.Row) error

// Handle calls f.
func (f HandlerFunc) Handle(ctx context.Context, rows []record.Row) error { return f(ctx, rows) }
